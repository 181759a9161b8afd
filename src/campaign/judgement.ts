/** What a label is worth to the objective, judged among all labels so far. */
export interface Judgement {
  /** The label's `_id`. */
  readonly key: string;
  /**
   * How far from meeting the objective, 0 when on it or inside: for a hull the energy above it (eV/atom);
   * for windows the largest distance outside any window (that property's unit).
   */
  readonly distance: number;
  readonly meets: boolean;
  /** Meets, and is the first label to do so for its identity. */
  readonly discovery: boolean;
  /**
   * Meets, and is the first of its own arm to do so for its identity. Arms are compared by this: a phase that the
   * larger arm found first must not count against the other arm when it finds it too.
   */
  readonly firstInArm: boolean;
  /** Formation energy from the elements (eV/atom); null without a hull. */
  readonly formationEnergyEvPerAtom: number | null;
}
