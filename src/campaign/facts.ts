import type { Crystal } from '../crystal/crystal.ts';
import type { CampaignSpec } from './spec.ts';

/**
 * The facts a campaign leaves behind, as they stand in the store. A fact is inserted once under a deterministic `_id`
 * and never changed; times are ISO 8601 in UTC; arrays are flat and nulls explicit.
 */

/** Which policy chose a candidate. `reference` are the pure elements that a hull is measured from: no arm's merit. */
export const ARMS = ['model', 'control', 'reference'] as const;
export type Arm = (typeof ARMS)[number];

export interface CampaignFact {
  /** The campaign's name. */
  readonly _id: string;
  readonly spec: CampaignSpec;
  readonly specSha256: string;
  readonly createdAt: string;
}

export interface CandidateFact {
  /** sha256 of the crystal's identity, 16 hex digits. */
  readonly _id: string;
  readonly crystal: Crystal;
  readonly formula: string;
  readonly identity: string;
  readonly generator: string;
  readonly generatorVersion: number;
  /** Number of the proposal (1, 2, …) that first brought it. */
  readonly proposal: number;
  readonly createdAt: string;
}

export interface PredictedValue {
  readonly mean: number;
  /** Calibrated standard deviation, same unit as the mean. */
  readonly sigma: number;
}

/** What model version v said of a candidate before its evaluation. */
export interface PredictionFact {
  /** `<candidateId>/<modelVersion>` */
  readonly _id: string;
  readonly candidateId: string;
  readonly modelVersion: number;
  /** Target name (unit in the name) → prediction. */
  readonly values: Readonly<Record<string, PredictedValue>>;
  /** 1 is the edge of what the model's labels cover, more lies outside; left out where one label covers nothing. */
  readonly domainDistance?: number;
  readonly acquisition: number;
  readonly rank: number;
  readonly createdAt: string;
}

export interface StoredValue {
  readonly value: number;
  readonly unit: string;
  readonly uncertainty: number | null;
}

/** One run of one executor on one candidate. */
export interface EvaluationFact {
  /** The evaluation key: sha256 of candidate identity, executor, version and settings. */
  readonly _id: string;
  readonly candidateId: string;
  readonly formula: string;
  readonly arm: Arm;
  readonly status: 'succeeded' | 'failed' | 'rejected';
  /** For failed: kind and message. For rejected: the gate's checks that did not pass. Null when it succeeded. */
  readonly reason: string | null;
  readonly values: Readonly<Record<string, StoredValue>>;
  readonly executor: { readonly name: string; readonly version: string };
  /** All that the values depend on; none where nothing ran. */
  readonly software: readonly { readonly name: string; readonly version: string }[];
  readonly settingsSha256: string;
  readonly coreSeconds: number;
  readonly attempt: number;
  readonly worker: string;
  readonly startedAt: string;
  readonly endedAt: string;
}

/** A gated result: what models learn from and reports count. `_id` is its evaluation's key. */
export interface LabelFact {
  readonly _id: string;
  readonly candidateId: string;
  readonly formula: string;
  readonly arm: Arm;
  readonly values: Readonly<Record<string, StoredValue>>;
  /** As proposed: what a model sees. */
  readonly crystal: Crystal;
  /** As the executor left it; null when it does not relax. */
  readonly relaxedCrystal: Crystal | null;
  readonly generator: string;
  readonly generatorVersion: number;
  /** The version that chose it (0 is the base model), and what it had predicted. */
  readonly modelVersion: number;
  readonly predicted: Readonly<Record<string, PredictedValue>> | null;
  readonly executor: { readonly name: string; readonly version: string };
  readonly settingsSha256: string;
  readonly coreSeconds: number;
  readonly startedAt: string;
  readonly endedAt: string;
}

export interface HeldOutFigures {
  readonly target: string;
  readonly count: number;
  /** Mean absolute error, target's unit. */
  readonly mae: number;
  readonly rmse: number;
  readonly r2: number | null;
  /** Area between nominal and observed coverage (0 is perfect, 0.5 worst). */
  readonly miscalibrationArea: number;
  /** Share of held-out values within the nominal 90 % interval. */
  readonly coverage90: number;
  /** Mean of ((y - mean) / sigma)²; 1 is perfect. */
  readonly meanSquaredZ: number;
  /**
   * The conformal 90 % interval: how many sigma on either side of the mean, from training rows that the model had not
   * seen, and the share of held-out values within. Left out where too few rows were unseen to promise it.
   */
  readonly conformal90?: { readonly factor: number; readonly coverage: number };
}

