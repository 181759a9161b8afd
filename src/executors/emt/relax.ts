import { type Crystal, makeCrystal } from '../../crystal/crystal.ts';
import { determinant, inverse, multiply } from '../../crystal/geometry/lattice.ts';
import { minimumDistanceAngstrom } from '../../crystal/geometry/neighbours.ts';
import { dot, lbfgs } from './lbfgs.ts';
import { emtPotential } from './potential.ts';

export interface RelaxationSettings {
  /** Largest norm of a force. */
  readonly maxForceEvPerAngstrom: number;
  /** Largest component of the stress. */
  readonly maxStressEvPerAngstrom3: number;
  /** Evaluations of the potential. */
  readonly maxSteps: number;
}

export interface RelaxationState {
  readonly energyEvPerAtom: number;
  readonly steps: number;
  readonly maxForceEvPerAngstrom: number;
  readonly maxStressEvPerAngstrom3: number;
}

export interface Relaxation extends RelaxationState {
  readonly outcome: 'converged' | 'notConverged' | 'unsafe';
  /** Why it is unsafe; empty otherwise. */
  readonly reason: string;
  /** Null when unsafe. */
  readonly crystal: Crystal | null;
}

const MEMORY = 20;
/** eV/Å², about that of a bond in these metals. */
const CURVATURE = 15;
/** The cell's strain counts as this many Å for each √atom, so that cell and atoms are about equally stiff. */
const CELL_SCALE_ANGSTROM = 1.5;
const LONGEST_STEP_ANGSTROM = 0.25;
const LEAST_VOLUME_PER_ATOM = 5;
const MOST_VOLUME_PER_ATOM = 100;
const LEAST_DISTANCE = 1.4;

/**
 * Relaxes atoms and cell together with EMT by L-BFGS, over the atoms' positions in the undeformed cell and the
 * deformation of the cell (nine components). Yields before each further evaluation, so that a caller can stop, report
 * or let others run; returns the outcome. Symmetry that the start has is kept.
 * Throws an UnsupportedElementError for elements without parameters.
 */
