/** Limited-memory BFGS directions (Nocedal, Math. Comput. 35, 773 (1980)) for one minimisation; buffers are reused. */
export interface Lbfgs {
  /** Writes the descent direction −H·gradient into `direction`. */
  direct(gradient: Float64Array, direction: Float64Array): void;
  /** Learns from a step: new minus old point, new minus old gradient. Steps along negative curvature are left out. */
  learn(step: Float64Array, change: Float64Array): void;
  forget(): void;
}

export interface LbfgsOptions {
  readonly size: number;
  /** How many steps are remembered. */
  readonly memory: number;
  /** Curvature assumed before the first step, unit of gradient over unit of step. */
  readonly curvature: number;
}

export function lbfgs({ size, memory, curvature }: LbfgsOptions): Lbfgs {
  const steps = Array.from({ length: memory }, () => new Float64Array(size));
  const changes = Array.from({ length: memory }, () => new Float64Array(size));
  const weights = new Float64Array(memory);
  const alphas = new Float64Array(memory);
  let held = 0;
  let next = 0;
  let scale = 1 / curvature;
  /** Slot of the step that is `back` before the newest. */
  const slot = (back: number): number => (next - 1 - back + 2 * memory) % memory;

  return {
    direct: (gradient, direction) => {
      for (let i = 0; i < size; i++) direction[i] = -(gradient[i] as number);
      for (let back = 0; back < held; back++) {
        const k = slot(back);
        const alpha = (weights[k] as number) * dot(steps[k] as Float64Array, direction);
        alphas[k] = alpha;
        addScaled(direction, -alpha, changes[k] as Float64Array);
      }
      for (let i = 0; i < size; i++) direction[i] = (direction[i] as number) * scale;
      for (let back = held - 1; back >= 0; back--) {
        const k = slot(back);
        const beta = (weights[k] as number) * dot(changes[k] as Float64Array, direction);
        addScaled(direction, (alphas[k] as number) - beta, steps[k] as Float64Array);
      }
    },
    learn: (step, change) => {
      const curved = dot(step, change);
      if (!(curved > 1e-10 * dot(step, step))) return;
      (steps[next] as Float64Array).set(step);
      (changes[next] as Float64Array).set(change);
      weights[next] = 1 / curved;
      scale = curved / dot(change, change);
      next = (next + 1) % memory;
      held = Math.min(held + 1, memory);
    },
    forget: () => {
      held = 0;
      scale = 1 / curvature;
    },
  };
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

function addScaled(target: Float64Array, factor: number, source: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i] = (target[i] as number) + factor * (source[i] as number);
}
