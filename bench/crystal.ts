import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Figure } from './figure.ts';

/**
 * Crystals against the Python libraries that a user would otherwise call: every part that bench/crystal/ holds, each in
 * a process of its own as its peer is, so that none starts with another's heap.
 */
export async function run({ quick }: { readonly quick: boolean }): Promise<Figure[]> {
  const parts = readdirSync(new URL('crystal/', import.meta.url))
    .map((file) => file.replace(/\.[jt]s$/, ''))
    .filter((name) => /^[a-z-]+$/.test(name) && name !== 'side-by-side')
    .toSorted();
  return parts.flatMap((name) => {
    const part = new URL(`crystal/${name}.js`, import.meta.url).href;
    const script = `
      const { run } = await import(${JSON.stringify(part)});
      process.stdout.write(JSON.stringify(await run({ quick: ${quick} })));`;
    const options = { cwd: fileURLToPath(new URL('../..', import.meta.url)), maxBuffer: 1 << 28 };
    const answer = execFileSync(process.execPath, ['--input-type=module', '--eval', script], options);
    return JSON.parse(answer.toString()) as Figure[];
  });
}
