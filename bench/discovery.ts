import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { countArm } from '../src/campaign/figures.ts';
import { judgeLabels } from '../src/campaign/objective.ts';
import { Store } from '../src/store/connection.ts';
import { type Figure, spread } from './figure.ts';

const MAIN = resolve('dist/src/cli/main.js');

interface Counts {
  readonly labels: number;
  readonly discoveries: number;
}

interface Outcome {
  readonly model: Counts;
  readonly control: Counts;
}

/**
 * With ASSAYER_BENCH_HOME campaigns are kept there, and those that have ended are not run again: a benchmark of half an
 * hour can be interrupted.
 */
const KEPT_HOME = process.env['ASSAYER_BENCH_HOME'];

/**
 * The demo, whole, over the real stack, with several seeds: how much faster does the model arm find phases of the final
 * hull than the control arm? Each arm is judged as if it had been alone.
 */
export async function run({ quick }: { readonly quick: boolean }): Promise<Figure[]> {
  const home = KEPT_HOME ?? (await mkdtemp(join(tmpdir(), 'assayer-bench-')));
  const environment = { ...process.env, ASSAYER_HOME: join(home, 'home') };
  const assayer = async (...args: string[]) =>
    (
      await promisify(execFile)(process.execPath, [MAIN, ...args], {
        env: environment,
        cwd: home,
        maxBuffer: 2 ** 28,
      })
    ).stdout;
  const seeds = quick ? [1] : [1, 2, 3, 4, 5];
  const labels = quick ? 60 : 300;
  try {
    const spec = join(home, 'alloys.yaml');
    const demo = await readFile('examples/alloys.yaml', 'utf8');
    await writeFile(spec, demo.replace('labels: 300', `labels: ${labels}`));
    const addresses = JSON.parse(await assayer('up', '--json')) as { store: { uri: string } };
    const store = await Store.connect(addresses.store.uri);
    const outcomes: Outcome[] = [];
    try {
      for (const seed of seeds) {
        const name = `alloys-${seed}`;
        await assayer('run', spec, '--name', name, '--seed', String(seed), '--json');
        outcomes.push(await measure(store, name));
      }
    } finally {
      await store.close();
    }
    return figuresOf(outcomes);
  } finally {
    await assayer('down').catch(() => undefined);
    if (KEPT_HOME === undefined) await rm(home, { recursive: true, force: true });
  }
}

async function measure(store: Store, name: string): Promise<Outcome> {
  const campaign = await store.getCampaign(name);
  if (!campaign) throw new Error(`campaign ${name} left no fact`);
  const { labels } = await store.campaign(name).readRecord(campaign);
  const judgements = judgeLabels(campaign.spec.objective, labels);
  const model = countArm(labels, judgements, 'model');
  const control = countArm(labels, judgements, 'control');
  return { model, control };
}

function figuresOf(outcomes: readonly Outcome[]): Figure[] {
  const seeds = outcomes.length;
  const shared = { peer: null, peerValue: null, ratio: null, seeds };
  const rate = ({ discoveries, labels }: Counts) => discoveries / labels;
  const pooled = (arm: keyof Outcome): Counts => ({
    labels: outcomes.reduce((sum, outcome) => sum + outcome[arm].labels, 0),
    discoveries: outcomes.reduce((sum, outcome) => sum + outcome[arm].discoveries, 0),
  });
  const [model, control] = [pooled('model'), pooled('control')];
  // A control arm that found nothing is counted as if it had found one: the ratio is then a lower bound.
  const atLeast = outcomes
    .map((outcome) => rate(outcome.model) / Math.max(rate(outcome.control), 1 / outcome.control.labels))
    .toSorted((a, b) => a - b);
  const found = (arm: keyof Outcome) => outcomes.map((outcome) => outcome[arm].discoveries);
  return [
    {
      ...shared,
      figure: `hit rate of the model arm over the control arm's, median of lower bounds (${atLeast.map((ratio) => ratio.toFixed(1)).join(', ')})`,
      value: atLeast[Math.floor(seeds / 2)] as number,
      unit: '×',
      goal: 'at least 3',
      spread: spread(atLeast),
    },
    {
      ...shared,
      figure: 'the same, all seeds together',
      value: rate(model) / Math.max(rate(control), 1 / control.labels),
      unit: '×',
      goal: 'at least 3',
      spread: null,
    },
    {
      ...shared,
      figure: `labels per phase found, model arm (${found('model').join(', ')} phases)`,
      value: 1 / rate(model),
      unit: 'labels',
      goal: null,
      spread: null,
    },
    {
      ...shared,
      figure: `labels per phase found, control arm (${found('control').join(', ')} phases)`,
      value: control.labels / Math.max(control.discoveries, 1),
      unit: 'labels',
      goal: null,
      spread: null,
    },
  ];
}
