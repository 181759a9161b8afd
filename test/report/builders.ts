import type {
  CampaignRecord,
  LabelFact,
  ModelFact,
  ModelInsight,
  PredictedValue,
} from '../../src/campaign/facts.ts';
import type { Judgement } from '../../src/campaign/judgement.ts';
import { judgeLabels } from '../../src/campaign/objective.ts';
import { specSchema } from '../../src/campaign/spec.ts';
import { elementCounts, reducedFormula } from '../../src/crystal/chemistry/composition.ts';
import type { Crystal } from '../../src/crystal/crystal.ts';
import { atomicNumberOf } from '../../src/crystal/chemistry/elements.ts';
import { random } from '../../src/crystal/random.ts';
import { DESCRIPTOR_NAMES, describeCrystals } from '../../src/models/baselines/descriptors.ts';
import { distanceWithinDomain } from '../../src/models/domain.ts';
import { drawLandscape } from '../../src/models/insight/landscape.ts';

/** Records that look like those of a campaign over fcc alloys with an effective-medium potential. */

export interface RecordOptions {
  readonly elements?: readonly string[];
  readonly labels?: number;
  readonly controlShare?: number;
  readonly objective?: 'hull' | 'windows';
  readonly seed?: number;
}

const EXECUTOR = { name: 'emt', version: '1.0.0' };
const START = Date.parse('2026-03-02T10:00:00Z');
const at = (seconds: number): string => new Date(START + seconds * 1000).toISOString();

export function buildSpec({ elements = ['Cu', 'Au'], labels = 60, objective = 'hull' }: RecordOptions = {}) {
  return specSchema.parse({
    name: `${elements.join('-').toLowerCase()}-${objective}`,
    question: `Which ordered phases of ${elements.join(', ')} are stable at zero temperature?`,
    seed: 7,
    space: { elements, elementsPerCrystal: { min: 2, max: elements.length }, atoms: { min: 2, max: 8 } },
    objective:
      objective === 'hull'
        ? { kind: 'hull', energyAboveHull: { max: '5 meV/atom' } }
        : {
            kind: 'windows',
            properties: {
              heatOfFormationEvPerAtom: { max: '-0.02 eV/atom' },
              bandGapEv: { min: '1.2 eV', max: '2.0 eV' },
            },
          },
    generators: ['diffusion', 'substitution'],
    executor: { name: 'emt', slots: 2 },
    budget: { labels },
    arms: { control: '20 %' },
  });
}

/** An fcc cell of 4 or 8 sites with the given atoms on them, Vegard's lattice constant. */
export function fccCrystal(symbols: readonly string[]): Crystal {
  const repeats = symbols.length / 4;
  const sites = [0, 0, 0, 0, 0.5, 0.5, 0.5, 0, 0.5, 0.5, 0.5, 0];
  const fractional = Array.from({ length: repeats }, (_, cell) =>
    sites.map((x, i) => (i % 3 === 2 ? (x + cell) / repeats : x)),
  ).flat();
  const a =
    3.6 + (0.45 * symbols.filter((symbol) => symbol === 'Au' || symbol === 'Ag').length) / symbols.length;
  return {
    latticeAngstrom: [a, 0, 0, 0, a, 0, 0, 0, a * repeats],
    fractionalCoordinates: fractional,
    atomicNumbers: symbols.map(atomicNumberOf),
  };
}

