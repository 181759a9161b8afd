import { sha256 } from '../executors/key.ts';

/** A candidate's `_id`: short enough to read, long enough never to collide within a campaign. */
export function candidateIdOf(identity: string): string {
  return sha256(identity).slice(0, 16);
}
