import { lstat, open, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readAnswer } from '../answer.ts';
import type { EvaluationAnswer, EvaluationRequest } from '../contract.ts';
import { FILES } from './launch.ts';
import { LONGEST_OUTPUT_BYTES, findObject } from './output.ts';
import { type ProcessRow, listProcesses, readProcess, startedOf } from './process-table.ts';

export interface Ending {
  readonly code: number;
  readonly cpuSeconds: number;
}

/**
 * The folder of one evaluation, named by its key. Everything that has to survive the worker is a file in it: the
 * request, what the program printed, which process it is, how it ended, its answer.
 */
export class EvaluationFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Makes room for a new run; what the program itself left stays, so that it can go on from there. */
  async prepare(request: EvaluationRequest): Promise<void> {
    const { stdout, stderr, answer, process, exit } = FILES;
    for (const file of [stdout, stderr, answer, process, exit]) await rm(this.file(file), { force: true });
    await writeFile(this.file(FILES.request), `${JSON.stringify(request)}\n`);
  }

  /** The process that runs here now, whoever started it. */
  async running(): Promise<ProcessRow | null> {
    const [, pid, mark = ''] = /^(\d+) (.*)/.exec(await this.read(FILES.process)) ?? [];
    if (pid === undefined) return null;
    const row = await readProcess(Number(pid));
    return row?.started === startedOf(mark) ? row : null;
  }

  /** All processes that are left of the last run, its own and what it started. */
  async members(): Promise<ProcessRow[]> {
    const group = Number.parseInt(await this.read(FILES.process), 10);
    return (await listProcesses()).filter((row) => row.group === group);
  }

  /** The answer that the program wrote into its file or printed, or a sentence saying why there is none. */
  async readAnswer(request: EvaluationRequest): Promise<EvaluationAnswer | string> {
    const written = await this.read(FILES.answer);
    const found = findObject(written === '' ? await this.readEnd(FILES.stdout) : written, 'answer');
    return typeof found === 'string' ? found : readAnswer(found, request);
  }

  async writeAnswer(answer: EvaluationAnswer): Promise<void> {
    const partial = this.file(`.${FILES.answer}.partial`);
    await writeFile(partial, `${JSON.stringify(answer)}\n`);
    await rename(partial, this.file(FILES.answer));
  }

  /** How the last run ended; null when it was killed before it could leave word. */
  async ending(): Promise<Ending | null> {
    const text = await this.read(FILES.exit);
    const code = /^exit (\d+)$/m.exec(text)?.[1];
    if (code === undefined) return null;
    const times = [...text.matchAll(/(\d+)m(\d+)[.,](\d+)s/g)];
    const cpuSeconds = times.reduce(
      (sum, [, m, s, part]) => sum + 60 * Number(m) + Number(`${s}.${part}`),
      0,
    );
    return { code: Number(code), cpuSeconds };
  }

  /** The end of what the program printed on standard error. */
  async lastWords(): Promise<string> {
    return this.readEnd(FILES.stderr, 4096);
  }

  /** Bytes of everything in the folder. */
  async sizeBytes(): Promise<number> {
    return folderBytes(this.path);
  }

  file(name: string): string {
    return join(this.path, name);
  }

  private async read(name: string): Promise<string> {
    return readFile(this.file(name), 'utf8').catch(() => '');
  }

  private async readEnd(name: string, bytes = LONGEST_OUTPUT_BYTES): Promise<string> {
    const file = await open(this.file(name)).catch(() => null);
    if (!file) return '';
    try {
      const { size } = await file.stat();
      const length = Math.min(size, bytes);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  }
}

async function folderBytes(path: string): Promise<number> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  const sizes = await Promise.all(
    entries.map(async (entry) => {
      const inside = join(path, entry.name);
      if (entry.isDirectory()) return folderBytes(inside);
      return lstat(inside).then(
        ({ size, blocks }) => Math.min(size, 512 * blocks),
        () => 0,
      );
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