export function buildRecord(options: RecordOptions = {}): {
  record: CampaignRecord;
  judgements: Judgement[];
} {
  const {
    elements = ['Cu', 'Au'],
    labels: count = 60,
    controlShare = 0.2,
    objective = 'hull',
    seed = 1,
  } = options;
  const source = random('record', seed);
  const spec = buildSpec(options);
  const everyLabels = spec.learning.everyLabels;
  const labels: LabelFact[] = [];
  const target = objective === 'hull' ? 'formationEnergyEvPerAtom' : 'heatOfFormationEvPerAtom';

  const add = (arm: LabelFact['arm'], symbols: readonly string[], excess: number): void => {
    const crystal = fccCrystal(symbols);
    const n = labels.length;
    const version = Math.floor(Math.max(0, n - elements.length) / everyLabels);
    const formation = idealFormationEnergy(crystal) + excess;
    const sigma = 0.012 + 0.05 * Math.exp(-version / 2);
    const predicted: Record<string, PredictedValue> = {
      [target]: { mean: formation + sigma * source.normal(), sigma },
      ...(objective === 'windows' && { bandGapEv: { mean: 1.5 + 0.3 * source.normal(), sigma: 0.3 } }),
    };
    labels.push({
      _id: `key-${String(n).padStart(4, '0')}`,
      candidateId: `candidate-${n}`,
      formula: reducedFormula(crystal),
      arm,
      values:
        objective === 'hull'
          ? { energyEvPerAtom: { value: formation - 3, unit: 'eV/atom', uncertainty: null } }
          : {
              heatOfFormationEvPerAtom: { value: formation, unit: 'eV/atom', uncertainty: null },
              bandGapEv: { value: Math.max(0, 1.4 + source.normal()), unit: 'eV', uncertainty: 0.05 },
            },
      crystal,
      relaxedCrystal: crystal,
      generator: arm === 'reference' ? 'reference' : source.uniform() < 0.6 ? 'diffusion' : 'substitution',
      generatorVersion: version > 3 ? 1 : 0,
      modelVersion: version,
      predicted: arm === 'model' ? predicted : null,
      executor: EXECUTOR,
      settingsSha256: '5e7d9a1c'.repeat(8),
      coreSeconds: 2 + 3 * source.uniform(),
      startedAt: at(4 * n),
      endedAt: at(4 * n + 4),
    });
  };

  for (const element of elements)
    add(
      'reference',
      Array.from({ length: 4 }, () => element),
      0,
    );
  for (let i = 0; i < count; i++) {
    const arm = source.uniform() < controlShare ? 'control' : 'model';
    const size = source.pick([4, 4, 8]);
    const symbols = Array.from({ length: size }, () => source.pick(elements));
    if (new Set(symbols).size === 1) symbols[0] = elements.find((element) => element !== symbols[1]) ?? 'Cu';
    const skill = arm === 'model' ? Math.min(0.9, 0.35 + i / count) : 0.06;
    const excess = source.uniform() < skill ? 0.012 * source.uniform() ** 2 : 0.02 + 0.12 * source.uniform();
    add(arm, symbols, excess);
  }

  const models = buildModels({ versions: Math.floor(count / everyLabels), everyLabels, target, seed });
  const record: CampaignRecord = {
    campaign: { _id: spec.name, spec, specSha256: 'ab12'.repeat(16), createdAt: at(-5) },
    candidates: labels.flatMap((label) => {
      const { candidateId, formula, crystal, generator, generatorVersion, modelVersion } = label;
      const fact = {
        crystal,
        formula,
        identity: candidateId,
        generator,
        generatorVersion,
        proposal: modelVersion + 1,
        createdAt: at(0),
      };
      const passedOver = {
        ...fact,
        _id: `${candidateId}-passed-over`,
        identity: `${candidateId}-passed-over`,
      };
      return label.arm === 'reference'
        ? [{ ...fact, _id: candidateId }]
        : [{ ...fact, _id: candidateId }, passedOver];
    }),
    predictions: [],
    evaluations: [
      ...labels.map(
        ({
          crystal: _,
          relaxedCrystal: _r,
          predicted: _p,
          generator: _g,
          generatorVersion: _v,
          modelVersion: _m,
          ...rest
        }) => ({
          ...rest,
          status: 'succeeded' as const,
          reason: null,
          software: [{ name: 'assayer-emt', version: '1.0.0' }],
          attempt: 1,
          worker: 'worker-1',
        }),
      ),
      ...(labels.length > 20 ? troubles() : []),
    ],
    labels,
    models,
    decisions: [
      {
        _id: 'finished',
        kind: 'finished',
        by: 'campaign',
        reason: `the budget of ${count} labels is spent`,
        createdAt: at(4 * count + 60),
      },
    ],
  };
  return { record, judgements: judgeLabels(spec.objective, labels) };
}

