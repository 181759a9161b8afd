/** What models learn from few labels and from many: networks, and the simple models that they have to beat. */
export { run } from './surrogate/baselines.ts';
