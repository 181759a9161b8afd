import type { Tensor } from '@tensorflow/tfjs';
import type { TensorFlow } from '../backend.ts';
import { bucketBySize, denseBatch } from '../dense-batch.ts';
import { ELEMENT_ROWS } from '../element-features.ts';
import type { PairFeatures } from '../pair-features.ts';
import type { Ensemble } from '../surrogate/ensemble.ts';
import { disposeInput, forward, networkInput } from '../surrogate/network.ts';
import { memberSize } from '../surrogate/parameters.ts';
import { gaussLegendre } from './gauss-legendre.ts';

/** What the elements on the sites of crystals do to an ensemble's prediction of one target, in its unit. */
export interface SiteAttributions {
  /** Per crystal, one number per atom. */
  readonly sites: readonly Float32Array[];
  /** [crystals]: the prediction less that of the baseline, which a crystal's numbers should add up to. */
  readonly difference: Float32Array;
}

/** Padded pairs of atoms at once, over all members: what keeps a batch's gradients small. */
const MOST_PAIRS = 16384;

/**
 * Integrated gradients (Sundararajan, Taly and Yan, ICML 2017) over each atom's element, one-hot: the path leads straight
 * from a baseline where every site holds the average atom of these crystals, in unchanged places, to the crystal. An
 * atom's number is Σ_k (x_k − x'_k) ∫ ∂f/∂x_k, with `points` of Gauss-Legendre along the path, f the members' mean.
 */
export function integrateGradients(
  tf: TensorFlow,
  { architecture, members, weights, scales }: Ensemble,
  { crystals, target, points }: { crystals: readonly PairFeatures[]; target: number; points: number },
): SiteAttributions {
  const deviation = scales[target]?.deviation ?? 1;
  const { point, weight } = gaussLegendre(points);
  const sites = crystals.map(({ atomicNumbers }) => new Float32Array(atomicNumbers.length));
  const difference = new Float32Array(crystals.length);
  const parameters = tf.tensor2d(weights, [members, memberSize(architecture)]);
  const average = tf.tensor3d(averageAtom(crystals), [1, 1, ELEMENT_ROWS]);
  const order = Array.from({ length: crystals.length }, (_, index) => index);
  const atomsOf = (item: number): number => (crystals[item] as PairFeatures).atomicNumbers.length;
  const limits = { maxItems: 128, maxPairs: Math.floor(MOST_PAIRS / members), window: order.length };
  for (const batch of bucketBySize(order, atomsOf, limits)) {
    const dense = denseBatch(batch.map((item) => crystals[item] as PairFeatures));
    const input = networkInput(tf, dense, { members, shared: true });
    const out = tf.tidy(() => {
      // Padding, element 0, stays what it is.
      const isAtom = tf.sub(1, tf.slice(input.elements, [0, 0, 0], [-1, -1, 1]));
      const way = tf.mul(tf.sub(input.elements, average), isAtom);
      const at = (share: number): Tensor => tf.sub(input.elements, tf.mul(1 - share, way));
      const predict = (elements: Tensor): Tensor =>
        tf.slice(
          forward(tf, architecture, { parameters, input: { ...input, elements } }).mean,
          [0, 0, target],
          [-1, -1, 1],
        );
      const gradient = tf.grad((elements) => tf.sum(predict(elements)));
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
      for (let atom = 0; atom < own.length; atom++)
        own[atom] = deviation * (ofSites[row * dense.atoms + atom] as number);
      difference[item] = deviation * (ofCrystals[row] as number);
    });
  }
  tf.dispose([parameters, average]);
  return { sites, difference };
}

/** Mean composition of the crystals, [ELEMENT_ROWS]. */
function averageAtom(crystals: readonly PairFeatures[]): Float32Array {
  const shares = new Float32Array(ELEMENT_ROWS);
  for (const { atomicNumbers } of crystals)
    for (const z of atomicNumbers)
      shares[z] = (shares[z] as number) + 1 / (atomicNumbers.length * crystals.length);
  return shares;
}
