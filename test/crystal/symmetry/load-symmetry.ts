export { loadSymmetryFinder } from '../../../src/symmetry-finder.ts';
