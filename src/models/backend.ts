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
 * Loads the fastest backend of this machine: native TensorFlow (on a GPU where it finds one), or WebAssembly where that
 * is missing or broken; the description then says why. ASSAYER_BACKEND=tensorflow or wasm asks for one of them. Throws
 * BackendError when it is not there.
 */
export async function loadBackend(wanted = process.env['ASSAYER_BACKEND'] ?? ''): Promise<Backend> {
  switch (wanted) {
    case 'tensorflow':
      return loadTensorFlow();
    case 'wasm':
      return loadWasm();
    case '':
      try {
        return await loadTensorFlow();
      } catch (error) {
        if (!(error instanceof BackendError)) throw error;
        const { tf, description } = await loadWasm();
        return { tf, description: { ...description, fallback: error.message } };
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
  // These operations are too small to share: with two threads a round of learning took 34 s, with one 26 s.
  process.env['TF_NUM_INTRAOP_THREADS'] ??= '1';
  restoreRemovedUtilities();
  let tf: TensorFlow;
  try {
    tf = require('@tensorflow/tfjs-node-gpu') as TensorFlow;
  } catch (cause) {
    throw new BackendError(
      `native TensorFlow cannot be loaded (${firstLine(cause)}); ` +
        "run 'npm run setup', or set ASSAYER_BACKEND=wasm to do without it",
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

/** Starts a backend and has it add two numbers: one that was built for another machine loads, and fails only then. */
async function activate(tf: TensorFlow, name: string): Promise<void> {
  try {
    if (!(await tf.setBackend(name))) throw new Error('it did not start');
    await tf.ready();
    const sum = tf.tidy(() => tf.add(tf.scalar(1), tf.scalar(2)).dataSync()[0]);
    if (sum !== 3) throw new Error(`1 + 2 gave ${sum}`);
  } catch (cause) {
    throw new BackendError(
      `the '${name}' backend of TensorFlow.js does not compute on this machine (${firstLine(cause)})`,
      { cause },
    );
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] as string;
}

/** Node 23 removed these type checks from util; tfjs-node still calls them. */
function restoreRemovedUtilities(): void {
  const target = util as unknown as Record<string, unknown>;
  target['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  target['isArray'] ??= Array.isArray;
  target['isString'] ??= (value: unknown) => typeof value === 'string';
  target['isNumber'] ??= (value: unknown) => typeof value === 'number';
}
