// From nothing to the first label: a fresh clone with empty caches, a second start, a whole demo, its memory.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { cacheFolder, root } from '../infra/setup/root.mjs';
import { resolveConfig } from '../infra/stack/config.ts';
import { stackStatus, stopStack } from '../infra/stack/stack.ts';
import type { Figure } from './figure.ts';

const rssEveryMs = 1_000;
/** A demo that gives no label for so long has failed. */
const patienceMs = 900_000;

interface DemoRun {
  /** Seconds from the command to the first line that reports a label. */
  readonly firstLabelS: number;
  /** Seconds from the command to its end; null when it was stopped after the first label. */
  readonly wholeS: number | null;
  /** The most resident memory that all processes of the stack had at once, in GB. */
  readonly peakRssGb: number;
}

/**
 * Runs the demo as a user does and reads its progress.
 *
 * @param clone the clone to run it in
 * @param env the whole environment of the command
 * @param whole run it to its end, instead of to its first label
 */
async function runDemo(clone: string, env: NodeJS.ProcessEnv, whole: boolean): Promise<DemoRun> {
  const config = resolveConfig(env);
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  const results = join(config.home, 'results');
  const child = spawn('npm', ['run', '--silent', 'demo', '--', '--json', '--results', results], {
    cwd: clone,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const exited = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
  const endGroup = (): void => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
  };
  const watchdog = setTimeout(endGroup, patienceMs);
  let peakRssBytes = 0;
  const sampling = setInterval(() => {
    void stackStatus(config).then((status) => {
      peakRssBytes = Math.max(peakRssBytes, status?.rssBytes ?? 0);
    });
  }, rssEveryMs);
  let firstLabelS: number | null = null;
  let paused: string | null = null;
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const status = parseStatus(line);
      if (status === undefined) continue;
      if (firstLabelS === null && status.labels > 0) firstLabelS = seconds();
      paused = status.phase === 'paused' ? status.detail : null;
      if ((firstLabelS !== null && !whole) || paused !== null) break;
    }
    const wholeS = whole ? seconds() : null;
    endGroup();
    const code = await exited;
    if (paused !== null) throw new Error(`the demo paused: ${paused}`);
    if (firstLabelS === null || (whole && code !== 0)) throw new Error(`the demo ended with code ${code}`);
    return { firstLabelS, wholeS, peakRssGb: peakRssBytes / 1e9 };
  } finally {
    clearTimeout(watchdog);
    clearInterval(sampling);
  }
}

function parseStatus(line: string): { labels: number; phase: string; detail: string } | undefined {
  if (!line.startsWith('{')) return undefined;
  const { labels, phase, phaseDetail } = JSON.parse(line) as {
    labels?: { model: number; control: number; reference: number };
    phase?: string;
    phaseDetail?: string;
  };
  if (labels === undefined) return undefined;
  return {
    labels: labels.model + labels.control + labels.reference,
    phase: phase ?? '',
    detail: phaseDetail ?? '',
  };
}

/** This process's environment with everything that a machine remembers between runs in one empty folder. */
function emptyCaches(folder: string): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (!/^(ASSAYER_|TEMPORAL_|MONGODB_URI|XDG_|npm_|GOPATH|GOCACHE|GOMODCACHE)/.test(name))
      env[name] = value;
  }
  return {
    ...env,
    HOME: join(folder, 'home'),
    ASSAYER_CACHE: join(folder, 'cache'),
    ASSAYER_HOME: join(folder, 'data'),
    npm_config_cache: join(folder, 'npm'),
    PIP_CACHE_DIR: join(folder, 'pip'),
    GOPATH: join(folder, 'go'),
    GOCACHE: join(folder, 'go-build'),
    // Go writes its modules read-only; these are to be removed afterwards.
    GOFLAGS: `${process.env['GOFLAGS'] ?? ''} -modcacherw`.trim(),
  };
}

/** With `quick`, the second start alone, with this machine's cache. */
export async function run({ quick }: { readonly quick: boolean }): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'assayer-start-'));
  const clone = join(folder, 'clone');
  const empty = emptyCaches(folder);
  const env = quick
    ? { ...empty, HOME: process.env['HOME'], ASSAYER_CACHE: cacheFolder(process.env) }
    : empty;
  const figures: Figure[] = [];
  const add = (figure: string, value: number, unit: string, goal: string): void => {
    figures.push({
      figure,
      value,
      unit,
      goal,
      peer: null,
      peerValue: null,
      ratio: null,
      seeds: 1,
      spread: null,
    });
  };
  try {
    if (!quick) {
      execFileSync('git', ['clone', '--quiet', root, clone]);
      const cold = await runDemo(clone, env, false);
      add('fresh clone to first label, nothing cached', cold.firstLabelS, 's', 'under 360');
      await stopStack(resolveConfig(env));
      await rm(join(folder, 'data'), { recursive: true });
    }
    const second = await runDemo(quick ? root : clone, env, !quick);
    add('second start to first label', second.firstLabelS, 's', 'under 15');
    if (second.wholeS !== null) add('whole demo, warm', second.wholeS, 's', 'under 360');
    const when = quick ? 'until the first label' : 'at the most';
    add(`resident memory of all processes, ${when}`, second.peakRssGb, 'GB', 'under 3');
    return figures;
  } finally {
    await stopStack(resolveConfig(env));
    await rm(folder, { recursive: true, force: true });
  }
}
