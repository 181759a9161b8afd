import type { Random } from '../crystal/random.ts';

export interface Ranked {
  /** Index into the candidates given. */
  readonly index: number;
  readonly arm: 'model' | 'control';
}

export interface SelectionJob {
  /** One number a candidate; higher is better. */
  readonly acquisition: ArrayLike<number>;
  /** Where the network sees each candidate, [nCandidates, width]; null before there is a network for this campaign. */
  readonly embedding: { readonly values: ArrayLike<number>; readonly width: number } | null;
  /** How many the model arm takes, and how many the control arm. */
  readonly counts: { readonly model: number; readonly control: number };
}

/** Only the best so many are looked at for diversity: the rest would not be taken. */
const SHORTLIST = 400;

/**
 * Ranks candidates for both arms, best first within an arm, no candidate twice. The control arm is drawn uniformly
 * from all, before the model arm chooses: what it measures is the hit rate of the proposals without a model.
 */
export function select(job: SelectionJob, random: Random): Ranked[] {
  const all = Array.from({ length: job.acquisition.length }, (_, index) => index);
  const control = random.shuffle(all).slice(0, job.counts.control);
  const taken = new Set(control);
  const model = rankDiverse(
    job,
    all.filter((index) => !taken.has(index)),
  );
  return [
    ...model.map((index): Ranked => ({ index, arm: 'model' })),
    ...control.map((index): Ranked => ({ index, arm: 'control' })),
  ];
}

/**
 * Greedy local penalisation (after González et al. 2016): each pick lowers the acquisition of its neighbours in the
 * embedding by 1 - exp(-d²/2ℓ²), so that one batch does not ask the same question twice. ℓ is a quarter of the median
 * distance within the shortlist.
 */
function rankDiverse({ acquisition, embedding, counts }: SelectionJob, pool: readonly number[]): number[] {
  const value = (index: number) => acquisition[index] as number;
  const shortlist = pool
    .toSorted((a, b) => value(b) - value(a) || a - b)
    .slice(0, Math.max(SHORTLIST, counts.model));
  if (!embedding) return shortlist.slice(0, counts.model);

  const squared = (a: number, b: number): number => {
    let sum = 0;
    for (let k = 0; k < embedding.width; k++) {
      const difference =
        (embedding.values[a * embedding.width + k] as number) -
        (embedding.values[b * embedding.width + k] as number);
      sum += difference * difference;
    }
    return sum;
  };
  const lengthSquared =
    medianOf(shortlist.slice(1).map((index, i) => squared(index, shortlist[i] as number))) / 16;
  const score = new Map(shortlist.map((index) => [index, value(index)]));
  const picked: number[] = [];
  while (picked.length < counts.model && score.size > 0) {
    const [best] = [...score].reduce((leader, entry) => (entry[1] > leader[1] ? entry : leader));
    picked.push(best);
    score.delete(best);
    for (const [index, old] of score) {
      score.set(index, old * (1 - Math.exp(-squared(index, best) / (2 * lengthSquared + 1e-12))));
    }
  }
  return picked;
}

function medianOf(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
