import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ArtefactStore } from '../../src/store/artefacts.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assayer-artefacts-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a checkpoint and its card are kept under the hash of the weights, once, and nothing half-written stays', async () => {
  await writeFile(join(folder, 'model.safetensors'), 'weights');
  await writeFile(join(folder, 'model.json'), '{"card": 1}');
  const artefacts = new ArtefactStore(join(folder, 'store'));
  const address = await artefacts.putCheckpoint(join(folder, 'model.safetensors'));
  expect(address).toMatch(/^[0-9a-f]{64}$/);
  expect(await artefacts.putCheckpoint(join(folder, 'model.safetensors'))).toBe(address);
  expect(await readFile(artefacts.checkpointPath(address), 'utf8')).toBe('weights');
  expect(await readFile(artefacts.checkpointPath(address).replace('.safetensors', '.json'), 'utf8')).toBe(
    '{"card": 1}',
  );
  expect(await readdir(join(folder, 'store', address.slice(0, 2)))).toHaveLength(2);
});
