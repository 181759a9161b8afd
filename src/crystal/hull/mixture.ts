import { SHARE_RESOLUTION } from './phase.ts';

/** Reduced costs above −this count as zero, eV/atom: far above rounding (1e-15), far below any energy that is known. */
const PRICE_TOLERANCE = 1e-12;
/** A pivot on a smaller element would blow rounding up. */
const PIVOT_TOLERANCE = 1e-11;
/** Amounts of a column that differ by less limit alike, as shares of the atoms. */
const ALIKE = 1e-13;
const MOST_STEPS = 10_000;

/**
 * The cheapest mixture of columns with a target's composition: min Σ xᵢ eᵢ with Σ xᵢ cᵢ = target, x ≥ 0, by the revised
 * simplex method with an explicit inverse of the basis (Dantzig, 1953): there are as few rows as elements, so that each
 * step is tiny. The first m columns must be the pure elements, in the order of the axes: the basis to start from.
 * What a solve left in `parts` and `prices` holds until the next one.
 */
export class CheapestMixture {
  /** m chemical potentials, eV/atom: no column lies below the plane through them. */
  readonly prices: Float64Array;
  readonly #m: number;
  /** m column numbers. */
  readonly #basis: Int32Array;
  /** m shares of the atoms, of the columns of the basis. */
  readonly #amounts: Float64Array;
  #count = 0;
  /** count × m, row by row. */
  readonly #shares: Float64Array;
  readonly #energies: Float64Array;
  /** m × m. */
  readonly #inverse: Float64Array;
  readonly #direction: Float64Array;

  constructor(m: number, capacity: number) {
    this.#m = m;
    this.#shares = new Float64Array(capacity * m);
    this.#energies = new Float64Array(capacity);
    this.#basis = new Int32Array(m);
    this.#amounts = new Float64Array(m);
    this.prices = new Float64Array(m);
    this.#inverse = new Float64Array(m * m);
    this.#direction = new Float64Array(m);
  }

  /** `shares`: m numbers that sum to 1. */
  add(shares: Float64Array, energyEvPerAtom: number): void {
    this.#shares.set(shares, this.#count * this.#m);
    this.#energies[this.#count++] = energyEvPerAtom;
  }

  /** The least energy of the target's composition (m shares that sum to 1), eV/atom. */
  solve(target: Float64Array): number {
    const m = this.#m;
    const basis = this.#basis;
    const amounts = this.#amounts;
    this.#inverse.fill(0);
    for (let row = 0; row < m; row++) {
      basis[row] = row;
      amounts[row] = target[row] as number;
      this.#inverse[row * (m + 1)] = 1;
    }
    for (let step = 0; step < MOST_STEPS; step++) {
      // The steepest column first; by Bland's rule, which cannot cycle, once steps are many.
      const careful = step > 20 + 10 * m;
      this.#updatePrices();
      const entering = this.#entering(careful);
      if (entering < 0) {
        let energy = 0;
        for (let row = 0; row < m; row++)
          energy += (amounts[row] as number) * (this.#energies[basis[row] as number] as number);
        return energy;
      }
      const leaving = this.#leaving(entering, careful);
      this.#pivot(leaving);
      basis[leaving] = entering;
    }
    throw new Error(
      `the cheapest mixture of [${target.join(', ')}] was not found in ${MOST_STEPS} steps of the simplex method: report this composition with its phases`,
    );
  }

  /** The columns that the last solved mixture takes, with their shares of the atoms, largest first. */
  parts(): [column: number, share: number][] {
    return [...this.#basis]
      .map((column, row): [number, number] => [column, this.#amounts[row] as number])
      .filter(([, share]) => share > SHARE_RESOLUTION)
      .sort(([, l], [, r]) => r - l);
  }

  #updatePrices(): void {
    const m = this.#m;
    this.prices.fill(0);
    for (let row = 0; row < m; row++) {
      const energy = this.#energies[this.#basis[row] as number] as number;
      if (energy === 0) continue;
      for (let k = 0; k < m; k++)
        this.prices[k] = (this.prices[k] as number) + energy * (this.#inverse[row * m + k] as number);
    }
  }

  /** The column whose energy lies deepest below the plane of the prices (careful: the first below); −1: none. */
  #entering(careful: boolean): number {
    const m = this.#m;
    const shares = this.#shares;
    const prices = this.prices;
    let entering = -1;
    let least = -PRICE_TOLERANCE - 4 * this.#noise();
    for (let column = 0, at = 0; column < this.#count; column++) {
      let reduced = this.#energies[column] as number;
      for (let k = 0; k < m; k++) reduced -= (prices[k] as number) * (shares[at++] as number);
      if (reduced < least) {
        entering = column;
        if (careful) break;
        least = reduced;
      }
    }
    return entering;
  }

  /** How far rounding moves the plane of the prices from the columns that it goes through, eV/atom. */
  #noise(): number {
    const m = this.#m;
    let noise = 0;
    for (let row = 0; row < m; row++) {
      const column = this.#basis[row] as number;
      let reduced = this.#energies[column] as number;
      for (let k = 0; k < m; k++)
        reduced -= (this.prices[k] as number) * (this.#shares[column * m + k] as number);
      noise = Math.max(noise, Math.abs(reduced));
    }
    return noise;
  }

  /** The row that limits how much of the entering column can be taken; sets the direction. */
  #leaving(entering: number, careful: boolean): number {
    const m = this.#m;
    const direction = this.#direction;
    let leaving = -1;
    let limit = Infinity;
    for (let row = 0; row < m; row++) {
      let d = 0;
      for (let k = 0; k < m; k++)
        d += (this.#inverse[row * m + k] as number) * (this.#shares[entering * m + k] as number);
      direction[row] = d;
      if (d <= PIVOT_TOLERANCE) continue;
      const ratio = (this.#amounts[row] as number) / d;
      // Of rows that limit alike, the largest pivot is the most exact, and the lowest column cannot cycle.
      const better = careful
        ? (this.#basis[row] as number) < (this.#basis[leaving] ?? Infinity)
        : d > (direction[leaving] ?? 0);
      if (ratio < limit - ALIKE || (ratio <= limit + ALIKE && better)) {
        limit = ratio;
        leaving = row;
      }
    }
    return leaving;
  }

  #pivot(leaving: number): void {
    const m = this.#m;
    const inverse = this.#inverse;
    const scale = 1 / (this.#direction[leaving] as number);
    for (let k = 0; k < m; k++) inverse[leaving * m + k] = (inverse[leaving * m + k] as number) * scale;
    const entered = (this.#amounts[leaving] as number) * scale;
    this.#amounts[leaving] = entered;
    for (let row = 0; row < m; row++) {
      const factor = this.#direction[row] as number;
      if (row === leaving || factor === 0) continue;
      for (let k = 0; k < m; k++) {
        inverse[row * m + k] =
          (inverse[row * m + k] as number) - factor * (inverse[leaving * m + k] as number);
      }
      this.#amounts[row] = Math.max(0, (this.#amounts[row] as number) - factor * entered);
    }
  }
}
