// npm run record-histories: runs small campaigns that take every path, and keeps their workflow histories for replay.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';

const MAIN = resolve('dist/src/cli/main.js');
const FOLDER = resolve('test/histories');

const spec = (name: string, labels: number, extra = '') => `
name: ${name}
seed: 5
space: { elements: [Cu, Au], elementsPerCrystal: { min: 2, max: 2 }, atoms: { min: 2, max: 6 } }
objective: { kind: hull, energyAboveHull: { max: 10 meV/atom } }
generators: [substitution]
executor: { name: emt, slots: 2, deadline: 30 s }
budget: { labels: ${labels} }
learning: { everyLabels: 10, staleLabels: 10, members: 2, generatorEveryLabels: 20 }
${extra}`;

const home = await mkdtemp(join(tmpdir(), 'assayer-histories-'));
const env = {
  ...process.env,
  ASSAYER_HOME: join(home, 'home'),
  // Continue-as-new early, so that its path is recorded too.
  ASSAYER_TEMPORAL_DYNAMIC_CONFIG: 'limit.historyCount.suggestContinueAsNew=200',
};
const assayer = async (...args: string[]): Promise<string> =>
  (await promisify(execFile)(process.execPath, [MAIN, ...args], { env, cwd: home })).stdout;
const run = async (name: string, yaml: string, ...options: string[]): Promise<void> => {
  const path = join(home, `${name}.yaml`);
  await writeFile(path, yaml);
  await assayer('run', path, ...options);
};

try {
  const { temporal } = JSON.parse(await assayer('up', '--json')) as { temporal: { address: string } };
  await run('plain', spec('plain', 24), '--json');
  await run('steered', spec('steered', 60), '--detach');
  for (const args of [
    ['pause', 'steered', '--reason', 'recording'],
    ['extend', 'steered', '--labels', '5'],
    ['resume', 'steered', '--slots', '1'],
    ['stop', 'steered', '--reason', 'recorded'],
    ['watch', 'steered', '--json'],
  ]) {
    await assayer(...args);
  }
  await run('approved', spec('approved', 12, 'approval: every-proposal'), '--detach');
  await untilAwaitingApproval('approved');
  await assayer('approve', 'approved');
  await assayer('watch', 'approved', '--json').catch(() => undefined);

  const connection = await Connection.connect({ address: temporal.address });
  const client = new Client({ connection });
  for (const name of ['plain', 'steered', 'approved']) await record(client, name);
  await connection.close();
} finally {
  await assayer('down').catch(() => undefined);
  await rm(home, { recursive: true, force: true });
}

async function untilAwaitingApproval(name: string): Promise<void> {
  for (;;) {
    const { phase } = JSON.parse(await assayer('status', name, '--json')) as { phase: string };
    if (phase === 'awaiting-approval') return;
    await new Promise((resume) => setTimeout(resume, 500));
  }
}

/** Every run of the campaign, its first two learning rounds, and one evaluation. Files that are there stay as they are. */
async function record(client: Client, campaign: string): Promise<void> {
  const kept: Record<string, number> = {};
  const most: Record<string, number> = { campaign: 4, learning: 2, evaluation: 1 };
  for await (const row of client.workflow.list({ query: `Campaign = '${campaign}'` })) {
    const count = (kept[row.type] = (kept[row.type] ?? 0) + 1);
    if (count > (most[row.type] ?? 0)) continue;
    const file = join(FOLDER, `${campaign}-${row.type}-${count}.json`);
    if (existsSync(file)) continue;
    const history = await client.workflow.getHandle(row.workflowId, row.runId).fetchHistory();
    await writeFile(file, `${JSON.stringify(JSON.parse(historyToJSON(history)))}\n`);
    process.stdout.write(`${file}\n`);
  }
}
