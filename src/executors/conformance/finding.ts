export const VERDICTS = ['passed', 'warned', 'failed', 'skipped'] as const;

/** What one check of the suite found. */
export interface Finding {
  readonly check: string;
  readonly verdict: (typeof VERDICTS)[number];
  /** What was seen, with its numbers. */
  readonly found: string;
  /** What to do about it; null where there is nothing to do. */
  readonly remedy: string | null;
}

export function passed(check: string, found: string): Finding {
  return { check, verdict: 'passed', found, remedy: null };
}

export function skipped(check: string, found: string): Finding {
  return { check, verdict: 'skipped', found, remedy: null };
}

export function warned(check: string, found: string, remedy: string): Finding {
  return { check, verdict: 'warned', found, remedy };
}

export function failed(check: string, found: string, remedy: string): Finding {
  return { check, verdict: 'failed', found, remedy };
}
