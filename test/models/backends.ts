import { BackendError, loadBackend } from '../../src/models/backend.ts';
import type { BackendDescription } from '../../src/models/service.ts';

/** The backends this machine has: WebAssembly always, native TensorFlow where its addon is built. */
export async function availableBackends(): Promise<BackendDescription['backend'][]> {
  try {
    await loadBackend('tensorflow');
    return ['tensorflow', 'wasm'];
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    return ['wasm'];
  }
}
