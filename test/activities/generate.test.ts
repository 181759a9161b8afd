import { expect, test } from 'vitest';
import { generateProposals, type GeneratorJob } from '../../src/activities/generate.ts';
import { isInSpace } from '../../src/campaign/space.ts';
import { isValid } from '../../src/crystal/validity.ts';
import type { ModelService } from '../../src/models/service.ts';
import { specWith } from '../campaign/builders.ts';

/** Neither substitution nor random crystals ask a model. */
const noModels = {} as ModelService;

test('substitution and random crystals propose valid crystals of the space, each once, always the same', async () => {
  const job: GeneratorJob = {
    spec: specWith({ generators: ['substitution', 'random'] }),
    proposal: 0,
    generator: { version: 0, checkpoint: '' },
    wanted: 10,
  };
  const proposals = await generateProposals(job, noModels);
  expect(proposals.every(({ crystal }) => isInSpace(crystal, job.spec.space) && isValid(crystal))).toBe(true);
  expect(new Set(proposals.map((proposal) => proposal.identity)).size).toBe(proposals.length);
  const of = (name: string): number => proposals.filter(({ generator }) => generator === name).length;
  expect(of('substitution')).toBeGreaterThan(100);
  expect(of('random')).toBeGreaterThan(30);
  expect(await generateProposals(job, noModels)).toEqual(proposals);
  expect(await generateProposals({ ...job, proposal: 1 }, noModels)).not.toEqual(proposals);
});
