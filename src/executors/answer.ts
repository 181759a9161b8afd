import { CONTRACT_VERSION, evaluationAnswerSchema } from './contract.ts';
import type { Cost, EvaluationAnswer, EvaluationRequest, Failure, Software } from './contract.ts';

/** The answer to a request that could not be evaluated. */
export function failedAnswer(
  { key }: Pick<EvaluationRequest, 'key'>,
  failure: Failure,
  {
    cost = null,
    software = [],
  }: { readonly cost?: Cost | null; readonly software?: readonly Software[] } = {},
): EvaluationAnswer {
  return {
    contractVersion: CONTRACT_VERSION,
    key,
    status: 'failed',
    failure,
    artefacts: [],
    cost,
    software,
  };
}

/**
 * Checks what an executor answered, whatever it is.
 * @returns the answer with every field, or a sentence saying what breaks the contract and what to do
 */
export function readAnswer(
  given: unknown,
  { key }: Pick<EvaluationRequest, 'key'>,
): EvaluationAnswer | string {
  const { contractVersion, key: answered } = fieldsOf(given);
  if (contractVersion !== CONTRACT_VERSION) return otherVersion('the answer', contractVersion);
  if (answered !== key) {
    return `the answer is for key '${String(answered)}', but '${key}' was asked; repeat the request's key`;
  }
  const parsed = evaluationAnswerSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = issue?.path.join('.');
  return `the answer breaks the contract${path ? ` at ${path}` : ''}: ${issue?.message}`;
}

/** A sentence for a document of another contract version, or of none. */
export function otherVersion(document: string, contractVersion: unknown): string {
  return contractVersion === undefined
    ? `${document} has no contractVersion; give ${CONTRACT_VERSION}`
    : `${document} speaks contract version ${JSON.stringify(contractVersion)}, this Assayer speaks ${CONTRACT_VERSION}; install versions of the two that agree`;
}

function fieldsOf(given: unknown): Readonly<Record<string, unknown>> {
  return given !== null && typeof given === 'object' ? (given as Record<string, unknown>) : {};
}
