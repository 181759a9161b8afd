import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { ensureStore, findStore } from '../../infra/setup/store.mjs';
import { ensureTemporal, findTemporal } from '../../infra/setup/temporal.mjs';
import { temporaryFolder } from './temporary-folder.ts';

beforeEach(() => {
  // No test may download: the network is always away.
  vi.stubGlobal('fetch', () => Promise.reject(new Error('offline')));
});

/** A machine whose PATH holds only the given programs, as shell scripts. */
async function machineWith(programs: Record<string, string>) {
  const folder = await temporaryFolder();
  const bin = join(folder, 'bin');
  await mkdir(bin);
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(bin, name), 0o755);
  }
  const env: NodeJS.ProcessEnv = { PATH: bin, ASSAYER_CACHE: join(folder, 'cache') };
  const notes: string[] = [];
  const tell = { say: () => {}, note: (text: string) => void notes.push(text) };
  return { env, bin, notes, tell };
}

const go = (version: string, build: string) =>
  `if [ "$1" = env ]; then echo ${version}; echo local; else ${build}; fi`;
const mongod = (version: string) => `echo "db version v${version}"`;

describe('Temporal', () => {
  test('an address of the user is taken before anything else', async () => {
    const { env } = await machineWith({ temporal: 'echo temporal version 1.6.0' });
    const found = await findTemporal({ ...env, TEMPORAL_ADDRESS: 'host:7233' });
    expect(found).toEqual({ from: 'TEMPORAL_ADDRESS', address: 'host:7233' });
  });

  test('a program on PATH that runs is taken', async () => {
    const { env, bin } = await machineWith({ temporal: 'echo "temporal version 1.6.0 (Server 1.30.0)"' });
    expect(await findTemporal(env)).toEqual({ from: 'PATH', path: join(bin, 'temporal'), version: '1.6.0' });
  });

  test('a program on PATH that does not run is passed over, and Go compiles one into the cache', async () => {
    const install = 'echo "$@" > "$GOBIN/arguments"; echo made > "$GOBIN/temporal"';
    const { env, notes, tell } = await machineWith({ temporal: 'exit 3', go: go('go1.26.1', install) });
    const made = await ensureTemporal({ env, tell });
    const path = join(String(env['ASSAYER_CACHE']), 'temporal-1.5.1', 'temporal');
    expect(made).toEqual({ from: 'cache', path, version: '1.5.1' });
    expect(await readFile(join(path, '..', 'arguments'), 'utf8')).toContain(
      'github.com/temporalio/cli/cmd/temporal@v1.5.1',
    );
    expect(notes).toEqual(['the download is not to be had (offline); trying Go instead']);
    expect(await findTemporal(env)).toEqual(made);
  });

  test.each([
    ['no Go', {}, 'there is no Go'],
    ['an old Go that fetches no other', { go: go('go1.22.0', 'exit 1') }, 'Go 1.22.0 is older than 1.25'],
  ])('with %s the error says what to do', async (_, programs, why) => {
    const { env, tell } = await machineWith(programs);
    await expect(ensureTemporal({ env, tell })).rejects.toThrow(
      `Temporal: no server: ${why}. To go on, set TEMPORAL_ADDRESS to a server of yours, put the Temporal CLI (\`temporal\`) on PATH, or install Go 1.25 or later.`,
    );
  });
});

describe('the store', () => {
  test('a URI of the user is taken before anything else', async () => {
    const { env } = await machineWith({ mongod: mongod('8.0.1') });
    const found = await findStore({ ...env, MONGODB_URI: 'mongodb://host' });
    expect(found).toEqual({ from: 'MONGODB_URI', uri: 'mongodb://host' });
  });

  test('mongod on PATH is taken when the driver speaks to it', async () => {
    const { env, bin } = await machineWith({ mongod: mongod('8.0.1') });
    const found = await findStore(env);
    expect(found).toEqual({ from: 'PATH', kind: 'mongod', path: join(bin, 'mongod'), version: '8.0.1' });
  });

  test('an old mongod and a download that is away lead to FerretDB', async () => {
    const build = 'while [ "$1" != -o ]; do shift; done; echo made > "$2"';
    const { env, notes, tell } = await machineWith({ mongod: mongod('4.2.0'), go: go('go1.24.3', build) });
    const made = await ensureStore({ env, tell });
    expect(made).toMatchObject({ from: 'cache', kind: 'ferretdb', version: '1.24.2' });
    expect(notes).toEqual(['mongod is not to be had (offline); using FerretDB on SQLite instead']);
    expect(await findStore(env)).toEqual(made);
    expect(await findStore(env, 'mongod')).toBeUndefined();
  });

  test('a damaged FerretDB is made again, and not replaced by mongod', async () => {
    const build = 'while [ "$1" != -o ]; do shift; done; echo made > "$2"';
    const { env, notes, tell } = await machineWith({ go: go('go1.24.3', build) });
    const made = await ensureStore({ env, tell });
    if (!('path' in made)) throw new Error('not a program');
    await writeFile(made.path, 'cut');
    notes.length = 0;
    expect(await ensureStore({ env, tell })).toEqual(made);
    expect(notes).toEqual([
      'the cached ferretdb-1.24.2 is damaged (ferretdb has 3 bytes instead of 5); it is made again',
    ]);
  });

  test('with nothing at all the error says what to do', async () => {
    const { env, tell } = await machineWith({});
    await expect(ensureStore({ env, tell })).rejects.toThrow(
      'Store: no server: there is no Go. To go on, set MONGODB_URI to a server of yours, put `mongod` on PATH, or install Go 1.24 or later.',
    );
  });
});
