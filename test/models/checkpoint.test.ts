import { mkdtemp, readFile, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CheckpointError,
  cardPath,
  readCheckpoint,
  tensorValues,
  writeCheckpoint,
} from '../../src/models/checkpoint.ts';
import { SafetensorsError, decodeSafetensors, encodeSafetensors } from '../../src/models/safetensors.ts';

const card = {
  kind: 'surrogate' as const,
  architecture: { width: 2 },
  targets: ['energyEvPerAtom'],
  parameters: {},
  trainingData: { sha256: 'abc', rows: 3, description: 'test' },
  metrics: {},
  parents: [],
  licence: 'MIT',
  attribution: '',
};
const tensors = [
  { name: 'a', shape: [2, 3], values: Float32Array.from([1, 2, 3, 4, 5, -6.5]) },
  { name: 'b', shape: [], values: Float32Array.from([7]) },
];

async function written(): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'assayer-')), 'model.safetensors');
  await writeCheckpoint(path, card, tensors);
  return path;
}

describe('safetensors', () => {
  test('any float32 arrays come back as they were', () => {
    const shapes = fc.array(fc.nat({ max: 4 }), { maxLength: 3 });
    fc.assert(
      fc.property(fc.array(shapes, { maxLength: 5 }), fc.string(), (list, note) => {
        const given = list.map((shape, i) => {
          const size = shape.reduce((product, length) => product * length, 1);
          return { name: `tensor ${i}`, shape, values: Float32Array.from({ length: size }, (_, k) => k / 3) };
        });
        const bytes = encodeSafetensors(given, { note });
        expect([...decodeSafetensors(bytes).values()]).toEqual(given);
        // The format's own rule: data begin on a multiple of eight bytes.
        expect(Number(bytes.readBigUInt64LE()) % 8).toBe(0);
      }),
    );
  });

  test('a file cut off anywhere is refused', () => {
    const bytes = encodeSafetensors(tensors);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeSafetensors(bytes.subarray(0, length))).toThrow(SafetensorsError);
    }
  });

  test('refuses values that do not fill their shape', () => {
    const short = [{ name: 'a', shape: [3], values: new Float32Array(2) }];
    expect(() => encodeSafetensors(short)).toThrowErrorMatchingInlineSnapshot(
      `[SafetensorsError: tensor a has 2 numbers, its shape 3]`,
    );
  });
});

describe('checkpoints', () => {
  test('come back with their card', async () => {
    const path = await written();
    const checkpoint = await readCheckpoint(path, 'surrogate');
    expect(checkpoint.card).toMatchObject(card);
    expect(tensorValues(checkpoint, 'a', [2, 3])).toEqual(tensors[0]?.values);
  });

  test('a missing tensor or another shape names both', async () => {
    const checkpoint = await readCheckpoint(await written(), 'surrogate');
    expect(() => tensorValues(checkpoint, 'a', [3, 2])).toThrow(/a is \[2, 3\], the network needs \[3, 2\]/);
    expect(() => tensorValues(checkpoint, 'c', [1])).toThrow(/c is absent/);
  });

  test('one changed byte, a cut-off file, a broken card and another kind are told apart', async () => {
    const flipped = await written();
    const bytes = await readFile(flipped);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    await writeFile(flipped, bytes);
    await expect(readCheckpoint(flipped, 'surrogate')).rejects.toThrow(/do not match the sha256/);

    const cut = await written();
    await truncate(cut, 50);
    await expect(readCheckpoint(cut, 'surrogate')).rejects.toThrow(/damaged or cut off/);

    const odd = await written();
    await writeFile(cardPath(odd), '{"kind":');
    await expect(readCheckpoint(odd, 'surrogate')).rejects.toThrow(/card .* cannot be understood/);

    const surrogate = await written();
    await expect(readCheckpoint(surrogate, 'generator')).rejects.toThrow(
      /holds a surrogate, not a generator/,
    );
    await expect(readCheckpoint('/nowhere.safetensors', 'generator')).rejects.toThrow(CheckpointError);
  });
});
