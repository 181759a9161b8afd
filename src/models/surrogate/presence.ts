import { fitTemperature } from '../calibration.ts';
import { memberSize, parametersOf } from './parameters.ts';
import type { Architecture } from './parameters.ts';
import type { MemberPredictions } from './prediction.ts';

/**
 * The same weights with the log-odds of two-part targets divided by a temperature each, so that the probability that a
 * target is not zero comes true as often as it says (Guo et al., ICML 2017). `predictions` are of crystals that the
 * members given by `membersOf` had not seen, `present` [crystals, targets] whether the target is not zero, NaN where that
 * is not known or not asked.
 */
export function calibratePresence(
  architecture: Architecture,
  weights: Float32Array,
  {
    predictions,
    present,
    membersOf,
  }: {
    predictions: MemberPredictions;
    present: Float32Array;
    membersOf: (crystal: number) => readonly number[];
  },
): Float32Array {
  const { targets } = architecture;
  const size = memberSize(architecture);
  const calibrated = weights.slice();
  for (let target = 0; target < targets; target++) {
    const rows = Array.from({ length: predictions.crystals }, (_, crystal) => crystal).filter(
      (crystal) => !Number.isNaN(present[crystal * targets + target]) && membersOf(crystal).length > 0,
    );
    if (rows.length === 0) continue;
    const at = (member: number, crystal: number): number =>
      (member * predictions.crystals + crystal) * targets + target;
    const temperature = fitTemperature(
      rows.map((crystal) =>
        membersOf(crystal).map((member) => logOdds(predictions.present[at(member, crystal)] as number)),
      ),
      rows.map((crystal) => present[crystal * targets + target] === 1),
    );
    for (const { name, offset, size: length } of parametersOf(architecture)) {
      if (name !== 'head.present' && name !== 'head.presentBias') continue;
      for (let from = offset; from < calibrated.length; from += size) {
        for (let k = target; k < length; k += targets) {
          calibrated[from + k] = (calibrated[from + k] as number) / temperature;
        }
      }
    }
  }
  return calibrated;
}

/** Of a probability that single precision may have rounded to 0 or 1. */
function logOdds(probability: number): number {
  const p = Math.min(1 - 1e-7, Math.max(1e-7, probability));
  return Math.log(p / (1 - p));
}
