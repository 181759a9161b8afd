import { elementCounts } from '../crystal/chemistry/composition.ts';
import type { Crystal } from '../crystal/crystal.ts';
import { PhaseCatalogue } from '../crystal/identity/catalogue.ts';
import { fingerprint, largestDifference } from '../crystal/identity/fingerprint.ts';
import { buildHull } from '../crystal/hull/hull.ts';
import type { Hull } from '../crystal/hull/hull.ts';
import type { LabelFact } from './facts.ts';
import type { Judgement } from './judgement.ts';
import type { Objective } from './spec.ts';
import type { Assessment } from './state.ts';

/** The energy that a hull is built from, as executors name it. */
export const ENERGY = 'energyEvPerAtom';
export const FORMATION_ENERGY = 'formationEnergyEvPerAtom';

/** Two relaxed crystals of one formula whose fingerprints differ by less are one phase, Å. */
const SAME_PHASE_ANGSTROM = 0.1;

/** Properties that the executor has to give for this objective, each with its unit. */
export function wantedProperties(objective: Objective): Record<string, string> {
  if (objective.kind === 'hull') return { [ENERGY]: 'eV/atom' };
  return Object.fromEntries(
    Object.entries(objective.properties).map(([name, { min, max }]) => [name, (min ?? max)?.unit ?? '']),
  );
}

/** What the surrogate learns: formation energy for a hull, otherwise the windows' properties. */
export function learningTargets(objective: Objective): string[] {
  return objective.kind === 'hull' ? [FORMATION_ENERGY] : Object.keys(objective.properties);
}

/**
 * The hull of all labels so far.
 * @throws RangeError when an element has no reference label yet, or the labels come from different methods
 */
export function hullOfLabels(labels: readonly LabelFact[]): Hull {
  return buildHull(
    labels.map((label) => ({
      id: label._id,
      composition: elementCounts(label.crystal),
      energyEvPerAtom: energyOf(label),
      method: methodOf(label),
    })),
  );
}

/** Values to learn from one label, in the order of `learningTargets`; null where it was not measured. */
export function learningValues(objective: Objective, label: LabelFact, hull: Hull | null): (number | null)[] {
  if (objective.kind === 'hull') {
    return [hull ? hull.formationEnergyEvPerAtom(elementCounts(label.crystal), energyOf(label)) : null];
  }
  return Object.keys(objective.properties).map((name) => label.values[name]?.value ?? null);
}

/** Judges every label by the objective, in the order given: a discovery is the first of its identity to meet it. */
export function judgeLabels(objective: Objective, labels: readonly LabelFact[]): Judgement[] {
  const measure = objective.kind === 'hull' ? measureAboveHull(labels) : measureOutside(objective);
  const limit = objective.kind === 'hull' ? objective.energyAboveHull.max : 0;
  const newToAll = phaseMemory();
  const newToArm = { model: phaseMemory(), control: phaseMemory() };
  return labels.map((label) => {
    const { distance, formationEnergyEvPerAtom } = measure(label);
    const meets = distance <= limit + 1e-9;
    const { arm } = label;
    const crystal = label.relaxedCrystal ?? label.crystal;
    let [discovery, firstInArm] = [false, false];
    if (meets && arm !== 'reference') {
      const print = fingerprint(crystal);
      discovery = newToAll(crystal, print);
      firstInArm = newToArm[arm](crystal, print);
    }
    return { key: label._id, distance, meets, discovery, firstInArm, formationEnergyEvPerAtom };
  });
}

/** Sums the judgements up for the campaign's state. */
export function summariseJudgements(
  labels: readonly LabelFact[],
  judgements: readonly Judgement[],
): Assessment {
  const discoveries = { model: 0, control: 0, distinct: 0 };
  let best: (Judgement & { formula: string }) | null = null;
  let labelsSinceDiscovery = 0;
  for (const [index, label] of labels.entries()) {
    const judgement = judgements[index];
    if (!judgement || label.arm === 'reference') continue;
    labelsSinceDiscovery = judgement.discovery ? 0 : labelsSinceDiscovery + 1;
    if (judgement.discovery) discoveries.distinct += 1;
    if (judgement.firstInArm) discoveries[label.arm] += 1;
    if (!Number.isFinite(judgement.distance)) continue;
    if (best === null || isBetter(judgement, best)) best = { ...judgement, formula: label.formula };
  }
  return {
    assessedLabels: labels.length,
    discoveries,
    best: best && { formula: best.formula, distance: best.distance },
    labelsSinceDiscovery,
  };
}

function isBetter(a: Judgement, b: Judgement): boolean {
  if (a.distance !== b.distance) return a.distance < b.distance;
  return (a.formationEnergyEvPerAtom ?? 0) < (b.formationEnergyEvPerAtom ?? 0);
}

type Measure = (label: LabelFact) => { distance: number; formationEnergyEvPerAtom: number | null };

function measureAboveHull(labels: readonly LabelFact[]): Measure {
  const compositions = labels.map((label) => elementCounts(label.crystal));
  const elements = new Set(compositions.flatMap((composition) => [...composition.keys()]));
  const pure = new Set(
    compositions.flatMap((composition) => (composition.size === 1 ? [...composition.keys()] : [])),
  );
  // While an element has no label of its own (its references failed, say) nothing can be measured from it.
  if (pure.size < elements.size) {
    return () => ({ distance: Number.POSITIVE_INFINITY, formationEnergyEvPerAtom: null });
  }
  const hull = hullOfLabels(labels);
  return (label) => {
    const composition = elementCounts(label.crystal);
    return {
      distance: Math.max(0, hull.energyAboveHullEvPerAtom(composition, energyOf(label))),
      formationEnergyEvPerAtom: hull.formationEnergyEvPerAtom(composition, energyOf(label)),
    };
  };
}

function measureOutside(objective: Extract<Objective, { kind: 'windows' }>): Measure {
  return (label) => {
    const outside = Object.entries(objective.properties).map(([name, { min, max }]) => {
      const value = label.values[name]?.value;
      if (value === undefined) return Number.POSITIVE_INFINITY;
      return Math.max(0, (min?.value ?? -Infinity) - value, value - (max?.value ?? Infinity));
    });
    return { distance: Math.max(...outside), formationEnergyEvPerAtom: null };
  };
}

/** Energies are compared only within one executor, version and settings. */
function methodOf({ executor, settingsSha256 }: LabelFact): string {
  return `${executor.name} ${executor.version}, settings ${settingsSha256.slice(0, 12)}`;
}

function energyOf(label: LabelFact): number {
  const energy = label.values[ENERGY];
  if (!energy) throw new RangeError(`label ${label._id} has no ${ENERGY}, which a hull is built from`);
  return energy.value;
}

/** Remembers phases: true the first time that a crystal of this kind is shown. */
function phaseMemory(): (crystal: Crystal, print: Float64Array) => boolean {
  const catalogue = new PhaseCatalogue();
  const prints: Float64Array[] = [];
  return (crystal, print) => {
    const known = catalogue
      .find(crystal, SAME_PHASE_ANGSTROM, print)
      .some((id) => largestDifference(prints[id] as Float64Array, print) <= SAME_PHASE_ANGSTROM);
    if (known) return false;
    catalogue.add(crystal, print);
    prints.push(print);
    return true;
  };
}
