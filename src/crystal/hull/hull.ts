import { type Composition, formulaOf } from '../chemistry/composition.ts';
import { symbolOf } from '../chemistry/elements.ts';
import type { CheapestMixture } from './mixture.ts';
import { elementsOf, type HullPhase, requireComparable, sharesOf } from './phase.ts';
import {
  axesOf,
  type Column,
  lowestOfEach,
  mixtureOf,
  pick,
  sameComposition,
  STABLE_WITHIN_EV_PER_ATOM,
  stableWithin,
  type System,
  withColumns,
} from './system.ts';

export type { HullPhase } from './phase.ts';
export { STABLE_WITHIN_EV_PER_ATOM } from './system.ts';

/** A phase that a composition falls apart into, and its share of the atoms. */
export interface Product {
  readonly id: string;
  readonly fraction: number;
}

/**
 * Builds the hull of phases that hold any number of elements. Throws a RangeError when an element has no phase of its
 * own, an energy is not finite, a composition is empty or has negative counts, an id occurs twice, or energies come
 * from different methods.
 */
export function buildHull(phases: readonly HullPhase[]): Hull {
  requireComparable([], phases);
  const elements = elementsOf(phases);
  const zeros = lowestElements(elements, phases);
  const columns = phases.map((phase) => columnOf(phase, elements, zeros));
  return new Hull({ elements, zeros, phases, columns, systems: withColumns(new Map(), columns) });
}

/** What answers questions about the mixtures of some elements. */
interface Solver {
  /** The stable phases that hold no other element, in the mixture's order. */
  readonly columns: readonly Column[];
  readonly mixture: CheapestMixture;
}

interface Parts {
  /** Atomic numbers, rising. */
  readonly elements: readonly number[];
  /** Energies of the elements that are taken off all others: small differences lose no digits. */
  readonly zeros: Float64Array;
  readonly phases: readonly HullPhase[];
  readonly columns: readonly Column[];
  /** By the elements they hold. */
  readonly systems: ReadonlyMap<string, System>;
}

/**
 * A lower convex hull of energy over composition; immutable, made by `buildHull`. Compositions may leave elements out;
 * methods throw a RangeError for one that is empty, has negative counts or holds an element that the hull does not.
 *
 * Of one composition only the lowest phase is on the hull, with those that tie with it. Where several decompositions
 * have one energy, which of them is given depends neither on the order of the phases nor on which were added later.
 */
export class Hull {
  /** In the order given. */
  readonly phases: readonly HullPhase[];
  readonly #parts: Parts;
  readonly #solvers: Map<string, Solver>;
  #stableIds: readonly string[] | undefined;

  /** For `buildHull` and `withPhases`; `solvers` are those of a hull with the same stable phases. */
  constructor(parts: Parts, solvers = new Map<string, Solver>()) {
    this.phases = parts.phases;
    this.#parts = parts;
    this.#solvers = solvers;
  }

  /** The one method of all its energies. */
  get method(): string {
    return (this.phases[0] as HullPhase).method;
  }

