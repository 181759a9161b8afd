import { reducedFormula } from '../chemistry/composition.ts';
import type { Crystal } from '../crystal.ts';
import { fingerprint, FINGERPRINT_BLOCK } from './fingerprint.ts';

/** Numbers that a sketch keeps of a fingerprint, and their step: 16 bits reach to 65 Å. */
const SKETCH_LENGTH = 64;
const STEP_ANGSTROM = 0.001;
/**
 * What candidates are filed by: distances to these neighbours (the 1st, 5th, …), averaged over the pairs of elements,
 * on a grid. In carbon-24, all one formula, 1.0 % of the pairs share all six cells; 0.7 % are within 0.05 Å.
 */
const FILED_NEIGHBOURS = [0, 4, 12, 18, 24, 31] as const;
const CELL_ANGSTROM = 0.1;
/** A look-up probes (2 · tolerance / 0.1 + 1)⁶ cells. */
const LARGEST_TOLERANCE_ANGSTROM = 0.25;
/** Far above the rounding of a mean, far below any tolerance. */
const ROUNDING_ANGSTROM = 1e-6;
const CHUNK_LENGTH = 4096;
const NONE = -1;

/**
 * One record per candidate, in one place so that a comparison touches little memory: as 32-bit words, the key (hash of
 * formula and cell), the candidate before it in the same slot, and the sketch in 16-bit halves.
 */
const RECORD_WORDS = 2 + SKETCH_LENGTH / 2;
const KEY = 0;
const PREVIOUS = 1;

/** Memory is added in chunks, never copied: nothing is held twice while the catalogue grows. */
interface Chunk {
  readonly words: Int32Array;
  /** The same memory. */
  readonly halves: Uint16Array;
}

/**
 * Finds candidates of the same phase among millions without comparing all pairs, in some 145 bytes each.
 *
 * It keeps 64 numbers of each fingerprint, so that the largest difference of these is a lower bound of
 * `largestDifference`: nothing within the tolerance is ever missed. Candidates are filed by formula and by the cell of
 * a grid over six further means, none of which moves by more than the fingerprint does, and a look-up probes every
 * cell that its tolerance reaches.
 */
export class PhaseCatalogue {
  readonly #chunks: Chunk[] = [];
  /** The newest candidate of each slot; a power of two of them. */
  #slots = new Int32Array(1024).fill(NONE);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Files a crystal and returns its id: 0, 1, 2, … in the order of adding. Give its fingerprint if you have it. */
  add(crystal: Crystal, print: Float64Array = fingerprint(crystal)): number {
    if (this.#size === this.#slots.length) this.#widen();
    const id = this.#size++;
    if (id % CHUNK_LENGTH === 0) {
      const words = new Int32Array(CHUNK_LENGTH * RECORD_WORDS);
      this.#chunks.push({ words, halves: new Uint16Array(words.buffer) });
    }
    const { words, halves } = this.#chunkOf(id);
    const record = recordOf(id);
    const cells = filedDistances(print).map((x) => Math.floor(x / CELL_ANGSTROM));
    words[record + KEY] = finished(cells.reduce(mixed, hashOf(reducedFormula(crystal))));
    halves.set(sketchOf(print), sketchIn(record));
    this.#file(id);
    return id;
  }

  /**
   * The ids, rising, of every crystal with this reduced formula whose fingerprint is within the tolerance (see
   * `largestDifference`), and of few others: let `sameCrystal` or `fit` confirm them.
   * Throws a RangeError for a tolerance below 0 or above 0.25 Å.
   */
  find(crystal: Crystal, toleranceAngstrom: number, print: Float64Array = fingerprint(crystal)): number[] {
    if (!(toleranceAngstrom >= 0 && toleranceAngstrom <= LARGEST_TOLERANCE_ANGSTROM)) {
      throw new RangeError(
        `cannot look within ${toleranceAngstrom} Å: give a tolerance from 0 to ${LARGEST_TOLERANCE_ANGSTROM} Å`,
      );
    }
    const reach = toleranceAngstrom + ROUNDING_ANGSTROM;
    const filed = filedDistances(print);
    const probe: Probe = {
      first: filed.map((x) => Math.floor((x - reach) / CELL_ANGSTROM)),
      last: filed.map((x) => Math.floor((x + reach) / CELL_ANGSTROM)),
      sketch: sketchOf(print),
      // Rounding both down to a step moves them apart by less than one.
      mostSteps: Math.floor(reach / STEP_ANGSTROM) + 1,
      found: [],
    };
    this.#probe(probe, 0, hashOf(reducedFormula(crystal)));
    return probe.found.sort((l, r) => l - r);
  }

  /** Walks all cells within reach, axis by axis; `key` holds the formula and the axes before. */
  #probe(probe: Probe, axis: number, key: number): void {
    if (axis === FILED_NEIGHBOURS.length) {
      this.#collect(probe, finished(key));
      return;
    }
    for (let cell = probe.first[axis] as number; cell <= (probe.last[axis] as number); cell++) {
      this.#probe(probe, axis + 1, mixed(key, cell));
    }
  }

