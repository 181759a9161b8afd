export const FINDING_KINDS = [
  'not a number',
  'impossible',
  'unit slip',
  'unconverged',
  'duplicate',
  'outlier',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** Something about one value that a person should look at. */
export interface Finding {
  readonly kind: FindingKind;
  /** Index of the row. */
  readonly row: number;
  readonly target: string;
  readonly value: number;
  /** Whether the value was kept from training; otherwise it trains and is only listed. */
  readonly setAside: boolean;
  /** One sentence, with the figures. */
  readonly reason: string;
}
