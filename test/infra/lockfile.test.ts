import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

interface Locked {
  version?: string;
  optionalDependencies?: Record<string, string>;
  resolved?: string;
}

const text = await readFile(join(import.meta.dirname, '..', '..', 'package-lock.json'), 'utf8');
const { packages } = JSON.parse(text) as { packages: Record<string, Locked> };

/** Whether a dependency of the package at `path` is in the lockfile, where Node would look for it. */
function isLocked(path: string, name: string): boolean {
  if (packages[`${path ? `${path}/` : ''}node_modules/${name}`]) return true;
  return path !== '' && isLocked(path.split('/node_modules/').slice(0, -1).join('/node_modules/'), name);
}

// npm drops those of other platforms when it writes a lockfile beside an installed tree, and npm ci then refuses.
test('the lockfile names the optional packages of every platform', () => {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter((name) => !isLocked(path, name)),
  );
  expect(missing).toEqual([]);
});

test('the lockfile holds no download addresses', () => {
  expect(Object.keys(packages).filter((path) => packages[path]?.resolved !== undefined)).toEqual([]);
});

// Temporal reads JSON histories with its protobufjs 8: a second copy makes every replay fail.
test('there is one protobufjs 8', () => {
  const copies = Object.entries(packages).filter(
    ([path, { version }]) => path.endsWith('node_modules/protobufjs') && version?.startsWith('8.'),
  );
  expect(copies.map(([path]) => path)).toEqual(['node_modules/protobufjs']);
});