/** Deeper the more unlike the atoms, and only simple ratios order well, as in the Cu–Au and Cu–Pd systems. */
function idealFormationEnergy(crystal: Crystal): number {
  const counts = [...elementCounts(crystal)];
  const total = crystal.atomicNumbers.length;
  const simple = 4 % (total / [...counts.map(([, n]) => n), total].reduce(greatestCommonDivisor)) === 0;
  let energy = simple ? 0 : 0.03;
  for (const [z, n] of counts)
    for (const [other, m] of counts)
      if (z < other) energy -= (0.24 + 0.1 * ((z + other) % 3)) * (n / total) * (m / total);
  return energy;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function troubles(): CampaignRecord['evaluations'] {
  const base = {
    arm: 'model' as const,
    values: {},
    executor: EXECUTOR,
    software: [],
    settingsSha256: '5e7d9a1c'.repeat(8),
    attempt: 3,
    worker: 'worker-1',
    startedAt: at(100),
    endedAt: at(160),
  };
  return [
    {
      ...base,
      _id: 'key-f1',
      candidateId: 'candidate-f1',
      formula: 'CuAu3',
      status: 'failed',
      reason: 'notConverged: largest force 0.31 eV/Å after 500 steps',
      coreSeconds: 60,
    },
    {
      ...base,
      _id: 'key-f2',
      candidateId: 'candidate-f2',
      formula: 'Cu5Au3',
      status: 'failed',
      reason: 'notConverged: largest force 0.31 eV/Å after 500 steps',
      coreSeconds: 58,
    },
    {
      ...base,
      _id: 'key-r1',
      candidateId: 'candidate-r1',
      formula: 'Cu7Au',
      status: 'rejected',
      reason: 'energyEvPerAtom -41.2 eV/atom is outside [-20, 5]',
      coreSeconds: 3,
    },
  ];
}

function buildModels({
  versions,
  everyLabels,
  target,
  seed,
}: {
  versions: number;
  everyLabels: number;
  target: string;
  seed: number;
}): ModelFact[] {
  const source = random('models', seed);
  const surrogates = Array.from({ length: versions }, (_, i): ModelFact => {
    const version = i + 1;
    const sigma = 0.01 + 0.05 * Math.exp(-version / 3);
    const heldOutPoints = Array.from({ length: 6 + 3 * version }, (_unused, row) => {
      const value = -0.14 * source.uniform() + 0.08 * source.uniform();
      return { target, key: `key-${row}`, value, mean: value + sigma * source.normal(), sigma };
    });
    const errors = heldOutPoints.map((point) => Math.abs(point.value - point.mean));
    const promoted = version !== 3;
    return {
      _id: `surrogate/${version}`,
      kind: 'surrogate',
      version,
      parentVersion: Math.max(0, version - 1),
      labels: version * everyLabels,
      checkpointSha256: `${version}f3c`.repeat(16),
      promoted,
      reason: promoted
        ? `held-out MAE ${(sigma * 0.8).toFixed(4)} eV/atom beats the champion's ${(sigma * 1.1).toFixed(4)} eV/atom`
        : `held-out MAE ${(sigma * 0.9).toFixed(4)} eV/atom is no better than the champion's ${(sigma * 0.8).toFixed(4)} eV/atom`,
      heldOut: [
        {
          target,
          count: heldOutPoints.length,
          mae: errors.reduce((sum, error) => sum + error, 0) / errors.length,
          rmse: Math.hypot(...errors) / Math.sqrt(errors.length),
          r2: 0.8,
          miscalibrationArea: 0.03 + 0.12 * Math.exp(-version / 2) * source.uniform(),
          coverage90: errors.filter((error) => error < 1.645 * sigma).length / errors.length,
          meanSquaredZ: 1.1,
        },
      ],
      heldOutPoints,
      baselines: [
        { name: 'network', target, mae: 0.02 },
        { name: 'mean', target, mae: 0.045 },
        { name: 'ridge', target, mae: 0.028 },
      ],
      findings: [
        {
          kind: 'outlier',
          key: heldOutPoints[0]?.key ?? 'a label that was retracted',
          target,
          value: 0.4,
          setAside: false,
          reason: '6.3 usual deviations above similar crystals (0.02)',
        },
        {
          kind: 'unit slip',
          key: 'a label that was retracted',
          target,
          value: -12.3,
          setAside: true,
          reason: 'were eV and kJ/mol taken for each other?',
        },
      ],
      trainSeconds: 18 + 4 * version,
      backend: 'wasm 4.22.0 cpu',
      createdAt: at(4 * version * everyLabels),
    };
  });
  if (versions < 4) return surrogates;
  return [
    ...surrogates,
    {
      _id: 'generator/1',
      kind: 'generator',
      version: 1,
      parentVersion: 0,
      labels: 100,
      checkpointSha256: 'cafe'.repeat(16),
      promoted: true,
      reason: 'valid 0.91 → 0.93, held-out loss 1.42 → 1.31',
      heldOut: [],
      heldOutPoints: [],
      baselines: [],
      trainSeconds: 95,
      backend: 'wasm 4.22.0 cpu',
      createdAt: at(420),
    },
  ];
}

/** The record with its last promoted surrogate looked into: a true map of the labels, made-up attributions. */
export function withInsight(record: CampaignRecord): CampaignRecord {
  const last = record.models.findLast(({ kind, promoted }) => kind === 'surrogate' && promoted);
  const labels = record.labels.slice(0, last?.labels ?? 0);
  const points = describeCrystals(labels.map(({ crystal }) => crystal));
  const { principal, explained, manifold, cluster, outlier } = drawLandscape(points, 1);
  const target = last?.heldOut[0]?.target ?? '';
  const source = random('insight', labels.length);
  const term = (name: string, rank: number) => ({
    name,
    labels: labels.length,
    meanAbsolute: 0.09 * Math.exp(-rank / 3),
    direction: 2 * source.uniform() - 1,
  });
  const insight: ModelInsight = {
    map: {
      keys: labels.map(({ _id }) => _id),
      space: 'descriptors',
      principal: [...principal],
      explained,
      manifold: manifold && [...manifold],
      cluster: [...cluster],
      outlier,
      domainDistance: [...distanceWithinDomain(points.values, points.width)],
    },
    attributions: [
      {
        target,
        over: 'elements',
        model: 'the network',
        method: 'integrated gradients',
        labels: labels.length,
        terms: record.campaign.spec.space.elements.map(term),
      },
      {
        target,
        over: 'descriptors',
        model: 'gradient boosting, fitted to the same labels beside the network',
        method: 'TreeSHAP',
        labels: labels.length,
        terms: DESCRIPTOR_NAMES.filter((_, column) => column % 15 === 2).map(term),
      },
    ],
  };
  return {
    ...record,
    models: record.models.map((model) => (model === last ? { ...model, insight } : model)),
  };
}
