/** What the exit code of every command means. */
export const EXIT = {
  ok: 0,
  /** Something went wrong that is not the user's doing; the message says what. */
  failed: 1,
  /** The command line or the spec is wrong: nothing was started. */
  badInput: 2,
  /** A server or worker that is needed cannot be had. */
  unreachable: 3,
  /** There is no such campaign, or it refuses this now. */
  refused: 4,
} as const;

/** An error whose message is all that a user needs: it is printed without a stack. */
export class CommandError extends Error {
  override name = 'CommandError';
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}
