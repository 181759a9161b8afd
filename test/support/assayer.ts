import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import type { CampaignRecord } from '../../src/campaign/facts.ts';
import type { CampaignStatus } from '../../src/campaign/status.ts';
import { Store } from '../../src/store/connection.ts';

/** A whole Assayer of its own: own home, own servers, own workers, driven through its command line as a user would. */
export interface Assayer {
  readonly home: string;
  /** Runs one command to its end, whatever its exit code. */
  run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }>;
  /** Runs one command that must succeed, and returns what it printed. */
  ok(...args: string[]): Promise<string>;
  status(campaign: string): Promise<CampaignStatus>;
  /** Waits until the status is as wished. */
  until(
    campaign: string,
    wish: (status: CampaignStatus) => boolean,
    timeoutSeconds?: number,
  ): Promise<CampaignStatus>;
  /** Writes a spec into the home and returns its path. */
  spec(yaml: string): Promise<string>;
  /** Process id of a piece of the stack, as supervised now. */
  pid(name: string): Promise<number>;
  supervisorPid(): Promise<number>;
  connect(): Promise<{ store: Store; client: Client; [Symbol.asyncDispose](): Promise<void> }>;
  [Symbol.asyncDispose](): Promise<void>;
}

interface StackFile {
  readonly supervisor: { readonly pid: number };
  readonly processes: Readonly<Record<string, { readonly mark: { readonly pid: number } | null }>>;
}

const MAIN = resolve('dist/src/cli/main.js');

export async function startAssayer(environment: Readonly<Record<string, string>> = {}): Promise<Assayer> {
  const home = await mkdtemp(join(tmpdir(), 'assayer-test-'));
  const env = { ...process.env, ASSAYER_HOME: join(home, 'home'), NO_COLOR: '1', ...environment };

  const run: Assayer['run'] = async (...args) => {
    try {
      const options = { env, cwd: home, maxBuffer: 64 * 1024 * 1024 };
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [MAIN, ...args], options);
      return { code: 0, stdout, stderr };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, stdout, stderr };
    }
  };
  const ok: Assayer['ok'] = async (...args) => {
    const { code, stdout, stderr } = await run(...args);
    if (code !== 0) throw new Error(`assayer ${args.join(' ')} exited with ${code}: ${stderr}`);
    return stdout;
  };
  const status: Assayer['status'] = async (campaign) =>
    JSON.parse(await ok('status', campaign, '--json')) as CampaignStatus;

  const readStack = async (): Promise<StackFile> =>
    JSON.parse(await readFile(join(home, 'home', 'stack.json'), 'utf8')) as StackFile;

  await ok('up');
  return {
    home,
    run,
    ok,
    status,
    async until(campaign, wish, timeoutSeconds = 300) {
      const deadline = Date.now() + timeoutSeconds * 1000;
      for (;;) {
        // Servers may be down for a moment: a test that kills them asks again.
        const now = await status(campaign).catch(() => null);
        if (now && wish(now)) return now;
        if (Date.now() > deadline)
          throw new Error(`still not as wished after ${timeoutSeconds} s: ${JSON.stringify(now)}`);
        await new Promise((resume) => setTimeout(resume, 500));
      }
    },
    async spec(yaml) {
      const path = join(home, 'spec.yaml');
      await writeFile(path, yaml);
      return path;
    },
    async pid(name) {
      const { processes } = await readStack();
      const pid = processes[name]?.mark?.pid;
      if (pid === undefined)
        throw new Error(`${name} is not running; there are: ${Object.keys(processes).join(', ')}`);
      return pid;
    },
    async supervisorPid() {
      return (await readStack()).supervisor.pid;
    },
    async connect() {
      const { temporal, store: at } = JSON.parse(await ok('up', '--json')) as {
        temporal: { address: string };
        store: { uri: string };
      };
      const store = await Store.connect(at.uri);
      const connection = await Connection.connect({ address: temporal.address });
      return {
        store,
        client: new Client({ connection }),
        async [Symbol.asyncDispose]() {
          await store.close();
          await connection.close();
        },
      };
    },
    async [Symbol.asyncDispose]() {
      await run('down');
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** All facts of a campaign. */
export async function readRecord(store: Store, name: string): Promise<CampaignRecord> {
  const campaign = await store.getCampaign(name);
  if (!campaign) throw new Error(`there is no campaign ${name}`);
  return store.campaign(name).readRecord(campaign);
}
