import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ensureBuild, isBuilt } from '../../infra/setup/build.mjs';
import { whyInstall } from '../../infra/setup/dependencies.mjs';
import { temporaryFolder } from './temporary-folder.ts';

async function cloneWith(files: Record<string, string>): Promise<string> {
  const root = await temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
  return root;
}

const lockfile = (version: string) =>
  JSON.stringify({
    packages: {
      '': { version: '0.1.0' },
      'node_modules/a': { version },
      'node_modules/only-elsewhere': { version: '1.0.0', optional: true },
    },
  });

describe('the npm packages', () => {
  const installed = {
    'package-lock.json': lockfile('1.0.0'),
    'node_modules/.package-lock.json': lockfile('1.0.0'),
    'node_modules/a/package.json': '{}',
  };

  test('are installed when there are none', async () => {
    const root = await cloneWith({ 'package-lock.json': lockfile('1.0.0') });
    expect(await whyInstall(root)).toBe('none are there');
  });

  test('are kept when they are those of the lockfile', async () => {
    const root = await cloneWith(installed);
    expect(await whyInstall(root)).toBeUndefined();
    expect(await whyInstall(root)).toBeUndefined();
  });

  test('are installed again after the lockfile changed', async () => {
    const root = await cloneWith(installed);
    expect(await whyInstall(root)).toBeUndefined();
    await writeFile(join(root, 'package-lock.json'), lockfile('1.0.1'));
    expect(await whyInstall(root)).toBe('node_modules/a is not version 1.0.1');
  });

  test('are installed again when one was removed', async () => {
    const root = await cloneWith(installed);
    await rm(join(root, 'node_modules', 'a'), { recursive: true });
    expect(await whyInstall(root)).toBe('node_modules/a is missing');
  });
});

describe('the build', () => {
  const fakeCompiler = `
    const { cpSync, mkdirSync, appendFileSync } = require('node:fs');
    mkdirSync('dist/infra/stack', { recursive: true });
    cpSync('src', 'dist/src', { recursive: true });
    cpSync('bundle.cjs', 'dist/infra/stack/bundle-workflows.js');
    appendFileSync('compiled', 'x');`;
  const sources = {
    'tsconfig.json': '{}',
    'tsconfig.build.json': '{}',
    'package-lock.json': '{}',
    'src/a.ts': 'export {};',
    'bundle.cjs': "require('node:fs').writeFileSync('dist/workflow-bundle.js', 'bundle')",
    'node_modules/typescript/bin/tsc': fakeCompiler,
  };

  async function build() {
    const root = await cloneWith(sources);
    const cache = await temporaryFolder();
    const again = () => ensureBuild({ root, cache, tell: { say: () => {}, note: () => {} } });
    const times = async () => (await readFile(join(root, 'compiled'), 'utf8')).length;
    await again();
    return { root, again, times };
  }

  test('is skipped while the sources are the same', async () => {
    const { root, again, times } = await build();
    await again();
    expect(await times()).toBe(1);
    expect(await isBuilt(root)).toBe(true);
  });

  test('is made again after a source changed, came or went', async () => {
    const { root, again, times } = await build();
    await writeFile(join(root, 'src', 'a.ts'), 'export { };');
    await again();
    await writeFile(join(root, 'src', 'b.ts'), '');
    await again();
    await rm(join(root, 'src', 'b.ts'));
    await again();
    expect(await times()).toBe(4);
  });

  test('is made again when dist/ lost or changed a file', async () => {
    const { root, again, times } = await build();
    await rm(join(root, 'dist', 'workflow-bundle.js'));
    await again();
    await writeFile(join(root, 'dist', 'src', 'a.ts'), 'cut');
    await again();
    expect(await times()).toBe(3);
    expect(await readFile(join(root, 'dist', 'src', 'a.ts'), 'utf8')).toBe('export {};');
  });
});
