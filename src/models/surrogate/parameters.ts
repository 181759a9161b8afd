import { random } from '../../crystal/random.ts';
import { ELEMENT_FEATURES, ELEMENT_ROWS } from '../element-features.ts';
import { SHELL_FEATURES } from '../sites.ts';

/** Sizes of the network; a checkpoint's card repeats them. */
export interface Architecture {
  readonly width: number;
  readonly layers: number;
  readonly targets: number;
}

/** One weight array of a member. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly size: number;
  /** First number within the member's flat vector. */
  readonly offset: number;
  /** Standard deviation of the random start; 0 starts at `start`. */
  readonly spread: number;
  readonly start: number;
  /** Heads belong to the targets, everything else is the body that fine-tuning keeps. */
  readonly part: 'body' | 'head';
  /** Whether weight decay pulls it to zero. */
  readonly decays: boolean;
}

/** The arrays of one member, in the order of its flat vector. */
export function parametersOf({ width, layers, targets }: Architecture): Parameter[] {
  const list: Parameter[] = [];
  let offset = 0;
  const add = (name: string, shape: readonly number[], options: Partial<Parameter> = {}): void => {
    const size = shape.reduce((product, length) => product * length, 1);
    const spread = shape.length === 2 ? Math.sqrt(1 / (shape[0] as number)) : 0;
    const decays = shape.length === 2;
    list.push({ name, shape, size, offset, spread, start: 0, part: 'body', decays, ...options });
    offset += size;
  };
  // Starts at zero, so that an element without labels is known by its properties alone.
  add('elements.embedding', [ELEMENT_ROWS, width], { spread: 0 });
  add('elements.properties', [ELEMENT_FEATURES, width]);
  for (let layer = 0; layer < layers; layer++) {
    add(`layers.${layer}.filter`, [SHELL_FEATURES, width], { spread: 2 / Math.sqrt(SHELL_FEATURES) });
    add(`layers.${layer}.ends`, [width, 2 * width]);
    add(`layers.${layer}.gateBias`, [width], { start: 1 });
    add(`layers.${layer}.mix`, [width, width]);
    add(`layers.${layer}.mixBias`, [width]);
    add(`layers.${layer}.update`, [width, width]);
  }
  add('readout.weight', [width, width]);
  add('readout.bias', [width]);
  add('spread.weight', [width, width]);
  add('spread.bias', [width]);
  const head = { part: 'head', spread: 0.3 / Math.sqrt(width) } as const;
  add('head.mean', [width, targets], head);
  add('head.meanBias', [targets], { part: 'head' });
  add('head.logVariance', [width, targets], head);
  add('head.logVarianceBias', [targets], { part: 'head', start: -1 });
  add('head.present', [width, targets], head);
  add('head.presentBias', [targets], { part: 'head' });
  return list;
}

export function memberSize(architecture: Architecture): number {
  const last = parametersOf(architecture).at(-1) as Parameter;
  return last.offset + last.size;
}

/** Random starts of all members, [members, memberSize] flat; member m's numbers depend on the seed and m only. */
export function initialParameters(architecture: Architecture, members: number, seed: number): Float32Array {
  const size = memberSize(architecture);
  const flat = new Float32Array(members * size);
  for (let member = 0; member < members; member++) {
    const source = random(seed, 'surrogate parameters', member);
    for (const parameter of parametersOf(architecture)) {
      for (let k = 0; k < parameter.size; k++) {
        flat[member * size + parameter.offset + k] =
          parameter.start + (parameter.spread === 0 ? 0 : parameter.spread * source.normal());
      }
    }
  }
  return flat;
}
