import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const SPEC = `
name: nickel
space:
  elements: [Ni, Al]
  elementsPerCrystal: { min: 2, max: 2 }
  atoms: { min: 2, max: 4 }
objective: { kind: hull, energyAboveHull: { max: 10 meV/atom } }
generators: [substitution, random]
executor: { name: emt }
budget: { labels: 100 }
arms: { control: 50 % }
learning: { everyLabels: 1000 }
`;

async function simulate(...options: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'assayer-simulate-'));
  await writeFile(join(folder, 'nickel.yaml'), SPEC);
  const args = [resolve('dist/src/cli/main.js'), 'simulate', 'nickel.yaml', ...options];
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: folder });
    return { code: 0, stdout, stderr };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

test('simulates a spec once for each seed, without servers, in virtual hours', async () => {
  const { code, stdout } = await simulate('--seeds', '2', '--labels', '12', '--failures', '0', '--json');
  expect(code).toBe(0);
  const outcomes = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, never>);
  expect(outcomes).toHaveLength(2);
  for (const [index, outcome] of outcomes.entries()) {
    expect(outcome).toMatchObject({
      seed: index + 1,
      failed: 0,
      model: { labels: 6 },
      control: { labels: 6 },
    });
    expect(outcome['virtualSeconds']).toBeGreaterThan(12 * 600);
    expect(outcome['end']).toContain('the budget of 12 labels is spent');
  }
}, 60_000);

test.each([
  [['--evaluation', '5'], /--evaluation: '5' has no unit/],
  [['--evaluation', '5 GPa'], /give a time above zero/],
  [['--seeds', 'many'], /--seeds: NaN is no positive whole number/],
  [['--failures', '100'], /--failures: 100 is no share/],
])('refuses %j, saying what is allowed', async (options, message) => {
  const { code, stderr } = await simulate(...options);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});
