import { expect, test } from 'vitest';
import { readRecord, startAssayer } from '../support/assayer.ts';
import { smallSpec } from '../support/small-spec.ts';

test('kill -9 of every piece in turn loses no label, repeats none, and the campaign ends by itself', async () => {
  // Continue-as-new every 60 events, so that kills also fall between runs of the campaign workflow.
  await using assayer = await startAssayer({
    ASSAYER_TEMPORAL_DYNAMIC_CONFIG: 'limit.historyCount.suggestContinueAsNew=60',
  });
  await assayer.ok('run', await assayer.spec(smallSpec({ name: 'killed', labels: 60 })), '--detach');

  const victims = ['worker-executor', 'store', 'temporal', 'worker-campaign', 'worker-model'];
  for (const [index, victim] of victims.entries()) {
    await assayer.until('killed', ({ labels }) => labels.model + labels.control >= 8 * (index + 1));
    const pid = await assayer.pid(victim);
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => assayer.pid(victim).catch(() => pid), { timeout: 60_000 }).not.toBe(pid);
  }

  const ended = await assayer.until('killed', ({ phase }) => phase === 'finished', 400);
  expect(ended.stopReason).toBe('the budget of 60 labels is spent');
  expect(ended.labels.model + ended.labels.control).toBe(60);

  await using connection = await assayer.connect();
  const record = await readRecord(connection.store, 'killed');
  const succeeded = record.evaluations.filter(({ status }) => status === 'succeeded').map(({ _id }) => _id);
  expect(record.labels.map(({ _id }) => _id).toSorted()).toEqual(succeeded.toSorted());
  expect(record.labels.filter(({ arm }) => arm !== 'reference')).toHaveLength(60);

  // Every evaluation was one workflow; the campaign went through many runs.
  const workflows = [];
  for await (const row of connection.client.workflow.list({ query: "Campaign = 'killed'" }))
    workflows.push(row);
  const evaluations = workflows.filter(({ workflowId }) => workflowId.includes('/evaluation/'));
  expect(new Set(evaluations.map(({ workflowId }) => workflowId)).size).toBe(evaluations.length);
  expect(evaluations).toHaveLength(record.evaluations.length);
  expect(workflows.filter(({ workflowId }) => workflowId === 'campaign/killed').length).toBeGreaterThan(3);
});

test('a supervisor that is killed is replaced at the next command, and its campaign goes on', async () => {
  await using assayer = await startAssayer();
  await assayer.ok('run', await assayer.spec(smallSpec({ name: 'orphaned', labels: 30 })), '--detach');
  await assayer.until('orphaned', ({ labels }) => labels.model >= 5);
  const supervisor = await assayer.supervisorPid();
  process.kill(supervisor, 'SIGKILL');
  const ended = await assayer.until('orphaned', ({ phase }) => phase === 'finished');
  expect(ended.labels.model + ended.labels.control).toBe(30);
});
