import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CampaignStatus } from '../../src/campaign/status.ts';
import { renderView } from '../../src/cli/view.ts';

const running: CampaignStatus = {
  name: 'noble-hull',
  question: 'Which ordered phases of Cu, Au and Pd are stable at zero temperature?',
  phase: 'running',
  phaseDetail: 'evaluating',
  labels: { model: 160, control: 21, reference: 3, budget: 300 },
  failed: 3,
  rejected: 1,
  discoveries: { model: 26, control: 1 },
  best: { formula: 'Cu3Au', distance: 0, unit: 'eV/atom' },
  model: {
    version: 6,
    target: 'formationEnergyEvPerAtom',
    mae: 0.0124,
    unit: 'eV/atom',
    coverage90: 0.912,
    miscalibrationArea: 0.031,
  },
  generatorVersion: 1,
  learning: { round: 7, detail: 'epoch 12 of 60, held-out MAE 0.011' },
  queueLength: 42,
  inFlight: [
    { formula: 'CuAu3', arm: 'model', startedAt: '2026-03-02T10:13:48Z' },
    { formula: 'Pd2Cu', arm: 'control', startedAt: '2026-03-02T10:13:59Z' },
  ],
  spentCoreSeconds: 1512,
  startedAt: '2026-03-02T10:00:00Z',
  updatedAt: '2026-03-02T10:14:00Z',
  temporalUiUrl: 'http://localhost:8233/namespaces/default/workflows/campaign%2Fnoble-hull',
  stopReason: null,
};
const begun: CampaignStatus = {
  ...running,
  phase: 'starting',
  phaseDetail: '',
  labels: { model: 0, control: 0, reference: 0, budget: 300 },
  failed: 0,
  rejected: 0,
  discoveries: { model: 0, control: 0 },
  best: null,
  model: null,
  generatorVersion: 0,
  learning: null,
  queueLength: 0,
  inFlight: [],
  spentCoreSeconds: 0,
  updatedAt: '2026-03-02T10:00:00Z',
};
const now = Date.parse('2026-03-02T10:14:02Z');
const escape = /\u001b\[\d+m/g;

describe('the live view', () => {
  test('tells the whole story at 80 columns', () => {
    expect(`\n${renderView(running, { columns: 80, now, color: false })}\n`).toMatchInlineSnapshot(`
      "
      noble-hull · running · evaluating
      Which ordered phases of Cu, Au and Pd are stable at zero temperature?

      labels      ████████████████████████░░░░░░░░░░░░░░░░  181 of 300  60 %
                  model 160 · control 21 · reference 3 · failed 3 · rejected 1

      model arm   26 discoveries · one every 6.2 labels (90 %: 4.7–8.4)
      control arm 1 discovery · one every 21 labels (90 %: 5.8–118)
      faster      3.4 times (90 %: 0.91–20), not shown: the interval includes 1
      best        Cu3Au, meets the objective

      surrogate   version 6 · held-out error 0.012 eV/atom · 90 % interval holds 91 %
                  miscalibration area 0.031
      generator   version 1
      learning    round 7 · epoch 12 of 60, held-out MAE 0.011
      in flight   CuAu3 14 s · Pd2Cu 3 s (control)
      queue       42 candidates ranked

      pace        13 labels/min · budget spent in about 9 min
      spent       25.2 core-min of computing · 14 min since the start
      http://localhost:8233/namespaces/default/workflows/campaign%2Fnoble-hull

      Ctrl-C leaves the campaign running; come back with: assayer watch noble-hull
      "
    `);
  });

  test('fits a narrow terminal', () => {
    expect(`\n${renderView(running, { columns: 60, now, color: false })}\n`).toMatchInlineSnapshot(`
      "
      noble-hull · running · evaluating
      Which ordered phases of Cu, Au and Pd are stable at zero
      temperature?

      labels      ██████████████████░░░░░░░░░░░░  181 of 300  60 %
                  model 160 · control 21 · reference 3 · failed 3
                  rejected 1

      model arm   26 discoveries
                  one every 6.2 labels (90 %: 4.7–8.4)
      control arm 1 discovery
                  one every 21 labels (90 %: 5.8–118)
      faster      3.4 times (90 %: 0.91–20), not shown: the
                  interval includes 1
      best        Cu3Au, meets the objective

      surrogate   version 6 · held-out error 0.012 eV/atom
                  90 % interval holds 91 %
                  miscalibration area 0.031
      generator   version 1
      learning    round 7 · epoch 12 of 60, held-out MAE 0.011
      in flight   CuAu3 14 s · Pd2Cu 3 s (control)
      queue       42 candidates ranked

      pace        13 labels/min · budget spent in about 9 min
      spent       25.2 core-min of computing
                  14 min since the start
      http://localhost:8233/namespaces/default/workflows/campaign%
      2Fnoble-hull

      Ctrl-C leaves the campaign running; come back with: assayer
      watch noble-hull
      "
    `);
  });

  test('makes sense before the first label', () => {
    expect(`\n${renderView(begun, { columns: 80, now, color: false })}\n`).toMatchInlineSnapshot(`
      "
      noble-hull · starting
      Which ordered phases of Cu, Au and Pd are stable at zero temperature?

      labels      ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  0 of 300  0 %
                  model 0 · control 0 · reference 0 · failed 0 · rejected 0

      model arm   0 discoveries
      control arm 0 discoveries
      faster      nothing to compare yet
      best        none yet

      surrogate   base model, no version of its own yet
      generator   base weights
      in flight   nothing
      queue       0 candidates ranked

      pace        no label yet
      spent       0 core-s of computing · 0 s since the start
      http://localhost:8233/namespaces/default/workflows/campaign%2Fnoble-hull

      Ctrl-C leaves the campaign running; come back with: assayer watch noble-hull
      "
    `);
  });

  test('says why a campaign ended and where to read on', () => {
    const finished: CampaignStatus = {
      ...running,
      phase: 'finished',
      learning: null,
      stopReason: 'the budget of 300 labels is spent',
    };
    const view = renderView(finished, { columns: 80, now, color: false });
    expect(view).toContain('ended       the budget of 300 labels is spent');
    expect(view).toContain('assayer report noble-hull');
    expect(view).not.toContain('Ctrl-C');
    expect(view).not.toContain('budget spent in about');
  });

  test('leaves out what was not measured', () => {
    const model = running.model && { ...running.model, coverage90: Number.NaN, miscalibrationArea: null };
    const view = renderView(
      { ...running, model, learning: { round: 7, detail: '' } },
      { columns: 80, now, color: false },
    );
    expect(view).toContain('surrogate   version 6 · held-out error 0.012 eV/atom\n');
    expect(view).toContain('learning    round 7\n');
  });

  test('colour changes no character of the text', () => {
    const options = { columns: 72, now };
    const colored = renderView(running, { ...options, color: true });
    expect(colored).toMatch(escape);
    const bare = (text: string): string[] =>
      text
        .replace(escape, '')
        .split('\n')
        .map((line) => line.trimEnd());
    expect(bare(colored)).toEqual(renderView(running, { ...options, color: false }).split('\n'));
  });

  test('no line is longer than the terminal is wide, and no control character gets through', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 40, max: 160 }),
        fc.string({ maxLength: 300, unit: 'binary-ascii' }),
        fc.array(fc.constantFrom('CuAu3', 'Ag12Pd7Pt11Ni2', 'Al'), { maxLength: 20 }),
        (columns, question, formulas) => {
          const inFlight = formulas.map((formula) => ({
            formula,
            arm: 'control' as const,
            startedAt: running.startedAt,
          }));
          const view = renderView({ ...running, question, inFlight }, { columns, now, color: false });
          for (const line of view.split('\n')) {
            expect(line.length).toBeLessThanOrEqual(columns);
            expect(line).not.toMatch(/\p{Cc}/u);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
