import type { Evaluated } from './crystal-checks.ts';
import { type Finding, failed, passed, warned } from './finding.ts';
import { type Subject, largestDifference, outcomeText } from './subject.ts';

/** Relative: what the last digits of parallel sums may differ by. */
const SAME = 1e-6;
const NEARLY_SAME = 1e-3;

/** Same request, same answer; same key, one evaluation. */
export async function checkRepetition(subject: Subject, { sample, answer }: Evaluated): Promise<Finding[]> {
  const again = (await subject.evaluate(subject.request(sample.crystal))).answer;
  return [judgeDeterminism(largestDifference(answer, again), outcomeText(again)), await checkDuplicate()];

  async function checkDuplicate(): Promise<Finding> {
    const check = 'asked twice with one key, gives one answer';
    const request = subject.request(sample.crystal);
    const answers = await Promise.all([subject.evaluate(request), subject.evaluate(request)]);
    const third = await subject.evaluate(request);
    const all = [...answers, third].map((one) => one.answer);
    const differences = all.map((one) => largestDifference(one, answers[0].answer));
    return differences.every((difference) => difference !== null && difference <= SAME)
      ? passed(check, 'two at once and one later: the same')
      : failed(
          check,
          all.map(outcomeText).join('; then '),
          'let nothing but the request decide the values, and start well in a folder that holds an earlier run',
        );
  }
}

function judgeDeterminism(difference: number | null, found: string): Finding {
  const check = 'gives the same answer to the same request';
  if (difference === null) {
    return failed(check, `the second time: ${found}`, 'let nothing but the request decide the answer');
  }
  const apart = `values are ${difference.toExponential(1)} apart, relative to their size`;
  if (difference <= SAME) return passed(check, apart);
  const remedy = 'use the request’s seed for whatever is random, and fix the number of threads';
  return difference <= NEARLY_SAME ? warned(check, apart, remedy) : failed(check, apart, remedy);
}
