import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { EvaluationRequest } from '../contract.ts';
import { programEnvironment, signalGroup } from './launch.ts';

/** Runs "$@" and ends its whole process group when file descriptor 3, held open by the caller, is closed. */
const LAUNCHER = `
( exec < /dev/null > /dev/null 2>&1; read -r _ <&3; kill -KILL 0 ) &
guard=$!
exec 3<&-
"$@"
code=$?
{ kill -KILL $guard; wait $guard; } 2>/dev/null
exit $code
`;

/** A program that answers many requests, one a line, one at a time. It keeps nobody alive who has nothing else to do. */
export class Server {
  /** Process group. */
  readonly group: number;
  ended = false;
  /** Settles with the exit code, null after a signal. */
  readonly exit: Promise<number | null>;
  private readonly child: ChildProcess;
  private readonly stderrFile: string;
  private onLine: (line: string) => void = () => undefined;

  private constructor(child: ChildProcess, stderrFile: string) {
    this.child = child;
    this.stderrFile = stderrFile;
    this.group = child.pid as number;
    this.exit = once(child, 'exit').then(([code]) => {
      this.ended = true;
      return code as number | null;
    });
    for (const stream of child.stdio) stream?.on('error', () => undefined);
    (child.stdio[3] as Socket).resume();
    if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => this.onLine(line));
    this.keepAlive(false);
  }

  static async start(command: readonly string[], folder: string): Promise<Server> {
    await mkdir(folder, { recursive: true });
    const stderrFile = join(folder, `serve-${process.pid}-${Date.now()}.stderr.txt`);
    const stderr = openSync(stderrFile, 'a');
    try {
      const child = spawn('/bin/sh', ['-c', LAUNCHER, 'assayer', ...command, 'serve'], {
        cwd: folder,
        detached: true,
        env: programEnvironment(),
        stdio: ['pipe', 'pipe', stderr, 'pipe'],
      });
      await once(child, 'spawn');
      return new Server(child, stderrFile);
    } finally {
      closeSync(stderr);
    }
  }

  /** Hands a request over; every line that comes from then on goes to `onLine`. */
  ask(request: EvaluationRequest, onLine: (line: string) => void): void {
    this.keepAlive(true);
    this.onLine = onLine;
    this.child.stdin?.write(`${JSON.stringify(request)}\n`);
  }

  /** To be called when the answer is there: the next request may come. */
  rest(): void {
    this.onLine = () => undefined;
    this.keepAlive(false);
  }

  async lastWords(): Promise<string> {
    return readFile(this.stderrFile, 'utf8').catch(() => '');
  }

  end(): void {
    this.keepAlive(true);
    this.child.stdin?.end();
    signalGroup(this.group, 'SIGTERM');
  }

  private keepAlive(alive: boolean): void {
    const sockets = [this.child.stdin, this.child.stdout, this.child.stdio[3]] as (Socket | null)[];
    for (const handle of [this.child, ...sockets]) {
      if (alive) handle?.ref();
      else handle?.unref();
    }
  }
}
