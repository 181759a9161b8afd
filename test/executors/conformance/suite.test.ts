import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { executorSchema } from '../../../src/campaign/spec.ts';
import type { Crystal } from '../../../src/crystal/crystal.ts';
import { writeCif } from '../../../src/crystal/formats/cif.ts';
import { samplesFor } from '../../../src/executors/conformance/crystals.ts';
import type { Finding } from '../../../src/executors/conformance/finding.ts';
import type * as Suite from '../../../src/executors/conformance/suite.ts';

// The compiled suite: it kills workers, which are processes of their own, and Node 20 runs no TypeScript there.
const compiled = new URL('../../../dist/src/executors/conformance/suite.js', import.meta.url).href;
const { conforms } = (await import(compiled)) as typeof Suite;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assayer-conformance-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function examine(executor: object, crystals: readonly Crystal[] | null = null) {
  const findings: Finding[] = [];
  const good = await conforms(executorSchema.parse({ deadline: '60 s', ...executor }), {
    folder: await mkdtemp(join(folder, 'run-')),
    crystals,
    properties: null,
    onStart: () => undefined,
    onFinding: (finding) => findings.push(finding),
  });
  return { good, findings };
}

/** Not a version manager's wrapper, which is slow. */
const PYTHON = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], {
  encoding: 'utf8',
}).trim();
const program = (...command: string[]) => ({ name: 'command', command: command.map(pathOf) });
const pathOf = (word: string) => (word.includes('/') ? resolve(word) : word);

test('emt conforms', async () => {
  const { good, findings } = await examine({ name: 'emt' });
  expect(findings.filter(({ verdict }) => verdict !== 'passed')).toEqual([]);
  expect(good).toBe(true);
  expect(findings.length).toBeGreaterThan(15);
});

test('table conforms, asked for crystals that it holds', async () => {
  const crystals = samplesFor({ elements: null, maxAtoms: 10 }).map(({ crystal }) => crystal);
  const rows = crystals.map((crystal, i) => `"${writeCif(crystal).replaceAll('"', '""')}",${-i}`);
  const file = join(folder, 'table.csv');
  await writeFile(file, `cif,energy\n${rows.join('\n')}\n`);
  const properties = { energyEvPerAtom: { column: 'energy', unit: 'eV/atom' } };
  const { good, findings } = await examine(
    { name: 'table', settings: { files: [file], properties } },
    crystals,
  );
  expect(findings.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
  expect(good).toBe(true);
});

/** Each program is wrong in several ways that do not hide each other. */
describe('a wrong program is found out, with its remedy', () => {
  test.each<[string, Record<string, [Finding['verdict'], string]>]>([
    [
      'hartree,breaks,ghost-artefact,chatty,expensive',
      {
        'gives energies on the scale of eV': ['failed', 'look like hartree/atom'],
        'refuses a cell without volume': ['warned', 'failure of kind badInput'],
        'leaves its artefact: log': ['failed', 'write it into the working folder'],
        'prints its answer alone on standard output': ['warned', 'print logs on standard error'],
        'estimates its cost': ['warned', 'declare a costEstimate'],
      },
    ],
    [
      'constant,per-cell,credulous',
      {
        'tells crystals apart': ['failed', 'read the request’s crystal'],
        'gives the energy per atom, not per cell': ['failed', 'divide the energy by the number of atoms'],
        'refuses two atoms on one place': ['failed', 'check the shortest distance first'],
      },
    ],
    [
      'random,unit-string,untidy',
      {
        'names the unit of energyEvPerAtom': ['failed', 'give it in eV/atom'],
        'evaluates a real crystal: Cu': ['failed', 'in its unit'],
        'gives the same answer to the same request': ['failed', 'use the request’s seed'],
        'survives a kill of its worker': ['failed', 'start well in a folder that holds'],
      },
    ],
  ])(
    '%s',
    async (ways, expected) => {
      const liar = program(PYTHON, 'test/fixtures/executors/command/liar.py', ways);
      const { good, findings } = await examine(liar);
      const advice = Object.keys(expected).map((check) => findings.find((one) => one.check === check));
      expect(advice).toEqual(
        Object.values(expected).map(([verdict, remedy]) =>
          expect.objectContaining({ verdict, remedy: expect.stringContaining(remedy) as string }),
        ),
      );
      expect(good).toBe(false);
    },
    180_000,
  );

  test('one that cannot even start', async () => {
    await expect(examine(program('/no/such/program'))).rejects.toThrow('there is no program');
    const dies = program('test/fixtures/executors/command/behaviour.sh', 'dies');
    await expect(examine(dies)).resolves.toMatchObject({ good: false });
  });
});
