import { join } from 'node:path';
import type { Crystal } from '../../crystal/crystal.ts';
import { EvaluationFolder } from '../command/folder.ts';
import { CONTRACT_VERSION } from '../contract.ts';
import type {
  EvaluationAnswer,
  EvaluationRequest,
  ExecutorDescription,
  SucceededAnswer,
} from '../contract.ts';
import { sha256 } from '../key.ts';
import { type ExecutorSpec, type HostedExecutor, hostExecutor } from '../registry.ts';

export interface Timed {
  readonly answer: EvaluationAnswer;
  readonly seconds: number;
}

/** The executor under test, as a campaign would use it. */
export class Subject {
  readonly spec: ExecutorSpec;
  readonly folder: string;
  readonly description: ExecutorDescription;
  /** What is asked of it. */
  readonly properties: Readonly<Record<string, string>>;
  /** The longest evaluation that succeeded so far, s. */
  typicalSeconds = 0;
  private readonly host: HostedExecutor;
  private requests = 0;

  private constructor(
    spec: ExecutorSpec,
    folder: string,
    host: HostedExecutor,
    only: readonly string[] | null,
  ) {
    this.spec = spec;
    this.folder = folder;
    this.host = host;
    this.description = host.description;
    this.properties = Object.fromEntries(
      Object.entries(host.description.properties).filter(([name]) => only?.includes(name) ?? true),
    );
  }

  /** @throws Error when the executor cannot be had */
  static async open(spec: ExecutorSpec, folder: string, only: readonly string[] | null): Promise<Subject> {
    return new Subject(spec, folder, await hostExecutor(spec, folder), only);
  }

  /** A request with a key that was never asked. */
  request(crystal: Crystal, change: Partial<EvaluationRequest> = {}): EvaluationRequest {
    this.requests += 1;
    return {
      contractVersion: CONTRACT_VERSION,
      key: sha256(`conformance ${this.requests}`),
      crystal,
      properties: this.properties,
      settings: this.spec.settings,
      fidelity: this.description.fidelity,
      deadlineSeconds: this.spec.deadline,
      seed: 1,
      ...change,
    };
  }

  async evaluate(request: EvaluationRequest, signal = new AbortController().signal): Promise<Timed> {
    const started = performance.now();
    const answer = await this.host.evaluate(request, { signal, heartbeat: () => undefined });
    const seconds = (performance.now() - started) / 1000;
    if (answer.status === 'succeeded') this.typicalSeconds = Math.max(this.typicalSeconds, seconds);
    return { answer, seconds };
  }

  /** How many processes that an evaluation started are still there. */
  async leftovers({ key }: EvaluationRequest): Promise<number> {
    return (await this.folderOf(key).members()).length;
  }

  folderOf(key: string): EvaluationFolder {
    return new EvaluationFolder(join(this.folder, key));
  }

  close(): Promise<void> {
    return this.host.close();
  }
}

/** How far two answers to the same question are apart, relative to their size; null when they are no two successes. */
export function largestDifference(a: EvaluationAnswer, b: EvaluationAnswer): number | null {
  if (a.status === 'failed' || b.status === 'failed') return null;
  const names = new Set([...Object.keys(a.values), ...Object.keys(b.values)]);
  return Math.max(
    0,
    ...[...names].map((name) => {
      const [x, y] = [a.values[name]?.value, b.values[name]?.value];
      if (x === undefined || y === undefined) return Infinity;
      return Math.abs(x - y) / Math.max(1, Math.abs(x), Math.abs(y));
    }),
  );
}

export function valuesText({ values }: SucceededAnswer): string {
  return Object.entries(values)
    .map(([name, { value, unit }]) => `${name} ${Number(value.toPrecision(6))} ${unit}`)
    .join(', ');
}

export function outcomeText(answer: EvaluationAnswer): string {
  return answer.status === 'succeeded'
    ? valuesText(answer)
    : `${answer.failure.kind}: ${answer.failure.message}`;
}
