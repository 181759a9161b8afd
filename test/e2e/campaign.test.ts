import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readRecord, startAssayer } from '../support/assayer.ts';
import type { Assayer } from '../support/assayer.ts';
import { smallSpec } from '../support/small-spec.ts';

let assayer: Assayer;

beforeAll(async () => {
  assayer = await startAssayer();
});
afterAll(() => assayer[Symbol.asyncDispose]());

describe('a campaign from its spec to its report', () => {
  test('generates, scores, selects, evaluates and learns until its budget is spent', async () => {
    const spec = await assayer.spec(smallSpec());
    const output = await assayer.ok('run', spec, '--json');
    const last = JSON.parse(output.trim().split('\n').at(-1) ?? '') as Awaited<ReturnType<Assayer['status']>>;

    expect(last).toMatchObject({
      phase: 'finished',
      stopReason: 'the budget of 40 labels is spent',
      failed: 0,
    });
    expect(last.labels.model + last.labels.control).toBe(40);
    expect(last.labels.control).toBe(4);
    expect(last.discoveries.model).toBeGreaterThan(0);

    await using connection = await assayer.connect();
    const record = await readRecord(connection.store, 'small');
    expect(new Set(record.labels.map((label) => label._id)).size).toBe(record.labels.length);
    expect(record.models.filter((model) => model.kind === 'surrogate').length).toBeGreaterThanOrEqual(2);
    expect(record.models.some((model) => model.kind === 'generator')).toBe(true);
    // What a model said of a candidate was said before its label came.
    const predictions = new Map(record.predictions.map((prediction) => [prediction._id, prediction]));
    for (const label of record.labels.filter(({ arm }) => arm !== 'reference')) {
      const prediction = predictions.get(`${label.candidateId}/${label.modelVersion}`);
      expect(prediction && prediction.createdAt < label.startedAt).toBe(true);
    }
  });

  test('leaves results that other programs read', async () => {
    const folder = join(assayer.home, 'results', 'small');
    const files = await readdir(folder, { recursive: true });
    expect(files).toEqual(expect.arrayContaining(['report.html', 'labels.csv', 'labels.jsonl']));
    expect(files.filter((file) => file.endsWith('.cif')).length).toBeGreaterThan(0);
    const labels = (await readFile(join(folder, 'labels.jsonl'), 'utf8')).trim().split('\n');
    expect(labels.length).toBeGreaterThanOrEqual(40);
    const report = await readFile(join(folder, 'report.html'), 'utf8');
    expect(report).toContain('Which phases of copper and gold are stable?');
  });

  test('the Temporal UI tells the story: readable ids, summaries, search attributes, details', async () => {
    await using connection = await assayer.connect();
    const rows = [];
    for await (const row of connection.client.workflow.list({ query: "Campaign = 'small'" })) rows.push(row);
    const ids = rows.map((row) => row.workflowId);
    expect(ids).toContain('campaign/small');
    expect(ids.filter((id) => id.startsWith('campaign/small/evaluation/')).length).toBeGreaterThanOrEqual(40);
    expect(ids).toContain('campaign/small/learning/1');
    const campaign = await connection.client.workflow.getHandle('campaign/small').describe();
    expect(campaign.searchAttributes).toMatchObject({ CampaignPhase: ['finished'], Labels: [40] });
    expect(await campaign.staticSummary()).toBe('Which phases of copper and gold are stable?');
  });

  test('running the same spec again attaches; another spec of that name is refused', async () => {
    const again = await assayer.run('run', await assayer.spec(smallSpec()), '--json');
    expect(again).toMatchObject({ code: 0 });
    expect(again.stderr).toContain("campaign 'small' is there already");
    const other = await assayer.run('run', await assayer.spec(smallSpec({ labels: 50 })), '--detach');
    expect(other.code).toBe(4);
    expect(other.stderr).toContain(
      "there is a campaign 'small' with another spec; give this one its own name with --name",
    );
  });
});