  /** Phases within `STABLE_WITHIN_EV_PER_ATOM` of the hull, in the order given. */
  get stableIds(): readonly string[] {
    this.#stableIds ??= this.#parts.columns
      .filter((column) => this.#isStable(column))
      .map(({ phase }) => phase.id);
    return this.#stableIds;
  }

  /**
   * The hull with more phases, which may bring new elements. Only what they can change is looked at again: nothing for
   * a phase above the hull, and otherwise the phases that hold all of its elements. Throws as `buildHull` does.
   */
  withPhases(added: readonly HullPhase[]): Hull {
    if (added.length === 0) return this;
    requireComparable(this.phases, added);
    const { elements, zeros, columns, systems } = this.#parts;
    const phases = [...this.phases, ...added];
    if (elementsOf(added).some((z) => !elements.includes(z))) return buildHull(phases);
    const fresh = added.map((phase) => columnOf(phase, elements, zeros));
    const parts = { elements, zeros, phases, columns: [...columns, ...fresh], systems };
    const stable = fresh.filter(
      ({ shares, energy }) => energy <= this.#solve(shares).energy + STABLE_WITHIN_EV_PER_ATOM,
    );
    if (stable.length === 0) return new Hull(parts, this.#solvers);
    return new Hull({ ...parts, systems: withColumns(systems, stable) });
  }

  hullEnergyEvPerAtom(composition: Composition): number {
    const shares = sharesOf(this.#parts.elements, composition);
    return this.#solve(shares).energy + dot(shares, this.#parts.zeros);
  }

  /** The energy must be of the hull's method. Negative when the phase would lie below the hull, that is, lower it. */
  energyAboveHullEvPerAtom(composition: Composition, energyEvPerAtom: number): number {
    requireFinite(composition, energyEvPerAtom);
    return this.#above(sharesOf(this.#parts.elements, composition), energyEvPerAtom);
  }

  /** Against the lowest phase of each element. */
  formationEnergyEvPerAtom(composition: Composition, energyEvPerAtom: number): number {
    requireFinite(composition, energyEvPerAtom);
    const { elements, zeros, systems } = this.#parts;
    const shares = sharesOf(elements, composition);
    let energy = energyEvPerAtom - dot(shares, zeros);
    for (const axis of axesOf(shares)) {
      const [reference] = (systems.get(`${axis}`) as System).stable.keys();
      energy -= (shares[axis] as number) * (reference as Column).energy;
    }
    return energy;
  }

  /** The stable phases that the composition falls apart into, largest share first; a stable phase stays. */
  decomposition(composition: Composition): Product[] {
    return this.#solve(sharesOf(this.#parts.elements, composition)).products();
  }

  /**
   * How far a stable phase lies below the hull of the other stable phases (0 or less): the energy of the reaction that
   * forms it from its neighbours; 0 for elements. Throws a RangeError for a phase that is not stable.
   */
  equilibriumReactionEnergyEvPerAtom(id: string): number {
    const column = this.#columnOf(id);
    if (!this.#isStable(column)) {
      const above = this.#above(column.shares, column.phase.energyEvPerAtom);
      throw new RangeError(
        `phase ${id} is ${above.toPrecision(3)} eV/atom above the hull: only a stable phase has an equilibrium ` +
          'reaction energy, ask for its decomposition energy',
      );
    }
    return energyAgainst(stableWithin(this.#parts.systems, column.axes), column);
  }

  /**
   * Against the cheapest mixture of all phases of other compositions, stable or not: how far a stable phase lies below
   * (negative) and an unstable one above it. For an element, against its lowest phase. Decomposition enthalpy in
   * Bartel et al., npj Comput. Mater. 6, 97 (2020).
   */
  decompositionEnergyEvPerAtom(id: string): number {
    const column = this.#columnOf(id);
    const inside = new Set(column.axes);
    const others = this.#parts.columns.filter(({ axes }) => axes.every((axis) => inside.has(axis)));
    return energyAgainst(others, column);
  }

  #columnOf(id: string): Column {
    const column = this.#parts.columns.find(({ phase }) => phase.id === id);
    if (!column)
      throw new RangeError(`the hull has no phase called ${id}: ask for one that it was built from`);
    return column;
  }

  #isStable(column: Column): boolean {
    return this.#parts.systems.get(column.axes.join())?.stable.has(column) ?? false;
  }

  #above(shares: Float64Array, energyEvPerAtom: number): number {
    return energyEvPerAtom - dot(shares, this.#parts.zeros) - this.#solve(shares).energy;
  }

  #solve(shares: Float64Array): { readonly energy: number; products(): Product[] } {
    const axes = axesOf(shares);
    const { columns, mixture } = this.#solverOf(axes);
    const itself = columns.find((column) => sameComposition(column.shares, shares));
    if (itself) return { energy: itself.energy, products: () => [{ id: itself.phase.id, fraction: 1 }] };
    return {
      energy: mixture.solve(pick(shares, axes)),
      products: () =>
        mixture.parts().map(([c, fraction]) => ({ id: (columns[c] as Column).phase.id, fraction })),
    };
  }

  #solverOf(axes: readonly number[]): Solver {
    const key = axes.join();
    const kept = this.#solvers.get(key);
    if (kept) return kept;
    const columns = lowestOfEach(stableWithin(this.#parts.systems, axes));
    const solver = { columns, mixture: mixtureOf(axes, columns) };
    this.#solvers.set(key, solver);
    return solver;
  }
}

function columnOf(phase: HullPhase, elements: readonly number[], zeros: Float64Array): Column {
  const shares = sharesOf(elements, phase.composition);
  return { phase, axes: axesOf(shares), shares, energy: phase.energyEvPerAtom - dot(shares, zeros) };
}

/** The column's energy against the cheapest mixture of those of other compositions; an element's, of its own. */
function energyAgainst(columns: readonly Column[], { axes, shares, energy }: Column): number {
  const element = axes.length === 1;
  const others = lowestOfEach(columns).filter((other) => element || !sameComposition(other.shares, shares));
  return energy - mixtureOf(axes, others).solve(pick(shares, axes));
}

/** @throws RangeError for an element without a phase of its own */
function lowestElements(elements: readonly number[], phases: readonly HullPhase[]): Float64Array {
  const lowest = new Map<number, number>();
  for (const { composition, energyEvPerAtom } of phases) {
    const [first, ...others] = [...composition].filter(([, count]) => count !== 0);
    if (first === undefined || others.length > 0) continue;
    lowest.set(first[0], Math.min(energyEvPerAtom, lowest.get(first[0]) ?? Infinity));
  }
  return Float64Array.from(elements, (z) => {
    const energy = lowest.get(z);
    if (energy === undefined) {
      throw new RangeError(
        `no phase of pure ${symbolOf(z)}: the hull needs one of each element as reference, evaluate it with the same method`,
      );
    }
    return energy;
  });
}

function requireFinite(composition: Composition, energyEvPerAtom: number): void {
  if (!Number.isFinite(energyEvPerAtom)) {
    throw new RangeError(
      `${formulaOf(composition)} has the energy ${energyEvPerAtom}: give a finite one in eV/atom`,
    );
  }
}

function dot(l: Float64Array, r: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < l.length; k++) sum += (l[k] as number) * (r[k] as number);
  return sum;
}
