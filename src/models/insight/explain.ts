import type { Attribution } from '../../campaign/facts.ts';
import type { Crystal } from '../../crystal/crystal.ts';
import { random } from '../../crystal/random.ts';
import type { Backend, TensorFlow } from '../backend.ts';
import { describeCrystals } from '../baselines/descriptors.ts';
import { standardise, standardiserOf } from '../baselines/table.ts';
import { checkData } from '../data-checks/data-checks.ts';
import { distanceWithinDomain } from '../domain.ts';
import { sitesOf } from '../sites.ts';
import type { ExplainJob, Explanation, TrainingRow } from '../service.ts';
import type { Surrogate } from '../surrogate/surrogate.ts';
import { readSurrogate, scoreSurrogate, targetsOf } from '../surrogate/surrogate.ts';
import type { Points } from './clusters.ts';
import { attributeDescriptors } from './descriptor-attribution.ts';
import { attributeElements } from './element-attribution.ts';
import { drawLandscape, isMappable } from './landscape.ts';

/** More points hide one another on a map, and the model's fact should stay small. */
const MOST_ROWS = 500;
/** Gradients along a path cost a few seconds for so many, and rounds should stay short. */
const MOST_DIFFERENTIATED = 100;

/**
 * Looks into a surrogate with the rows it was trained on (a seeded sample of 500, when there are more): where it sees
 * them, and what moves its predictions. Values that the checks before training set aside are left out here too.
 * Throws CheckpointError for a checkpoint that cannot be used, RangeError for rows of other targets.
 */
export async function explainSurrogate(
  { tf }: Backend,
  { checkpoint, rows, seed }: ExplainJob,
  progress: (detail: string) => void,
): Promise<Explanation> {
  const { surrogate } = await readSurrogate(checkpoint);
  const targets = targetsOf(surrogate);
  const odd = rows.find(({ values }) => values.length !== targets.length);
  if (odd) {
    throw new RangeError(
      `a row of ${odd.group} has ${odd.values.length} values, the surrogate predicts ${targets.join(', ')}: ` +
        'give one value for each of these, in this order',
    );
  }
  const used = checkData(rows, targets).rows;
  const sample = sampleRows(used.length, seed);
  const sampled = sample.map((row) => used[row] as TrainingRow);
  const crystals = sampled.map(({ crystal }) => crystal);
  progress(`mapping ${sample.length} labels`);
  const { embedding, embeddingWidth } = scoreSurrogate(tf, surrogate, crystals);
  const drawn = drawMap({ values: embedding, width: embeddingWidth }, surrogate, seed);
  progress('explaining predictions by descriptors');
  const ofDescriptors = attributeToDescriptors(surrogate, sampled, seed);
  if (surrogate.kind === 'network') progress('explaining predictions by elements');
  const ofElements = surrogate.kind === 'network' ? attributeToElements(tf, surrogate, crystals) : [];
  return { map: drawn && { rows: sample, ...drawn }, attributions: [...ofElements, ...ofDescriptors] };
}

function sampleRows(count: number, seed: number): number[] {
  const all = Array.from({ length: count }, (_, row) => row);
  if (count <= MOST_ROWS) return all;
  return random('explained rows', seed)
    .shuffle(all)
    .slice(0, MOST_ROWS)
    .sort((l, r) => l - r);
}

function drawMap(
  points: Points,
  surrogate: Surrogate,
  seed: number,
): Omit<NonNullable<Explanation['map']>, 'rows'> | null {
  if (!isMappable(points)) return null;
  const { principal, explained, manifold, cluster, outlier } = drawLandscape(points, seed);
  return {
    space: surrogate.kind === 'network' ? 'last hidden layer' : 'descriptors',
    principal: rounded(principal),
    explained,
    manifold: manifold && rounded(manifold),
    cluster: Array.from(cluster),
    outlier,
    domainDistance: rounded(distanceWithinDomain(points.values, points.width)),
  };
}

function attributeToDescriptors(
  surrogate: Surrogate,
  rows: readonly TrainingRow[],
  seed: number,
): Attribution[] {
  const crystals: Crystal[] = rows.map(({ crystal }) => crystal);
  const raw = describeCrystals(crystals);
  if (raw.rows === 0) return [];
  const table = standardise(
    surrogate.kind === 'simple' ? surrogate.model.standardiser : standardiserOf(raw),
    raw,
  );
  return targetsOf(surrogate).flatMap((target, column) => {
    const head = surrogate.kind === 'simple' ? (surrogate.model.heads[column] ?? null) : null;
    const values = rows.map((row) => row.values[column] ?? null);
    return attributeDescriptors({ target, table, values, head, seed }) ?? [];
  });
}

/** Every so-many-th crystal, up to the number that is differentiated. */
function attributeToElements(
  tf: TensorFlow,
  { ensemble }: Extract<Surrogate, { kind: 'network' }>,
  crystals: readonly Crystal[],
): Attribution[] {
  const stride = Math.ceil(crystals.length / MOST_DIFFERENTIATED);
  const features = crystals.filter((_, row) => row % stride === 0).map(sitesOf);
  return ensemble.targets.flatMap(
    (_, target) => attributeElements(tf, ensemble, { crystals: features, target }) ?? [],
  );
}

/** Four digits: finer than any map is drawn, and short as text. */
function rounded(values: Float32Array): number[] {
  return Array.from(values, (x) => Number(x.toPrecision(4)));
}
