import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startAssayer } from '../support/assayer.ts';

test('the README’s own question runs as it is written there, command by command', async () => {
  const readme = await readFile('README.md', 'utf8');
  const blocks = [...readme.matchAll(/```(\w+)\n(.*?)```/gs)].map(([, language, text]) => ({
    language,
    text: text ?? '',
  }));
  const spec = blocks.find(({ language }) => language === 'yaml')?.text ?? '';
  const commands = blocks
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.trim().split('\n'))
    .filter((line) => line.startsWith('npx assayer '));
  expect(commands.length).toBeGreaterThan(5);

  await using assayer = await startAssayer();
  await writeFile(join(assayer.home, 'nickel.yaml'), spec);
  for (const command of commands) {
    if (command.startsWith('npx assayer pause'))
      await assayer.until('nickel', ({ phase }) => phase === 'running');
    const words = command.replace('npx assayer ', '').match(/"[^"]*"|\S+/g) ?? [];
    const { code, stderr } = await assayer.run(...words.map((word) => word.replaceAll('"', '')));
    expect({ command, code, stderr: code === 0 ? '' : stderr }).toEqual({ command, code: 0, stderr: '' });
  }
});