export function* relaxation(
  start: Crystal,
  settings: RelaxationSettings,
): Generator<RelaxationState, Relaxation, void> {
  const n = start.atomicNumbers.length;
  const potential = emtPotential(start.atomicNumbers);
  const cellScale = CELL_SCALE_ANGSTROM * Math.sqrt(n);
  const startLattice = Float64Array.from(start.latticeAngstrom);
  const startInverse = inverse(startLattice);

  // The point: positions in the undeformed cell (3n, Å), then the deformation times the cell scale (9, Å).
  const size = 3 * n + 9;
  const point = new Float64Array(size);
  placeAtoms(start.fractionalCoordinates, startLattice, point);
  for (let k = 0; k < 9; k += 4) point[3 * n + k] = cellScale;
  const trial = new Float64Array(size);
  const gradient = new Float64Array(size);
  const trialGradient = new Float64Array(size);
  const direction = new Float64Array(size);
  const step = new Float64Array(size);
  const change = new Float64Array(size);
  const deformation = new Float64Array(9);
  const lattice = new Float64Array(9);
  const fractional = new Float64Array(3 * n);
  const memory = lbfgs({ size, memory: MEMORY, curvature: CURVATURE });

  /** Energy at a point, eV; fills its gradient. NaN when the cell has left what is physical. */
  const evaluate = (at: Float64Array, into: Float64Array): number => {
    for (let k = 0; k < 9; k++) deformation[k] = (at[3 * n + k] as number) / cellScale;
    lattice.set(multiply(startLattice, deformation));
    const volume = Math.abs(determinant(lattice));
    if (!(volume > LEAST_VOLUME_PER_ATOM * n && volume < MOST_VOLUME_PER_ATOM * n)) return NaN;
    placeAtoms(at.subarray(0, 3 * n), startInverse, fractional);
    const energy = potential.evaluate(lattice, fractional);
    const { forces, stress } = potential;
    // dE/dq = −f·Fᵀ for x = q·F, and dE/dF = V·F⁻ᵀ·σ.
    for (let i = 0; i < 3 * n; i += 3) {
      for (let k = 0; k < 3; k++) {
        into[i + k] = -(
          (forces[i] as number) * (deformation[3 * k] as number) +
          (forces[i + 1] as number) * (deformation[3 * k + 1] as number) +
          (forces[i + 2] as number) * (deformation[3 * k + 2] as number)
        );
      }
    }
    const back = inverse(deformation);
    for (let row = 0; row < 3; row++) {
      for (let k = 0; k < 3; k++) {
        let sum = 0;
        for (let l = 0; l < 3; l++) sum += (back[3 * l + row] as number) * (stress[3 * l + k] as number);
        into[3 * n + 3 * row + k] = (volume * sum) / cellScale;
      }
    }
    return energy;
  };

  let steps = 1;
  let energy = evaluate(point, gradient);
  let state = describe();
  for (;;) {
    if (!Number.isFinite(energy)) return unsafe('the energy is not finite or the cell collapsed or exploded');
    if (isConverged(state, settings)) return finish('converged');
    if (steps >= settings.maxSteps) return finish('notConverged');

    memory.direct(gradient, direction);
    if (dot(direction, gradient) >= 0) {
      memory.forget();
      memory.direct(gradient, direction);
    }
    let length = Math.min(1, LONGEST_STEP_ANGSTROM / longestMove(direction, n));
    const fall = dot(direction, gradient);
    for (;;) {
      yield state;
      for (let i = 0; i < size; i++) trial[i] = (point[i] as number) + length * (direction[i] as number);
      const trialEnergy = evaluate(trial, trialGradient);
      steps++;
      // The small allowance is the energy's jump where pairs cross the cutoff.
      const accepted = trialEnergy <= energy + 1e-4 * length * fall + 1e-6 * n;
      if (accepted) {
        for (let i = 0; i < size; i++) {
          step[i] = (trial[i] as number) - (point[i] as number);
          change[i] = (trialGradient[i] as number) - (gradient[i] as number);
        }
        memory.learn(step, change);
        point.set(trial);
        gradient.set(trialGradient);
        energy = trialEnergy;
        state = describe();
        break;
      }
      if (steps >= settings.maxSteps || length * longestMove(direction, n) < 1e-8) {
        energy = evaluate(point, gradient);
        return finish('notConverged');
      }
      // To the minimum of the parabola through the energies and the slope, at most halfway and at least a tenth.
      const parabola = (-fall * length) / (2 * (trialEnergy - energy - fall * length));
      length *= Number.isFinite(parabola) ? Math.min(0.5, Math.max(0.1, parabola)) : 0.25;
    }
  }

  function describe(): RelaxationState {
    let largest = 0;
    for (let i = 0; i < 3 * n; i += 3) {
      const [x, y, z] = [potential.forces[i], potential.forces[i + 1], potential.forces[i + 2]] as [
        number,
        number,
        number,
      ];
      largest = Math.max(largest, x * x + y * y + z * z);
    }
    const stress = potential.stress.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    return {
      energyEvPerAtom: energy / n,
      steps,
      maxForceEvPerAngstrom: Math.sqrt(largest),
      maxStressEvPerAngstrom3: stress,
    };
  }

  function finish(outcome: 'converged' | 'notConverged'): Relaxation {
    const crystal = makeCrystal({
      latticeAngstrom: lattice,
      fractionalCoordinates: fractional,
      atomicNumbers: start.atomicNumbers,
    });
    const shortest = minimumDistanceAngstrom(crystal);
    if (shortest < LEAST_DISTANCE) return unsafe(`two atoms came within ${shortest.toFixed(2)} Å`);
    return { ...state, outcome, reason: '', crystal };
  }

  function unsafe(reason: string): Relaxation {
    return { ...state, steps, outcome: 'unsafe', reason, crystal: null };
  }
}

/** Runs a relaxation to its end. */
export function relax(start: Crystal, settings: RelaxationSettings): Relaxation {
  const steps = relaxation(start, settings);
  for (;;) {
    const next = steps.next();
    if (next.done === true) return next.value;
  }
}

function isConverged(state: RelaxationState, settings: RelaxationSettings): boolean {
  return (
    state.maxForceEvPerAngstrom <= settings.maxForceEvPerAngstrom &&
    state.maxStressEvPerAngstrom3 <= settings.maxStressEvPerAngstrom3
  );
}

/** Rows (3 each) times a 3×3 matrix. */
function placeAtoms(rows: ArrayLike<number>, matrix: ArrayLike<number>, into: Float64Array): void {
  for (let i = 0; i < rows.length; i += 3) {
    for (let k = 0; k < 3; k++) {
      into[i + k] =
        (rows[i] as number) * (matrix[k] as number) +
        (rows[i + 1] as number) * (matrix[3 + k] as number) +
        (rows[i + 2] as number) * (matrix[6 + k] as number);
    }
  }
}

/** The longest move of an atom or of one row of the scaled deformation, Å. */
function longestMove(direction: Float64Array, n: number): number {
  let longest = 0;
  for (let i = 0; i < 3 * n + 9; i += 3) {
    const [x, y, z] = [direction[i], direction[i + 1], direction[i + 2]] as [number, number, number];
    longest = Math.max(longest, x * x + y * y + z * z);
  }
  return Math.sqrt(longest);
}
