import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { evaluationAnswerSchema, executorDescriptionSchema } from '../../src/executors/contract.ts';
import { FAILURE_KINDS } from '../../src/executors/contract.ts';

const guide = await readFile('docs/executors.md', 'utf8');
const blocks = [...guide.matchAll(/```json (\w+)\n(.*?)```/gs)].map(([, kind, text]) => ({
  kind,
  document: JSON.parse((text ?? '').replace('the key of the request', 'k')) as unknown,
}));

test.each(blocks)('the guide’s $kind keeps the contract', ({ kind, document }) => {
  const schema = kind === 'answer' ? evaluationAnswerSchema : executorDescriptionSchema;
  expect(schema.safeParse(document).error).toBeUndefined();
});

test('the guide names every kind of failure', () => {
  expect(blocks.length).toBe(3);
  for (const kind of FAILURE_KINDS) expect(guide).toContain(`\`${kind}\``);
});
