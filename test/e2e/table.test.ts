import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { ELEMENTS } from '../../src/crystal/chemistry/elements.ts';
import { readRecord, startAssayer } from '../support/assayer.ts';

const spec = `
name: replayed
question: Which of these binaries form with more than 1 eV/atom?
space:
  elements: [${ELEMENTS.map(({ symbol }) => `'${symbol}'`).join(', ')}]
  elementsPerCrystal: { min: 2, max: 2 }
  atoms: { min: 2, max: 20 }
objective:
  kind: windows
  properties:
    formationEnergyEvPerAtom: { max: -1 eV/atom }
generators: [table]
executor:
  name: table
  settings:
    files: [${resolve('test/fixtures/tables/mp-excerpt.csv')}]
    properties:
      formationEnergyEvPerAtom: { column: formation_energy_per_atom, unit: eV/atom }
budget:
  labels: 200
learning: { everyLabels: 30, staleLabels: 0, members: 2 }
`;

test('a table with gaps is searched to its last row: gaps are recorded failures, and the campaign says why it ended', async () => {
  await using assayer = await startAssayer();
  await assayer.ok('run', await assayer.spec(spec), '--json');
  const ended = await assayer.status('replayed');
  expect(ended).toMatchObject({ phase: 'finished', failed: 8, rejected: 0 });
  expect(ended.labels.model + ended.labels.control).toBe(72);
  expect(ended.stopReason).toBe('the generators brought nothing new in 3 proposals: the space is exhausted');

  await using connection = await assayer.connect();
  const record = await readRecord(connection.store, 'replayed');
  const failures = record.evaluations.filter(({ status }) => status === 'failed');
  expect(failures.map(({ reason }) => reason)).toEqual(
    Array.from({ length: 8 }, () =>
      expect.stringMatching(/^badInput: the table has no formationEnergyEvPerAtom for /),
    ),
  );
  const below = record.labels.filter(({ values }) => (values['formationEnergyEvPerAtom']?.value ?? 0) <= -1);
  expect(ended.discoveries.model + ended.discoveries.control).toBe(below.length);
});
