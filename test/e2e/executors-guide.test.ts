import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readRecord, startAssayer } from '../support/assayer.ts';

test('the guide to executors runs as it is written there, down to a campaign with a program of one’s own', async () => {
  const guide = await readFile('docs/executors.md', 'utf8');
  const block = (language: string) =>
    new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(guide)?.[1] ?? expect.fail(`no ${language} block`);

  await using assayer = await startAssayer();
  await writeFile(join(assayer.home, 'copper-silver.yaml'), block('yaml'));
  for (const command of block('sh').trim().split('\n')) {
    const [program = '', ...words] = command.split(' ');
    if (program === 'cp') {
      await copyFile(resolve(words[0] ?? ''), join(assayer.home, words[1] ?? ''));
      continue;
    }
    expect([program, words.shift()]).toEqual(['npx', 'assayer']);
    const { code, stdout, stderr } = await assayer.run(...words);
    expect({ command, code, said: code === 0 ? '' : stdout + stderr }).toEqual({
      command,
      code: 0,
      said: '',
    });
  }

  await using connection = await assayer.connect();
  const { evaluations, labels, campaign } = await readRecord(connection.store, 'copper-silver');
  expect(labels.filter(({ arm }) => arm !== 'reference')).toHaveLength(10);
  expect(labels[0]?.executor).toEqual({ name: 'morse-shell', version: '1' });
  expect(evaluations.every(({ coreSeconds }) => coreSeconds > 0)).toBe(true);
  expect(evaluations[0]?.software).toEqual([{ name: 'morse-shell', version: '1' }]);
  expect(campaign.spec.executor).toMatchObject({
    name: 'command',
    command: ['sh', expect.any(String) as string],
  });
  // Every evaluation has left its folder, its answer in it.
  const folder = join(assayer.home, 'home', 'evaluations', 'copper-silver', labels[0]?._id ?? '');
  expect(JSON.parse(await readFile(join(folder, 'answer.json'), 'utf8'))).toMatchObject({
    key: labels[0]?._id,
  });
});
