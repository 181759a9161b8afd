import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';

/**
 * A command as it can be run from any folder: what is a path or names a file in the given folder is made absolute; a
 * program without a slash stays, and is looked for on the PATH.
 */
export async function absoluteCommand(command: readonly string[], folder: string): Promise<string[]> {
  return Promise.all(
    command.map(async (word, index) => {
      const path = resolve(folder, word);
      if (index === 0) return word.includes('/') ? path : word;
      return (await isFile(path)) ? path : word;
    }),
  );
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
