/** Networks that learn perov_5 from nothing: hours of training, so apart from the surrogate's own benchmark. */
export { run } from './surrogate/accuracy.ts';
export { backend } from './surrogate.ts';