/** Something about a label's value that a person should look at. */
export interface LabelFinding {
  readonly kind: string;
  /** The label's `_id`. */
  readonly key: string;
  readonly target: string;
  readonly value: number;
  /** Whether the value was kept from training. */
  readonly setAside: boolean;
  readonly reason: string;
}

/** Where a surrogate sees the labels: both maps, flat, in the order of `keys`. */
export interface LabelMap {
  /** The labels' `_id`s; a sample when there are more than a map can show. */
  readonly keys: readonly string[];
  /** What is mapped: what the model computes last of a crystal, or what it is told of it. */
  readonly space: 'last hidden layer' | 'descriptors';
  /** [labels, 2]: leading principal components, and the share of the variance that each carries. */
  readonly principal: readonly number[];
  readonly explained: readonly [number, number];
  /** [labels, 2]: uniform manifold approximation; null for fewer than 5 labels. */
  readonly manifold: readonly number[] | null;
  /** Number of each label's k-means cluster, from 0. */
  readonly cluster: readonly number[];
  /** Whether a label lies in no dense region of the map's space. */
  readonly outlier: readonly boolean[];
  /** Distance from the nearest other labels, over the distance that 95 % of the labels keep. */
  readonly domainDistance: readonly number[];
}

/** How much elements or descriptors move a model's predictions of one target. */
export interface Attribution {
  readonly target: string;
  readonly over: 'elements' | 'descriptors';
  /** Whose predictions are explained. */
  readonly model: string;
  readonly method: 'TreeSHAP' | 'integrated gradients';
  /** Labels whose predictions were explained. */
  readonly labels: number;
  /** Largest first. */
  readonly terms: readonly AttributionTerm[];
}

export interface AttributionTerm {
  readonly name: string;
  /** For an element, those explained that hold it; for a descriptor, all explained. */
  readonly labels: number;
  /** Mean over these labels of how far it moves the prediction; target's unit. */
  readonly meanAbsolute: number;
  /**
   * From −1 to 1. An element: 1 when it raises every prediction, −1 when it lowers every one. A descriptor: the
   * correlation of its value with what it does.
   */
  readonly direction: number;
}

/** What a surrogate saw in its labels. */
export interface ModelInsight {
  /** Null where there is nothing to map: fewer than 3 labels, or all alike. */
  readonly map: LabelMap | null;
  readonly attributions: readonly Attribution[];
}

/** Found after a promotion, so that nothing waits for it; `_id` is its model's. */
export interface InsightFact extends ModelInsight {
  readonly _id: string;
  readonly createdAt: string;
}

/** A challenger and the gate's verdict on it. */
export interface ModelFact {
  /** `surrogate/<version>` or `generator/<version>` */
  readonly _id: string;
  readonly kind: 'surrogate' | 'generator';
  readonly version: number;
  readonly parentVersion: number;
  readonly labels: number;
  /** Content address of the checkpoint in the artefact store. */
  readonly checkpointSha256: string;
  readonly promoted: boolean;
  readonly reason: string;
  /** Surrogate only: on labels held out by composition. Empty for a generator. */
  readonly heldOut: readonly HeldOutFigures[];
  readonly heldOutPoints: readonly {
    readonly target: string;
    readonly key: string;
    readonly value: number;
    readonly mean: number;
    readonly sigma: number;
  }[];
  /** Held-out errors of every model that was tried beside it. */
  readonly baselines: readonly { readonly name: string; readonly target: string; readonly mae: number }[];
  /** What was found in the labels before it was trained; left out by campaigns from before there was a search. */
  readonly findings?: readonly LabelFinding[];
  /** In a record, of a promoted surrogate that has been looked into. Kept as a fact of its own. */
  readonly insight?: ModelInsight;
  readonly trainSeconds: number;
  readonly backend: string;
  readonly createdAt: string;
}

/** What was decided, by whom and why: pauses, extensions, approvals, stops, exports. */
export interface DecisionFact {
  readonly _id: string;
  readonly kind: string;
  readonly by: string;
  readonly reason: string;
  readonly createdAt: string;
}

/** All facts of one campaign, as reports and exports take them. Labels are ordered by endedAt, then key. */
export interface CampaignRecord {
  readonly campaign: CampaignFact;
  readonly candidates: readonly CandidateFact[];
  readonly predictions: readonly PredictionFact[];
  readonly evaluations: readonly EvaluationFact[];
  readonly labels: readonly LabelFact[];
  readonly models: readonly ModelFact[];
  readonly decisions: readonly DecisionFact[];
}
