/** What models learn from few labels and from many: the simple models, which any network has to beat. */
export { run } from './surrogate/baselines.ts';
