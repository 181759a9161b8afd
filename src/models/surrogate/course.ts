import { freshState } from './optimiser.ts';
import type { OptimiserState } from './optimiser.ts';
import { readTrainingState, writeTrainingState } from './training-state.ts';
import type { EarlyStopping, TrainingState } from './training-state.ts';

/** Looks without better weights after which a training stops. */
const PATIENCE = 5;
/** A state takes some 25 ms to write: as long as a short epoch. It is kept at every look, and after so long without. */
const MOST_UNKEPT_MS = 5000;

export interface CourseOptions {
  /** Hash of everything that decides how the training goes. */
  readonly of: string;
  readonly start: Float32Array;
  readonly epochs: number;
  /** File to keep the training in; undefined to keep nothing. */
  readonly keep: string | undefined;
}

/**
 * How far a training has come. It stops early when its best weights stay the best, and where it is kept in a file it
 * goes on from there after a kill, to the same end. A file of another training, or a damaged one, is replaced.
 */
export class Course {
  /** Where `fit` is to begin. */
  readonly from: { readonly epoch: number; readonly state: OptimiserState };
  readonly #options: CourseOptions;
  #best: EarlyStopping;
  #hasLooked = false;
  #keptAtMs = performance.now();

  constructor(options: CourseOptions) {
    const { of, start, keep } = options;
    const kept = keep === undefined ? null : keptState(keep, options);
    this.from = kept ?? { epoch: 0, state: freshState(start) };
    this.#options = options;
    this.#best = kept?.early ?? { of, weights: start, error: Infinity, looksSince: 0 };
  }

  /** The last epoch for `fit`: none are left for a training that was kept after it had stopped. */
  get epochs(): number {
    return this.#isOver() ? 0 : this.#options.epochs;
  }

  get bestWeights(): Float32Array {
    return this.#best.weights;
  }

  /** Takes weights whose error was measured; null where nothing could be measured, and the latest are the best. */
  look(weights: Float32Array, error: number | null): void {
    this.#hasLooked = true;
    const best = this.#best;
    this.#best =
      error === null || error < best.error
        ? { ...best, weights, error: error ?? Infinity, looksSince: 0 }
        : { ...best, looksSince: best.looksSince + 1 };
  }

  /** To be called after each epoch: keeps it when that is due, and says whether there shall be another. */
  endEpoch(epoch: number, state: () => OptimiserState): 'go on' | 'stop' {
    const { keep, epochs } = this.#options;
    const isDue = this.#hasLooked || performance.now() - this.#keptAtMs > MOST_UNKEPT_MS;
    if (keep !== undefined && isDue) {
      writeTrainingState(keep, { epoch, epochs, state: state(), early: this.#best });
      this.#hasLooked = false;
      this.#keptAtMs = performance.now();
    }
    return this.#isOver() ? 'stop' : 'go on';
  }

  #isOver(): boolean {
    return this.#best.looksSince >= PATIENCE;
  }
}

/** The state of this very training; null when there is none, or none that can be read. */
function keptState(path: string, { of, epochs, start }: CourseOptions): TrainingState | null {
  try {
    const kept = readTrainingState(path, { epochs, size: start.length });
    return kept?.early?.of === of ? kept : null;
  } catch {
    return null;
  }
}
