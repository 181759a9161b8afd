import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { SpecError, parseSpec } from '../../src/campaign/parse-spec.ts';

const good = readFileSync('examples/alloys.yaml', 'utf8');

function problemsOf(yaml: string): string[] {
  try {
    parseSpec(yaml, 'spec.yaml');
    return [];
  } catch (error) {
    if (error instanceof SpecError) return [...error.problems];
    throw error;
  }
}

describe('parseSpec', () => {
  test('reads the demo, quantities in canonical units', () => {
    const spec = parseSpec(good, 'alloys.yaml');
    expect(spec.objective).toEqual({ kind: 'hull', energyAboveHull: { max: 0.005 } });
    expect(spec.executor).toMatchObject({ name: 'emt', deadline: 60 });
    expect(spec.arms.control).toBe(0.1);
  });

  test.each([
    [
      '[Al, Ag, Pt]',
      '[Al, Ag, Xx]',
      ["space.elements.2: 'Xx' is not a chemical element; write symbols such as Cu"],
    ],
    ['[Al, Ag, Pt]', '[Al, Al, Pt]', ['space.elements: Al stands there twice; name each once']],
    [
      '{ min: 2, max: 8 }',
      '{ min: 8, max: 2 }',
      ['space.atoms: {"min":8,"max":2} is upside down: min must not exceed max'],
    ],
    ['labels: 300', 'labels: 0', ['budget.labels: is 0; the least allowed is 1']],
    ['60 s', '60', ["executor.deadline: 60 has no unit; write '60 UNIT' with one of: s, min, h, d"]],
    ['60 s', '60 eV', ["executor.deadline: '60 eV' is in eV; use one of: s, min, h, d"]],
    [
      '5 meV/atom',
      '5 furlong',
      [/^objective.energyAboveHull.max: '5 furlong' unit 'furlong' is not known; known units: s, min/],
    ],
    ['seed: 1', 'sead: 1', [/^sead: there is no such field; remove it, or check its spelling/]],
    ['name: emt', 'name: vasp', [/^executor.name: must be the name of an executor: emt, table, command, or/]],
    ['10 %', '95 %', ["arms.control: '95 %' must be a share between 0 % and 90 %, written as '10 %'"]],
    [
      'labels: 300',
      'labels: 5',
      [/^budget.labels: is 5, so that the control arm's 10 % is not even one label; give at least 10/],
    ],
    [
      'generators: [diffusion, substitution]',
      'generators: [wishing]',
      [/^generators.0: is 'wishing'; allowed: diffusion, substitution, random, table/],
    ],
    ['name: alloys', 'name: My Alloys!', [/^name: 'My Alloys!' must be 1 to 41 lower-case letters/]],
  ])('%s → %s says what is wrong and what to do', (from, to, expected) => {
    expect(good).toContain(from);
    const problems = problemsOf(good.replace(from, to));
    expect(problems).toHaveLength(expected.length);
    expect(problems).toEqual(
      expected.map((text) => (typeof text === 'string' ? text : expect.stringMatching(text))),
    );
  });

  test('several problems are all reported at once', () => {
    const problems = problemsOf(
      good.replace('labels: 300', 'labels: -1').replace('60 s', '60').replace('seed: 1', 'seed: one'),
    );
    expect(problems).toHaveLength(3);
  });

  test('what is not YAML is said to be so, with its place', () => {
    expect(problemsOf('name: [unclosed')[0]).toMatch(/^not valid YAML: .*line 1/);
  });

  test('an empty file misses every required field', () => {
    expect(problemsOf('')[0]).toMatch(/^the spec: is null; give a value of type object/);
  });
});
