import type { HeldOutFigures, LabelMap, ModelInsight } from '../campaign/facts.ts';
import type { Crystal } from '../crystal/crystal.ts';
import type { Finding } from './data-checks/finding.ts';

/**
 * What the loop asks of its models. The implementation lives in a child process (process/), so that tensors never
 * share a thread with a Temporal worker. Everything that crosses is structured-cloneable.
 * Checkpoints are named by the path of their safetensors file; the JSON card stands beside it (same name, .json).
 */
export interface ModelService {
  /** Backend in use, e.g. {backend: 'tensorflow', version: '2.21.0', device: 'cpu'} or {backend: 'wasm', …}. */
  backend(): Promise<BackendDescription>;
  score(job: ScoreJob): Promise<Scores>;
  generate(job: GenerateJob): Promise<GeneratedCrystals>;
  trainSurrogate(job: TrainSurrogateJob, watch: Watch): Promise<SurrogateReport>;
  /** Looks into a surrogate: a map of the rows as it sees them, and what moves its predictions. */
  explain(job: ExplainJob, watch: Watch): Promise<Explanation>;
  fineTuneGenerator(job: FineTuneGeneratorJob, watch: Watch): Promise<GeneratorReport>;
  close(): Promise<void>;
}

export interface BackendDescription {
  readonly backend: 'tensorflow' | 'wasm';
  readonly version: string;
  readonly device: 'cpu' | 'gpu';
  /** Why it is not native TensorFlow; left out where it is, and where WASM was asked for. */
  readonly fallback?: string;
}

export interface Watch {
  /** Kills the model process's work within a second. */
  readonly signal: AbortSignal;
  /** Called at least every few seconds with a short readable detail, e.g. 'epoch 12 of 60, held-out MAE 0.031'. */
  progress(detail: string): void;
}

export interface ScoreJob {
  readonly checkpoint: string;
  readonly crystals: readonly Crystal[];
}

/** All arrays are flat, row-major [nCrystals, nTargets]; units are the card's. */
export interface Scores {
  readonly targets: readonly string[];
  readonly mean: Float32Array;
  /** Calibrated total standard deviation, widened outside the domain of the labels. */
  readonly sigma: Float32Array;
  /** Ensemble members' means, [nMembers, nCrystals, nTargets]. */
  readonly memberMeans: Float32Array;
  /** Pooled last hidden layer, member mean, [nCrystals, width]. */
  readonly embedding: Float32Array;
  readonly embeddingWidth: number;
  /** [nCrystals]: 1 is the edge of what the model was trained on; beyond, it extrapolates. Infinite with one label. */
  readonly domainDistance: Float32Array;
}

export interface TrainingRow {
  readonly crystal: Crystal;
  /** One value per target, null where not measured. */
  readonly values: readonly (number | null)[];
  /** Rows with the same group stand on the same side of every split (the reduced formula). */
  readonly group: string;
  /** Whether the calculation converged; left out where that is not known. */
  readonly converged?: boolean;
}

export interface TrainSurrogateJob {
  /** Weights to start from (the shipped base, normally); null trains from scratch. */
  readonly base: string | null;
  /** The model in use, to be compared on the same held-out rows; null when there is none. */
  readonly champion: string | null;
  readonly rows: readonly TrainingRow[];
  /** Target names, unit in the name, in the order of each row's values. */
  readonly targets: readonly string[];
  readonly members: number;
  readonly seed: number;
  /** File to write the challenger to. */
  readonly output: string;
  /**
   * File that keeps the unfinished training every few seconds, for the same job to go on from after a kill; one of
   * another job, or that cannot be read, is replaced. Left out, nothing is kept.
   */
  readonly keep?: string;
}

/** What a campaign's facts keep of a target, without its name: arrays of these stand in the targets' order. */
export type HeldOutMetrics = Omit<HeldOutFigures, 'target'>;

export interface HeldOutPoint {
  readonly target: string;
  readonly row: number;
  readonly value: number;
  readonly mean: number;
  readonly sigma: number;
}

export interface SurrogateReport {
  readonly checkpoint: string;
  /** Per target, in the job's order, of the challenger on rows held out by group; null where none was measured. */
  readonly challenger: readonly (HeldOutMetrics | null)[];
  /** The same rows, the champion; null when there was none. */
  readonly champion: readonly (HeldOutMetrics | null)[] | null;
  readonly promote: boolean;
  /** One sentence: why it was promoted or rejected, with the figures. */
  readonly reason: string;
  readonly heldOut: readonly HeldOutPoint[];
  /** Held-out errors of every model that was tried, the network among them. */
  readonly baselines: readonly { readonly name: string; readonly mae: readonly (number | null)[] }[];
  /** What was found in the rows before training. */
  readonly findings: readonly Finding[];
  readonly trainSeconds: number;
  readonly backend: BackendDescription;
}

export interface ExplainJob {
  readonly checkpoint: string;
  /** What it was trained on; values in the order of the checkpoint's targets. */
  readonly rows: readonly TrainingRow[];
  readonly seed: number;
}

/** What a model's fact keeps of it, with rows of the job instead of labels. */
export interface Explanation {
  readonly map: (Omit<LabelMap, 'keys'> & { readonly rows: readonly number[] }) | null;
  readonly attributions: ModelInsight['attributions'];
}

export interface GenerateJob {
  readonly checkpoint: string;
  readonly count: number;
  /** Chemical symbols' atomic numbers that may appear; every crystal holds at least one of them and nothing else. */
  readonly allowedAtomicNumbers: readonly number[];
  readonly minAtoms: number;
  readonly maxAtoms: number;
  /** At least and at most so many different elements. */
  readonly minElements: number;
  readonly maxElements: number;
  readonly seed: number;
}

export interface GeneratedCrystals {
  readonly crystals: readonly Crystal[];
  readonly seconds: number;
}

export interface FineTuneGeneratorJob {
  readonly base: string;
  readonly current: string;
  /** Crystals that proved good, with non-negative weights. */
  readonly good: readonly { readonly crystal: Crystal; readonly weight: number }[];
  readonly allowedAtomicNumbers: readonly number[];
  readonly minAtoms: number;
  readonly maxAtoms: number;
  readonly seed: number;
  readonly output: string;
}

export interface GeneratorProbe {
  /** Share of a fixed-seed sample that passes crystal/validity. */
  readonly valid: number;
  /** Share of the sample that is not a duplicate within itself. */
  readonly unique: number;
  /** Loss on held-out good crystals (lower is better). */
  readonly heldOutLoss: number | null;
}

export interface GeneratorReport {
  readonly checkpoint: string;
  readonly before: GeneratorProbe;
  readonly after: GeneratorProbe;
  readonly promote: boolean;
  readonly reason: string;
  readonly trainSeconds: number;
}
