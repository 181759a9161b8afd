import { join } from 'node:path';
import { failedAnswer } from '../answer.ts';
import type { EvaluationAnswer, EvaluationContext, EvaluationRequest } from '../contract.ts';
import { inClaimedFolder } from './claim.ts';
import { troubleOf } from './failures.ts';
import { EvaluationFolder } from './folder.ts';

/**
 * Evaluates in the folder of the request's key below `home`, which nobody else has meanwhile. Rejects with the signal's
 * reason when it is aborted; any other trouble is a failed answer.
 */
export async function evaluateByKey(
  home: string,
  request: EvaluationRequest,
  { signal }: EvaluationContext,
  evaluateIn: (folder: EvaluationFolder) => Promise<EvaluationAnswer>,
): Promise<EvaluationAnswer> {
  signal.throwIfAborted();
  const folder = new EvaluationFolder(join(home, request.key));
  try {
    return await inClaimedFolder(folder.path, signal, () => evaluateIn(folder));
  } catch (error) {
    signal.throwIfAborted();
    return failedAnswer(request, troubleOf(error));
  }
}
