import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { withLock } from './lock.mjs';

/** @typedef {{ from: string, files: Record<string, { size: number, mtimeMs: number, sha256: string }> }} Stamp */
/** @typedef {{ state: 'whole', from: string } | { state: 'missing' } | { state: 'damaged', why: string }} Check */

const stampName = '.stamp.json';

/**
 * Says whether a piece is as it was made. Size and time of every file are compared; a file whose time changed,
 * or every file when `deep`, is read and hashed.
 *
 * @param {string} folder
 * @param {{ deep?: boolean }} [options]
 * @returns {Promise<Check>}
 */
export async function checkPiece(folder, { deep = false } = {}) {
  if (!(await exists(folder))) return { state: 'missing' };
  /** @type {Stamp} */
  let stamp;
  try {
    stamp = JSON.parse(await readFile(join(folder, stampName), 'utf8'));
  } catch {
    return { state: 'damaged', why: 'its stamp cannot be read' };
  }
  for (const [name, made] of Object.entries(stamp.files)) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) return { state: 'damaged', why: `${name} is missing` };
    if (found.size !== made.size) {
      return { state: 'damaged', why: `${name} has ${found.size} bytes instead of ${made.size}` };
    }
    const touched = Math.abs(found.mtimeMs - made.mtimeMs) > 1;
    if (!touched && !deep) continue;
    if ((await hashFile(path)) !== made.sha256) return { state: 'damaged', why: `${name} changed` };
    if (touched) await utimes(path, found.atime, new Date(made.mtimeMs));
  }
  return { state: 'whole', from: stamp.from };
}

/**
 * Gives a piece of the cache, making it when it is missing or damaged: `make` fills an empty folder and says
 * where the piece came from; the folder is stamped and renamed into place.
 *
 * @param {object} piece
 * @param {string} piece.cache
 * @param {string} piece.name
 * @param {(folder: string) => Promise<string>} piece.make
 * @param {import('./progress.mjs').Tell} piece.tell
 * @returns {Promise<{ folder: string, from: string, made: boolean }>}
 */
export async function ensurePiece({ cache, name, make, tell }) {
  const folder = join(cache, name);
  const first = await checkPiece(folder);
  if (first.state === 'whole') return { folder, from: first.from, made: false };
  const makeIt = async () => {
    const check = await checkPiece(folder);
    if (check.state === 'whole') return { folder, from: check.from, made: false };
    if (check.state === 'damaged')
      tell.note(`the cached ${name} is damaged (${check.why}); it is made again`);
    await removeLeftovers(cache, name);
    const fresh = await mkdtemp(join(cache, `.${name}-`));
    try {
      const from = await make(fresh);
      await writeStamp(fresh, from);
      await rm(folder, { recursive: true, force: true });
      await rename(fresh, folder);
      return { folder, from, made: true };
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
  };
  await mkdir(cache, { recursive: true });
  return withLock(join(cache, `${name}.lock`), makeIt, (pid) =>
    tell.say(`waiting for process ${pid}, which is making it`),
  );
}

/** @param {string} cache @param {string} name */
async function removeLeftovers(cache, name) {
  for (const entry of await readdir(cache)) {
    if (entry.startsWith(`.${name}-`)) await rm(join(cache, entry), { recursive: true, force: true });
  }
}

/** @param {string} folder @param {string} from */
async function writeStamp(folder, from) {
  /** @type {Stamp} */
  const stamp = { from, files: {} };
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const { size, mtimeMs } = await stat(path);
    stamp.files[path.slice(folder.length + 1)] = { size, mtimeMs, sha256: await hashFile(path) };
  }
  await writeFile(join(folder, stampName), JSON.stringify(stamp));
}

/** @param {string} path @returns {Promise<string>} */
export async function hashFile(path) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/** @param {string} path */
export async function exists(path) {
  return stat(path).then(
    () => true,
    () => false,
  );
}
