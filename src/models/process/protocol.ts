import type { ModelService } from '../service.ts';

/** The calls that cross to the model process. */
export type Method = Exclude<keyof ModelService, 'close'>;

/** Client to process. One request at a time; the job is the method's first argument. */
export interface Request {
  readonly id: number;
  readonly method: Method;
  readonly job: unknown;
}

/** Process to client. */
export type Reply =
  | { readonly id: number; readonly kind: 'progress'; readonly detail: string }
  | { readonly id: number; readonly kind: 'done'; readonly value: unknown }
  | { readonly id: number; readonly kind: 'failed'; readonly name: string; readonly message: string };
