import { createRequire } from 'node:module';
import util from 'node:util';
import type * as tfjs from '@tensorflow/tfjs';
import type { BackendDescription } from './service.ts';

export type TensorFlow = typeof tfjs;

/** A ready TensorFlow.js and what it runs on. Only backend.ts loads it; everything else is handed one of these. */
export interface Backend {
  readonly tf: TensorFlow;
  readonly description: BackendDescription;
}

/** Thrown when no TensorFlow.js backend can be loaded, or the one that was asked for cannot. */
export class BackendError extends Error {
  override readonly name = 'BackendError';
}

const require = createRequire(import.meta.url);

/**
 * Loads the fastest backend of this machine: native TensorFlow, or WebAssembly where its addon is not built.
 * ASSAYER_BACKEND=tensorflow or wasm asks for one of them. Throws BackendError when it is not there.
 */
export async function loadBackend(wanted = process.env['ASSAYER_BACKEND'] ?? ''): Promise<Backend> {
  switch (wanted) {
    case 'tensorflow':
      return loadTensorFlow();
    case 'wasm':
      return loadWasm();
    case '':
      try {
        return loadTensorFlow();
      } catch (error) {
        if (!(error instanceof BackendError)) throw error;
        return await loadWasm();
      }
    default:
      throw new BackendError(
        `ASSAYER_BACKEND is '${wanted}'; it may be 'tensorflow' or 'wasm', or unset to take the faster one there is`,
      );
  }
}

interface NativeBackend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: { readonly TF_Version: string };
}

async function loadTensorFlow(): Promise<Backend> {
  // Read by the native library while it loads; 2 keeps warnings about the machine out of every log.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  restoreRemovedUtilities();
  let tf: TensorFlow;
  try {
    tf = require('@tensorflow/tfjs-node-gpu') as TensorFlow;
  } catch (cause) {
    throw new BackendError(
      "native TensorFlow is not installed; run 'npm run setup', or set ASSAYER_BACKEND=wasm to do without it",
      { cause },
    );
  }
  await activate(tf, 'tensorflow');
  const native = tf.backend() as unknown as NativeBackend;
  return {
    tf,
    description: {
      backend: 'tensorflow',
      version: native.binding.TF_Version,
      device: native.isUsingGpuDevice ? 'gpu' : 'cpu',
    },
  };
}

async function loadWasm(): Promise<Backend> {
  let tf: TensorFlow;
  let wasm: { readonly version_wasm: string };
  try {
    tf = require('@tensorflow/tfjs') as TensorFlow;
    wasm = require('@tensorflow/tfjs-backend-wasm') as typeof wasm;
  } catch (cause) {
    throw new BackendError("TensorFlow.js is not installed; run 'npm ci' in Assayer's folder", { cause });
  }
  await activate(tf, 'wasm');
  return { tf, description: { backend: 'wasm', version: wasm.version_wasm, device: 'cpu' } };
}

async function activate(tf: TensorFlow, name: string): Promise<void> {
  if (!(await tf.setBackend(name))) {
    throw new BackendError(`TensorFlow.js could not start its '${name}' backend on this machine`);
  }
  await tf.ready();
}

/** Node 23 removed these type checks from util; tfjs-node still calls them. */
function restoreRemovedUtilities(): void {
  const target = util as unknown as Record<string, unknown>;
  target['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  target['isArray'] ??= Array.isArray;
  target['isString'] ??= (value: unknown) => typeof value === 'string';
  target['isNumber'] ??= (value: unknown) => typeof value === 'number';
}
