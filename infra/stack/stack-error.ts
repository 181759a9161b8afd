/** Thrown when the stack, or a server that it needs, cannot be reached or started; says what to do. */
export class StackError extends Error {
  override readonly name = 'StackError';
}
