import type { Tensor } from '@tensorflow/tfjs';
import type { TensorFlow } from '../backend.ts';
import { bucketBySize, denseBatch } from '../dense-batch.ts';
import { ELEMENT_ROWS } from '../element-features.ts';
import type { Sites } from '../sites.ts';
import type { Ensemble } from '../surrogate/ensemble.ts';
import { disposeInput, elementTable, forward, networkInput, siteStates } from '../surrogate/network.ts';
import { memberSize } from '../surrogate/parameters.ts';
import { gaussLegendre } from './gauss-legendre.ts';

/** What the elements on the sites of crystals do to an ensemble's prediction of one target, in its unit. */
export interface SiteAttributions {
  /** Per crystal, one number per site, over all its atoms. */
  readonly sites: readonly Float32Array[];
  /** [crystals]: the prediction less that of the baseline, which a crystal's numbers should add up to. */
  readonly difference: Float32Array;
}

/** Padded pairs of sites at once, over all members: what keeps a batch's gradients small. */
const MOST_PAIRS = 16384;

/**
 * Integrated gradients (Sundararajan, Taly and Yan, ICML 2017) over what is on each site: the path leads straight from a
 * baseline where every site holds the average atom of these crystals, in unchanged places, to the crystal. A site's
 * number is Σ_k (x_k − x'_k) ∫ ∂f/∂x_k, with `points` of Gauss-Legendre along the path, f the members' mean. The states
 * x are linear in the one-hot element, so that the path and the sum are the same over either.
 */
export function integrateGradients(
  tf: TensorFlow,
  { architecture, members, weights, scales }: Ensemble,
  { crystals, target, points }: { crystals: readonly Sites[]; target: number; points: number },
): SiteAttributions {
  const deviation = scales[target]?.deviation ?? 1;
  const { point, weight } = gaussLegendre(points);
  const sites = crystals.map(({ atomicNumbers }) => new Float32Array(atomicNumbers.length));
  const difference = new Float32Array(crystals.length);
  const parameters = tf.tensor2d(weights, [members, memberSize(architecture)]);
  const average = tf.tensor3d(averageAtom(crystals), [1, 1, ELEMENT_ROWS]);
  const order = Array.from({ length: crystals.length }, (_, index) => index);
  const sitesIn = (item: number): number => (crystals[item] as Sites).shares.length;
  const limits = { maxItems: 128, maxPairs: Math.floor(MOST_PAIRS / members), window: order.length };
  for (const batch of bucketBySize(order, sitesIn, limits)) {
    const dense = denseBatch(batch.map((item) => crystals[item] as Sites));
    const input = networkInput(tf, dense, { members, shared: true });
    const out = tf.tidy(() => {
      const table = elementTable(tf, architecture, parameters);
      const own = siteStates(tf, table, input);
      const baseline = tf.matMul(tf.tile(average, [members, 1, 1]), table);
      // Padding stays what it is.
      const isSite = tf.reshape(tf.cast(tf.greater(input.shares, 0), 'float32'), [members, -1, 1]);
      const way = tf.mul(tf.sub(own, baseline), isSite);
      const at = (share: number): Tensor => tf.sub(own, tf.mul(1 - share, way));
      const predict = (states: Tensor): Tensor =>
        tf.slice(forward(tf, architecture, { parameters, input, states }).mean, [0, 0, target], [-1, -1, 1]);
      const gradient = tf.grad((states) => tf.sum(predict(states)));
      let integral: Tensor = tf.zerosLike(way);
      for (let q = 0; q < points; q++) {
        const last = integral;
        integral = tf.tidy(() => tf.add(last, tf.mul(weight[q] as number, gradient(at(point[q] as number)))));
        last.dispose();
      }
      return {
        sites: tf.mean(tf.sum(tf.mul(integral, way), 2), 0),
        difference: tf.mean(tf.sub(predict(at(1)), predict(at(0))), 0),
      };
    });
    const [ofSites, ofCrystals] = [out.sites.dataSync(), out.difference.dataSync()];
    disposeInput(input);
    tf.dispose(out);
    batch.forEach((item, row) => {
      const own = sites[item] as Float32Array;
      for (let site = 0; site < own.length; site++)
        own[site] = deviation * (ofSites[row * dense.sites + site] as number);
      difference[item] = deviation * (ofCrystals[row] as number);
    });
  }
  tf.dispose([parameters, average]);
  return { sites, difference };
}

/** Mean composition of the crystals, [ELEMENT_ROWS]. */
function averageAtom(crystals: readonly Sites[]): Float32Array {
  const average = new Float32Array(ELEMENT_ROWS);
  for (const { atomicNumbers, shares } of crystals)
    atomicNumbers.forEach((z, site) => {
      average[z] = (average[z] as number) + (shares[site] as number) / crystals.length;
    });
  return average;
}
