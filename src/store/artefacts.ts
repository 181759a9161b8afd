import { createHash, randomUUID } from 'node:crypto';
import { copyFile, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Large files (checkpoints), addressed by the sha256 of their content, in one folder that all workers share. */
export class ArtefactStore {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Stores a checkpoint (safetensors with its card beside it) and returns its address. */
  async putCheckpoint(file: string): Promise<string> {
    const address = createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
    const target = this.checkpointPath(address);
    await mkdir(join(this.folder, address.slice(0, 2)), { recursive: true });
    await copyInto(cardOf(file), cardOf(target));
    await copyInto(file, target);
    return address;
  }

  /** Path of a stored checkpoint. The models check it against its card when they load it. */
  checkpointPath(address: string): string {
    return join(this.folder, address.slice(0, 2), `${address}.safetensors`);
  }
}

function cardOf(checkpoint: string): string {
  return checkpoint.replace(/\.safetensors$/, '.json');
}

/** Copies under a temporary name and renames, so that a kill leaves no half-written file under the final name. */
async function copyInto(source: string, target: string): Promise<void> {
  if (await stat(target).catch(() => null)) return;
  const partial = `${target}.${randomUUID()}.partial`;
  try {
    await copyFile(source, partial);
    await rename(partial, target);
  } finally {
    await rm(partial, { force: true });
  }
}
