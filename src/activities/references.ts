import type { CandidateFact } from '../campaign/facts.ts';
import type { CampaignSpec } from '../campaign/spec.ts';
import type { QueuedCandidate } from '../campaign/state.ts';
import { formulaOf, elementCounts } from '../crystal/chemistry/composition.ts';
import { atomicNumberOf } from '../crystal/chemistry/elements.ts';
import { identity } from '../crystal/identity/fingerprint.ts';
import { ELEMENTAL_PROTOTYPES } from '../crystal/generators/prototypes.ts';
import { occupy } from '../crystal/generators/substitution.ts';
import type { ExecutorDescription } from '../executors/contract.ts';
import { evaluationKey } from '../executors/key.ts';
import { loadSymmetryFinder } from '../symmetry-finder.ts';
import { candidateIdOf } from './candidates.ts';

/**
 * The elements' own crystals (fcc, bcc, hcp): a hull is measured from the lowest of each, computed by the campaign's
 * own executor and settings, never taken from elsewhere.
 */
export function proposeReferences(
  spec: CampaignSpec,
  executor: ExecutorDescription,
  now: Date,
): { candidates: CandidateFact[]; queued: QueuedCandidate[] } {
  loadSymmetryFinder();
  const candidates = spec.space.elements.flatMap((symbol) =>
    ELEMENTAL_PROTOTYPES.map((prototype): CandidateFact => {
      const crystal = occupy(prototype, [atomicNumberOf(symbol)]);
      const name = identity(crystal);
      return {
        _id: candidateIdOf(name),
        crystal,
        formula: formulaOf(elementCounts(crystal)),
        identity: name,
        generator: 'reference',
        generatorVersion: 0,
        proposal: 0,
        createdAt: now.toISOString(),
      };
    }),
  );
  const queued = candidates.map((candidate): QueuedCandidate => ({
    candidateId: candidate._id,
    key: evaluationKey(candidate.identity, executor, spec.executor.settings),
    formula: candidate.formula,
    arm: 'reference',
    modelVersion: 0,
    acquisition: 0,
  }));
  return { candidates, queued };
}
