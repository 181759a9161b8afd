import type { Crystal } from '../../crystal/crystal.ts';
import type { Recalibration } from '../calibration.ts';
import type { PlainScores } from '../surrogate/label-domain.ts';
import { describeCrystals } from './descriptors.ts';
import type { Fitted, Prediction } from './method.ts';
import type { MethodName } from './methods.ts';
import { METHODS } from './methods.ts';
import type { Standardiser, Table } from './table.ts';
import { standardise } from './table.ts';

/** A fitted simple model of one target, with what turns its standardised output into the target. */
export interface SimpleHead {
  readonly method: MethodName;
  readonly fitted: Fitted;
  /** value = mean + deviation · output. */
  readonly scale: { readonly mean: number; readonly deviation: number };
  /** Of the spread, in the target's unit. */
  readonly recalibration: Recalibration;
}

/** A surrogate of simple models: for each target the one that did best. */
export interface SimpleSurrogate {
  /** Unit in the name. */
  readonly targets: readonly string[];
  /** Of the descriptors. */
  readonly standardiser: Standardiser;
  /** One per target. */
  readonly heads: readonly SimpleHead[];
}

/** Mean and calibrated standard deviation of standardised rows, in the target's unit. */
export function predictHead({ method, fitted, scale, recalibration }: SimpleHead, table: Table): Prediction {
  const { mean, sigma } = METHODS[method].predict(fitted, table);
  return {
    mean: mean.map((x) => scale.mean + scale.deviation * x),
    sigma: sigma.map((x) => recalibration.scale * scale.deviation * x + recalibration.floor),
  };
}

/** As the network's scores, with one member; the embedding are the standardised descriptors. */
export function scoreSimple(surrogate: SimpleSurrogate, crystals: readonly Crystal[]): PlainScores {
  const { targets, heads, standardiser } = surrogate;
  const table = standardise(standardiser, describeCrystals(crystals));
  const mean = new Float32Array(crystals.length * targets.length);
  const sigma = new Float32Array(crystals.length * targets.length);
  heads.forEach((head, column) => {
    const predicted = predictHead(head, table);
    for (let row = 0; row < crystals.length; row++) {
      mean[row * targets.length + column] = predicted.mean[row] as number;
      sigma[row * targets.length + column] = predicted.sigma[row] as number;
    }
  });
  return {
    targets,
    mean,
    sigma,
    memberMeans: mean.slice(),
    embedding: table.values,
    embeddingWidth: table.width,
  };
}
