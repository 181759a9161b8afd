import type { Crystal } from '../../crystal/crystal.ts';
import { reducedFormula } from '../../crystal/chemistry/composition.ts';
import type { ExecutorDescription } from '../contract.ts';
import type { ExecutorSpec } from '../registry.ts';
import { checkBadCrystals, checkRealCrystals } from './crystal-checks.ts';
import { samplesFor } from './crystals.ts';
import type { Finding } from './finding.ts';
import { checkInterruptions } from './interruption-checks.ts';
import { checkManners } from './manners-checks.ts';
import { checkRepetition } from './repetition-checks.ts';
import { Subject } from './subject.ts';
import { checkEnergyUnit, checkUnitNames } from './unit-checks.ts';

export interface ConformanceOptions {
  /** An empty folder for the evaluations. */
  readonly folder: string;
  /** Crystals that it can evaluate, where the suite's own are none of its; null for the suite's own. */
  readonly crystals: readonly Crystal[] | null;
  /** Ask for these only; null for all that it gives. */
  readonly properties: readonly string[] | null;
  onStart(description: ExecutorDescription): void;
  onFinding(finding: Finding): void;
}

/**
 * Proves an executor of any kind against the contract, as a campaign would use it.
 * @returns whether it conforms: no check failed
 * @throws Error when the executor cannot be had at all
 */
export async function conforms(spec: ExecutorSpec, options: ConformanceOptions): Promise<boolean> {
  const subject = await Subject.open(spec, options.folder, options.properties);
  let good = true;
  const report = (findings: readonly Finding[]): void => {
    for (const finding of findings) {
      good &&= finding.verdict !== 'failed';
      options.onFinding(finding);
    }
  };
  try {
    options.onStart(subject.description);
    const samples =
      options.crystals?.map((crystal) => ({
        name: reducedFormula(crystal),
        crystal,
        bulkModulusGpa: null,
      })) ?? samplesFor(subject.description);
    report(checkUnitNames(subject));
    const { findings, evaluated } = await checkRealCrystals(subject, samples);
    report(findings);
    const [first] = evaluated;
    // Whoever evaluates nothing fails everything else for the same reason.
    if (!first) return false;
    report(await checkEnergyUnit(subject, evaluated));
    report(await checkRepetition(subject, first));
    report(await checkBadCrystals(subject, first.sample));
    report(await checkInterruptions(subject, first));
    report(await checkManners(subject, evaluated));
    return good;
  } finally {
    await subject.close();
  }
}
