import type { TensorFlow } from '../../src/models/backend.ts';
import { type Sites, sitesOf } from '../../src/models/sites.ts';
import { fit } from '../../src/models/surrogate/fit.ts';
import { freshState } from '../../src/models/surrogate/optimiser.ts';
import { initialParameters } from '../../src/models/surrogate/parameters.ts';
import { predictMembers } from '../../src/models/surrogate/prediction.ts';
import { labelsOf } from '../../src/models/surrogate/targets.ts';
import { DEFAULT_SIZES } from '../../src/models/surrogate/train-ensemble.ts';
import { mean } from '../figure.ts';
import { Stopwatch } from '../stopwatch.ts';

/** What a network reads of a crystal, made before training. */
export { sitesOf as featuresOf };

export interface Epoch {
  readonly epoch: number;
  /** Training alone, up to now. */
  readonly seconds: number;
  readonly coreSeconds: number;
  /** Values of some rows by the network as it is now, in the values' unit. */
  predict(rows: readonly number[]): number[];
}

/** Trains one network from nothing on some rows, with a word after each epoch; what is done there is not timed. */
export async function trainOneNetwork(
  tf: TensorFlow,
  {
    features,
    values,
    training,
    epochs,
  }: {
    features: readonly Sites[];
    values: readonly number[];
    training: readonly number[];
    epochs: number;
  },
  onEpoch: (epoch: Epoch) => void,
): Promise<void> {
  const architecture = { ...DEFAULT_SIZES, targets: 1 };
  const own = training.map((row) => values[row] as number);
  const centre = mean(own);
  const deviation = Math.sqrt(mean(own.map((value) => (value - centre) ** 2)));
  const mostSites = features.reduce((most, { shares }) => Math.max(most, shares.length), 1);
  const featuresAt = (row: number): Sites => features[row] as Sites;
  const clock = new Stopwatch();
  clock.start();
  await fit(tf, {
    architecture,
    members: 1,
    from: { epoch: 0, state: freshState(initialParameters(architecture, 1, 1)) },
    featuresOf: featuresAt,
    // Batches of any sizes: like with like, the rows of a batch would be of like chemistry too.
    sitesOf: () => mostSites,
    labels: labelsOf(
      Float32Array.from(values, (value) => (value - centre) / deviation),
      [null],
    ),
    rowsOfMember: [training],
    epochs,
    batchSize: 64,
    learningRate: 2.5e-3,
    weightDecay: 0.05,
    seed: 1,
    onEpoch: (epoch, { weights }) => {
      clock.stop();
      const predict = (rows: readonly number[]): number[] => {
        const asked = predictMembers(tf, architecture, {
          weights,
          crystals: rows.map(featuresAt),
          zeros: [null],
        });
        return Array.from(asked.mean, (value) => centre + deviation * value);
      };
      onEpoch({ epoch, seconds: clock.seconds, coreSeconds: clock.coreSeconds, predict });
      clock.start();
      return 'go on';
    },
  });
}