describe('steering', () => {
  test('pause, extend, resume and stop are checked, kept, and obeyed', async () => {
    const spec = await assayer.spec(smallSpec({ name: 'steered', labels: 200, everyLabels: 50 }));
    await assayer.ok('run', spec, '--detach');
    await assayer.until('steered', (status) => status.labels.model > 3);
    expect(await assayer.ok('pause', 'steered', '--reason', 'coffee')).toContain('steered: paused (coffee)');
    const refused = await assayer.run('pause', 'steered');
    expect(refused).toMatchObject({ code: 4 });
    expect(refused.stderr).toContain(
      "campaign 'steered' refuses: it is paused; only a running campaign can be paused",
    );

    const paused = await assayer.until('steered', (status) => status.inFlight.length === 0);
    expect(await assayer.ok('extend', 'steered', '--labels', '20')).toContain('budget 220 labels');
    expect((await assayer.run('extend', 'steered', '--labels', '0')).stderr).toContain(
      'labels is 0; give a whole number',
    );
    expect((await assayer.status('steered')).labels.model).toBe(paused.labels.model);

    await assayer.ok('resume', 'steered', '--slots', '3');
    await assayer.until('steered', (status) => status.labels.model > paused.labels.model + 2);
    await assayer.ok('stop', 'steered', '--reason', 'seen enough');
    const ended = await assayer.until('steered', (status) => status.phase === 'finished');
    expect(ended.stopReason).toBe('seen enough');
    expect(existsSync(join(assayer.home, 'results', 'steered', 'report.html'))).toBe(true);
  });

  test('with approval asked for, nothing is evaluated that a person has not approved', async () => {
    const spec = await assayer.spec(
      `${smallSpec({ name: 'approved', labels: 12 })}approval: every-proposal\n`,
    );
    await assayer.ok('run', spec, '--detach');
    await assayer.until('approved', (status) => status.phase === 'awaiting-approval');
    const [first = ''] = (await assayer.ok('approve', 'approved', '--list')).split('\n');
    const key = first.slice(0, 8);
    expect((await assayer.run('approve', 'approved', '--only', 'zzzz')).code).toBe(4);
    await assayer.ok('approve', 'approved', '--only', key);
    const after = await assayer.until('approved', ({ labels }) => labels.model + labels.control === 1);
    expect(after.phase).toBe('awaiting-approval');
    await assayer.ok('approve', 'approved', '--decline');
    await assayer.ok('stop', 'approved');
  });
});

describe('bad input', () => {
  test.each([
    [['run', 'no-such.yaml'], 2, 'no-such.yaml cannot be run:\n  - cannot be read (ENOENT)'],
    [['watch', 'nobody'], 4, "there is no campaign 'nobody'; 'assayer list' shows those there are"],
    [['pause', 'nobody'], 4, "there is no running campaign 'nobody'"],
    [['results', 'nobody'], 4, "there is no campaign 'nobody'"],
    [['frobnicate'], 2, "unknown command 'frobnicate'"],
    [['extend', 'small'], 2, "required option '--labels <number>' not specified"],
  ])('assayer %j exits with %i', async (args, code, message) => {
    const { code: given, stderr } = await assayer.run(...args);
    expect(stderr).toContain(message);
    expect(given).toBe(code);
  });

  test('a wrong spec starts nothing', async () => {
    const spec = await assayer.spec(smallSpec({ name: 'wrong' }).replace('[Cu, Au]', '[Cu, Fe]'));
    const { code, stderr } = await assayer.run('run', spec);
    expect(code).toBe(2);
    expect(stderr).toContain('space.elements: emt cannot evaluate Fe; it can: Al, Ni, Cu, Pd, Ag, Pt, Au');
    expect(await assayer.ok('list')).not.toContain('wrong');
  });

  test('results that cannot be written cost nothing: they can be written again', async () => {
    const { code, stderr } = await assayer.run('results', 'small', '--to', '/dev/full/results');
    expect(code).toBe(1);
    expect(stderr).toContain('cannot write to /dev/full/results');
    expect(await assayer.ok('results', 'small', '--to', join(assayer.home, 'again'))).toContain('again');
  });
});
