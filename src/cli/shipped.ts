import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root, seen from dist/src/cli. */
export const ROOT = resolve(fileURLToPath(new URL('../../..', import.meta.url)));

/** The base checkpoints that every campaign starts from. */
export const BASE_CHECKPOINTS = {
  surrogate: join(ROOT, 'checkpoints', 'surrogate-base.safetensors'),
  generator: join(ROOT, 'checkpoints', 'generator-base.safetensors'),
} as const;
