import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { executorSchema } from '../../src/campaign/spec.ts';
import type { EvaluationRequest } from '../../src/executors/contract.ts';
import { samplesFor } from '../../src/executors/conformance/crystals.ts';
import type { Finding } from '../../src/executors/conformance/finding.ts';
import type * as Suite from '../../src/executors/conformance/suite.ts';
import { createExecutor } from '../../src/executors/registry.ts';
import { occupy } from '../../src/crystal/generators/substitution.ts';
import { PROTOTYPES } from '../../src/crystal/generators/prototypes.ts';
import { loadSymmetryFinder } from '../../src/symmetry-finder.ts';
import { rattle } from '../crystal/variants.ts';

// The compiled suite: see test/executors/conformance.
const compiled = new URL('../../dist/src/executors/conformance/suite.js', import.meta.url).href;
const { conforms } = (await import(compiled)) as typeof Suite;

const EXAMPLES = resolve('examples/executors');
let folder: string;
let commands: Record<string, string[]>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assayer-example-'));
  const types = ['--types', 'node', '--typeRoots', resolve('node_modules/@types')];
  const target = ['--target', 'es2023', '--module', 'nodenext', '--strict'];
  const compile = [...target, ...types, '--outDir', folder, join(EXAMPLES, 'morse.ts')];
  // Outside the repository, as its user would: the examples are no part of the program.
  execFileSync(resolve('node_modules/.bin/tsc'), compile, { cwd: folder });
  commands = {
    'morse.sh': [join(EXAMPLES, 'morse.sh')],
    'morse.py': ['python3', join(EXAMPLES, 'morse.py')],
    'morse.ts': [process.execPath, join(folder, 'morse.js')],
  };
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const specOf = (name: string) =>
  executorSchema.parse({ name: 'command', command: commands[name], deadline: '60 s' });

describe.each(['morse.sh', 'morse.py', 'morse.ts'])('examples/executors/%s', (name) => {
  test('is an executor in under 50 lines', async () => {
    const lines = (await readFile(join(EXAMPLES, name), 'utf8')).split('\n');
    const code = lines.filter((line) => line.trim() !== '' && !/^\s*(#|\/\/|\/\*|""")/.test(line));
    expect(code.length).toBeLessThan(50);
  });

  test('conforms', { timeout: 180_000 }, async () => {
    const findings: Finding[] = [];
    const good = await conforms(specOf(name), {
      folder: await mkdtemp(join(folder, 'run-')),
      crystals: null,
      properties: null,
      onStart: () => undefined,
      onFinding: (finding) => findings.push(finding),
    });
    expect(findings.filter(({ verdict }) => verdict !== 'passed')).toEqual([]);
    expect(good).toBe(true);
  });
});

test('all three give the same energies', { timeout: 60_000 }, async () => {
  loadSymmetryFinder();
  const alloy = rattle(occupy(PROTOTYPES[4] as (typeof PROTOTYPES)[0], [47, 29]), 0.1, 1);
  const copper = samplesFor({ elements: ['Cu'], maxAtoms: 1 })[0]?.crystal;
  for (const [index, crystal] of [alloy, copper ?? expect.fail('no copper')].entries()) {
    const energies = await Promise.all(
      Object.keys(commands).map(async (name) => {
        const executor = await createExecutor(specOf(name), join(folder, name));
        const request: EvaluationRequest = {
          contractVersion: 1,
          key: `k${index}`,
          crystal,
          properties: { energyEvPerAtom: 'eV/atom' },
          settings: {},
          fidelity: 'morse',
          deadlineSeconds: 60,
          seed: 1,
        };
        const context = { signal: new AbortController().signal, heartbeat: () => undefined };
        const answer = await executor.evaluate(request, context);
        if (answer.status === 'failed') throw new Error(answer.failure.message);
        return answer.values['energyEvPerAtom']?.value ?? Number.NaN;
      }),
    );
    for (const energy of energies) expect(energy).toBeCloseTo(energies[0] ?? 0, 8);
    // Cohesive energies of copper and silver: 3.49 and 2.95 eV/atom (Kittel).
    expect(energies[0]).toBeGreaterThan(-4);
    expect(energies[0]).toBeLessThan(-2.5);
  }
});
