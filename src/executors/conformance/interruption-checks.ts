import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { EvaluationRequest } from '../contract.ts';
import type { ExecutorSpec } from '../registry.ts';
import type { Evaluated } from './crystal-checks.ts';
import { type Finding, failed, passed, skipped } from './finding.ts';
import { type Subject, largestDifference, outcomeText } from './subject.ts';

export interface VictimJob {
  readonly spec: ExecutorSpec;
  readonly folder: string;
  readonly request: EvaluationRequest;
}

/** What ending may take, s: the grace that a program has, and some more for a busy machine. */
const PATIENCE_SECONDS = 5;

/** Deadlines are kept, cancelling ends everything, and a kill of the worker loses and repeats nothing. */
export async function checkInterruptions(subject: Subject, evaluated: Evaluated): Promise<Finding[]> {
  return [
    await checkDeadline(subject, evaluated),
    await checkCancellation(subject, evaluated),
    await checkKill(subject, evaluated),
  ];
}

async function checkDeadline(subject: Subject, { sample }: Evaluated): Promise<Finding> {
  const check = 'keeps a deadline';
  const deadlineSeconds = Math.max(0.02, subject.typicalSeconds / 4);
  const request = subject.request(sample.crystal, { deadlineSeconds });
  const { answer, seconds } = await subject.evaluate(request);
  const asked = `asked for within ${deadlineSeconds.toFixed(2)} s`;
  if (seconds > deadlineSeconds + PATIENCE_SECONDS) {
    return failed(check, `${asked}, came after ${seconds.toFixed(1)} s`, 'stop at deadlineSeconds');
  }
  if (answer.status === 'succeeded') return passed(check, `${asked}, answered after ${seconds.toFixed(2)} s`);
  return answer.failure.kind === 'outOfTime'
    ? passed(check, `${asked}, ended after ${seconds.toFixed(2)} s`)
    : failed(
        check,
        `${asked}: ${outcomeText(answer)}`,
        'answer a failure of kind outOfTime when time is over',
      );
}

async function checkCancellation(subject: Subject, { sample, answer }: Evaluated): Promise<Finding> {
  const check = subject.description.cancelIsSafe
    ? 'ends when it is cancelled'
    : 'is let run when it is cancelled, as it declares';
  const request = subject.request(sample.crystal);
  const abort = new AbortController();
  const evaluation = subject.evaluate(request, abort.signal).then(
    () => true,
    () => false,
  );
  await sleep(500 * subject.typicalSeconds);
  const cancelledAt = performance.now();
  abort.abort(new Error('cancelled by the conformance suite'));
  const answered = await evaluation;
  const seconds = (performance.now() - cancelledAt) / 1000;
  const left = await subject.leftovers(request);
  if (left > 0) return processesLeft(check, left);
  if (subject.description.cancelIsSafe && seconds > PATIENCE_SECONDS) {
    return failed(check, `it took ${seconds.toFixed(1)} s`, 'end within 2 s of SIGTERM');
  }
  const again = (await subject.evaluate(request)).answer;
  const found = answered ? 'it had answered already' : `gone after ${seconds.toFixed(2)} s, nothing left`;
  return judgeAgain(check, found, { first: answer, again });
}

async function checkKill(subject: Subject, { sample, answer }: Evaluated): Promise<Finding> {
  const check = 'survives a kill of its worker';
  const request = subject.request(sample.crystal);
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const victim = fileURLToPath(new URL(`./victim.${extension}`, import.meta.url));
  const job: VictimJob = { spec: subject.spec, folder: subject.folder, request };
  const worker = spawn(process.execPath, [victim, JSON.stringify(job)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exit = once(worker, 'exit');
  const ready = await Promise.race([once(worker.stdout, 'data').then(() => true), exit.then(() => false)]);
  if (!ready) return skipped(check, 'the worker could not be started');
  await sleep(Math.max(50, 500 * subject.typicalSeconds));
  worker.kill('SIGKILL');
  await exit;
  if (subject.description.cancelIsSafe) {
    const until = performance.now() + 1000 * PATIENCE_SECONDS;
    while ((await subject.leftovers(request)) > 0 && performance.now() < until) await sleep(50);
    const left = await subject.leftovers(request);
    if (left > 0) return processesLeft(check, left);
  }
  const again = (await subject.evaluate(request)).answer;
  return judgeAgain(check, 'killed in the middle, and asked again', { first: answer, again });
}

function processesLeft(check: string, count: number): Finding {
  return failed(check, `${count} of its processes are left`, 'keep what you start in your own process group');
}

function judgeAgain(
  check: string,
  found: string,
  { first, again }: { readonly first: Evaluated['answer']; readonly again: Evaluated['answer'] },
): Finding {
  const difference = largestDifference(first, again);
  return difference !== null && difference <= 1e-3
    ? passed(check, `${found}: the answer is the same`)
    : failed(
        check,
        `${found}: ${outcomeText(again)}, where it was ${outcomeText(first)}`,
        'start well in a folder that holds what an interrupted run left',
      );
}
