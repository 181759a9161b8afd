import { afterAll, expect, test } from 'vitest';
import { BackendError, loadBackend } from '../../src/models/backend.ts';

// Every native addon fails to load here, as one does whose library is missing or was built for another machine.
const { dlopen } = process;
process.dlopen = () => {
  throw new Error('libtensorflow_cc.so.2: cannot open shared object file\nDid you forget to install it?');
};
afterAll(() => void (process.dlopen = dlopen));

test('native TensorFlow that does not load is refused with its reason and the remedy when it is asked for', async () => {
  await expect(loadBackend('tensorflow')).rejects.toThrow(BackendError);
  await expect(loadBackend('tensorflow')).rejects.toThrow(
    /native TensorFlow cannot be loaded \(.+\); run 'npm run setup', or set ASSAYER_BACKEND=wasm/,
  );
});

test('without being asked for, WASM computes in its place, and says why', async () => {
  const { tf, description } = await loadBackend('');
  expect(description).toEqual({
    backend: 'wasm',
    version: '4.22.0',
    device: 'cpu',
    fallback: expect.stringMatching(/^native TensorFlow cannot be loaded \(.+\)/),
  });
  expect(tf.add(1, 2).dataSync()[0]).toBe(3);
});
