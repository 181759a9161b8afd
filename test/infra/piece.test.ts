import { mkdir, readdir, readFile, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { checkPiece, ensurePiece } from '../../infra/setup/piece.mjs';
import { temporaryFolder } from './temporary-folder.ts';

async function makeFake(folder: string): Promise<string> {
  await mkdir(join(folder, 'bin'));
  await writeFile(join(folder, 'bin', 'program'), 'as it was made');
  return 'a test';
}

async function preparePiece() {
  const cache = await temporaryFolder();
  const make = vi.fn<typeof makeFake>(makeFake);
  const tell = { say: vi.fn<(text: string) => void>(), note: vi.fn<(text: string) => void>() };
  const ensure = () => ensurePiece({ cache, name: 'fake-1.0', make, tell });
  const program = join(cache, 'fake-1.0', 'bin', 'program');
  return { cache, make, tell, ensure, program };
}

test('a piece is made once and then found', async () => {
  const { cache, make, ensure, program } = await preparePiece();
  expect(await ensure()).toEqual({ folder: join(cache, 'fake-1.0'), from: 'a test', made: true });
  expect(await readFile(program, 'utf8')).toBe('as it was made');
  expect(await ensure()).toMatchObject({ made: false, from: 'a test' });
  expect(make).toHaveBeenCalledTimes(1);
});

test('a truncated file is found, said and mended', async () => {
  const { make, tell, ensure, program } = await preparePiece();
  await ensure();
  await truncate(program, 5);
  await ensure();
  expect(make).toHaveBeenCalledTimes(2);
  expect(tell.note).toHaveBeenCalledWith(
    'the cached fake-1.0 is damaged (bin/program has 5 bytes instead of 14); it is made again',
  );
  expect(await readFile(program, 'utf8')).toBe('as it was made');
});

test('a file of the same size with other content is found', async () => {
  const { cache, ensure, program } = await preparePiece();
  await ensure();
  // Set-up and change may lie within the same millisecond here, as they do not on a user's disk.
  await writeFile(program, 'as it was fake');
  await utimes(program, new Date(), new Date(Date.now() + 1000));
  expect(await checkPiece(join(cache, 'fake-1.0'))).toEqual({
    state: 'damaged',
    why: 'bin/program changed',
  });
});

test('a silent change behind an unchanged size and time is found by the deep check', async () => {
  const { cache, ensure, program } = await preparePiece();
  await ensure();
  const { atime, mtime } = await stat(program);
  await writeFile(program, 'as it was fake');
  await utimes(program, atime, mtime);
  expect(await checkPiece(join(cache, 'fake-1.0'), { deep: true })).toMatchObject({ state: 'damaged' });
});

test('a file that was only touched is whole', async () => {
  const { cache, ensure, program } = await preparePiece();
  await ensure();
  await utimes(program, new Date(), new Date());
  expect(await checkPiece(join(cache, 'fake-1.0'))).toMatchObject({ state: 'whole' });
});

test('a lost stamp, as from a foreign folder, is damage', async () => {
  const { cache, ensure, make } = await preparePiece();
  await mkdir(join(cache, 'fake-1.0'));
  expect(await checkPiece(join(cache, 'fake-1.0'))).toMatchObject({ state: 'damaged' });
  await ensure();
  expect(make).toHaveBeenCalledTimes(1);
});

test('what a killed set-up left is removed, and a failed make leaves nothing', async () => {
  const { cache, make, ensure } = await preparePiece();
  await mkdir(join(cache, '.fake-1.0-abc123'));
  make.mockRejectedValueOnce(new Error('no compiler'));
  await expect(ensure()).rejects.toThrow('no compiler');
  expect(await readdir(cache)).toEqual([]);
});

test('two set-ups at once make a piece once', async () => {
  const { make, ensure } = await preparePiece();
  const results = await Promise.all([ensure(), ensure(), ensure()]);
  expect(make).toHaveBeenCalledTimes(1);
  expect(results.filter(({ made }) => made)).toHaveLength(1);
});