  #collect({ sketch, mostSteps, found }: Probe, key: number): void {
    let id = this.#slots[key & (this.#slots.length - 1)] as number;
    while (id !== NONE) {
      const { words, halves } = this.#chunkOf(id);
      const record = recordOf(id);
      if (words[record + KEY] === key) {
        const from = sketchIn(record);
        let k = 0;
        while (
          k < SKETCH_LENGTH &&
          Math.abs((halves[from + k] as number) - (sketch[k] as number)) <= mostSteps
        ) {
          k++;
        }
        if (k === SKETCH_LENGTH) found.push(id);
      }
      id = words[record + PREVIOUS] as number;
    }
  }

  #file(id: number): void {
    const { words } = this.#chunkOf(id);
    const record = recordOf(id);
    const slot = (words[record + KEY] as number) & (this.#slots.length - 1);
    words[record + PREVIOUS] = this.#slots[slot] as number;
    this.#slots[slot] = id;
  }

  #widen(): void {
    this.#slots = new Int32Array(2 * this.#slots.length).fill(NONE);
    for (let id = 0; id < this.#size; id++) this.#file(id);
  }

  #chunkOf(id: number): Chunk {
    return this.#chunks[(id / CHUNK_LENGTH) | 0] as Chunk;
  }
}

function recordOf(id: number): number {
  return (id % CHUNK_LENGTH) * RECORD_WORDS;
}

/** Where the sketch of a record starts, in 16-bit halves. */
function sketchIn(record: number): number {
  return 2 * (record + PREVIOUS + 1);
}

interface Probe {
  /** Cells along each axis, both included. */
  readonly first: readonly number[];
  readonly last: readonly number[];
  readonly sketch: Uint16Array;
  readonly mostSteps: number;
  readonly found: number[];
}

/** Every n-th number of a fingerprint of 64 · n, in whole steps, neighbouring ones far apart: they tell the same. */
function sketchOf(print: Float64Array): Uint16Array {
  const every = print.length / SKETCH_LENGTH;
  const sketch = new Uint16Array(SKETCH_LENGTH);
  for (let k = 0; k < SKETCH_LENGTH; k++) {
    const distance = print[((k * 27) % SKETCH_LENGTH) * every] as number;
    sketch[k] = Math.min(0xffff, Math.floor(distance / STEP_ANGSTROM));
  }
  return sketch;
}

function filedDistances(print: Float64Array): number[] {
  return FILED_NEIGHBOURS.map((k) => {
    let sum = 0;
    for (let block = 0; block < print.length; block += FINGERPRINT_BLOCK) sum += print[block + k] as number;
    return (sum * FINGERPRINT_BLOCK) / print.length;
  });
}

function mixed(key: number, cell: number): number {
  return Math.imul(key ^ cell, 0x9e3779b1) ^ (key >>> 15);
}

/** One 32-bit word of formula and cells; two that share it only share a slot and a comparison. */
function finished(key: number): number {
  return key ^ (key >>> 13);
}

/** FNV-1a (Fowler, Noll, Vo), 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}
