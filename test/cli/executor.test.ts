import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadSpec } from '../../src/cli/load-spec.ts';

const PROGRAM = resolve('examples/executors/morse.sh');
const BEHAVIOUR = resolve('test/fixtures/executors/command/behaviour.sh');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assayer-cli-executor-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function assayer(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { ...process.env, ASSAYER_HOME: join(folder, 'home'), NO_COLOR: '1' };
  const command = [resolve('dist/src/cli/main.js'), 'executor', ...args];
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, command, { cwd: folder, env });
    return { code: 0, stdout, stderr };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

const SPEC = (executor: string) => `
name: copper-silver
space: { elements: [Cu, Ag], elementsPerCrystal: { min: 2, max: 2 }, atoms: { min: 2, max: 4 } }
objective: { kind: hull, energyAboveHull: { max: 10 meV/atom } }
generators: [substitution]
executor: ${executor}
budget: { labels: 20 }
`;
const load = async (executor: string) => {
  const file = join(folder, 'spec.yaml');
  await writeFile(file, SPEC(executor));
  return (await loadSpec(file, { ASSAYER_HOME: join(folder, 'home') })).executor;
};

describe('assayer executor', () => {
  test(
    'adds a program under a name that specs may use, lists it, and forgets it',
    { timeout: 120_000 },
    async () => {
      const added = await assayer('add', 'morse', '--memory', '1 GiB', '--settings', '{a: 1}', '--', PROGRAM);
      expect(added.stdout).toMatch(
        /^morse: morse-shell 1 \(fidelity morse\) gives energyEvPerAtom in eV\/atom/,
      );
      expect((await assayer('list')).stdout).toMatch(/morse +morse-shell 1/);

      expect(await load('{ name: morse, slots: 2, settings: { b: 2 } }')).toMatchObject({
        name: 'command',
        command: [PROGRAM],
        limits: { memory: 2 ** 30, disk: 10 * 2 ** 30 },
        settings: { a: 1, b: 2 },
        slots: 2,
        description: { name: 'morse-shell', version: '1' },
      });

      const again = await assayer('add', 'morse', '--', PROGRAM);
      expect(again).toMatchObject({ code: 4, stderr: expect.stringContaining('give --replace') as string });
      expect((await assayer('remove', 'morse')).code).toBe(0);
      expect(await assayer('remove', 'morse')).toMatchObject({ code: 2 });
      await expect(load('{ name: morse }')).rejects.toThrow(/executor.name: must be the name of an executor/);
    },
  );

  test.each<[string[], number, RegExp]>([
    [['add', 'emt', '--', PROGRAM], 2, /'emt' cannot be its name/],
    [['add', 'mine', '--', '/no/such/program'], 1, /there is no program '\/no\/such\/program'/],
    [
      ['add', 'mine', '--memory', '3 apples', '--', PROGRAM],
      2,
      /limits.memory: .*unit 'apples' is not known/,
    ],
    [['add', 'mine', '--settings', '3', '--', PROGRAM], 2, /--settings: '3' is no object/],
    [['test', 'mine'], 2, /there is no executor 'mine'; none is registered/],
    [['test', '--', '/no/such/program'], 3, /there is no program/],
  ])('%j is refused with what to do', async (args, code, message) => {
    const result = await assayer(...args);
    expect(result.code).toBe(code);
    expect(result.stderr).toMatch(message);
    expect(result.stderr).not.toMatch(/ at .*:\d+/);
  });

  test('a home that cannot be read is named, with the remedy', async () => {
    await assayer('add', 'morse', '--', PROGRAM);
    const file = join(folder, 'home', 'executors.json');
    await writeFile(file, (await readFile(file, 'utf8')).replace('"command"', '"comand"'));
    expect((await assayer('list')).stderr).toMatch(
      /executors.json cannot be read: .*correct it, or remove it/s,
    );
  });

  test('tests one: exit code by verdict, findings as JSON', { timeout: 120_000 }, async () => {
    const good = await assayer('test', 'emt', '--json');
    expect(good.code).toBe(0);
    expect(JSON.parse(good.stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
      conforms: true,
      failed: 0,
    });
    const bad = await assayer('test', '--', BEHAVIOUR, 'dies');
    expect(bad.code).toBe(1);
    expect(bad.stdout).toMatch(
      /✗ evaluates a real crystal: Cu: infrastructure: it ended with exit code 3 .*licence server/,
    );
    expect(bad.stdout).toMatch(/does not conform: 3 of \d+ checks failed; its folders are kept in/);
    await rm(/kept in (\S+)/.exec(bad.stdout)?.[1] ?? '', { recursive: true, force: true });
  });
});

describe('a spec that names a program', () => {
  test('takes paths from its own folder, and writes down what the program is', async () => {
    await writeFile(join(folder, 'mine.sh'), await readFile(PROGRAM), { mode: 0o755 });
    expect(await load('{ name: command, command: sh mine.sh }')).toMatchObject({
      command: ['sh', join(folder, 'mine.sh')],
      description: { name: 'morse-shell' },
    });
    expect(await load('{ name: command, command: [./mine.sh] }')).toMatchObject({
      command: [join(folder, 'mine.sh')],
    });
  });

  test.each([
    ['{ name: command }', /executor.command: .*/],
    ['{ name: command, command: ./none.sh }', /executor.command: there is no program '.*none.sh'/],
    [
      `{ name: command, command: ${BEHAVIOUR} well, slots: 0 }`,
      /executor.slots: is 0; the least allowed is 1/,
    ],
    [
      `{ name: command, command: ${BEHAVIOUR} well, limits: { memory: 3 } }`,
      /executor.limits.memory: .*no unit/,
    ],
  ])('%s is refused with what to do', async (executor, message) => {
    await expect(load(executor)).rejects.toThrow(message);
  });
});
