import { atomicNumberOf } from '../../crystal/chemistry/elements.ts';

/**
 * Effective medium theory, parameters of Jacobsen, Stoltze and Nørskov, Surf. Sci. 366, 394 (1996), Table 1 and
 * section 5, with the cutoff that ASE's EMT uses by default: between the 3rd and 4th shell of fcc silver, the largest.
 */
const BOHR_ANGSTROM = 0.5291772105638411;

/** β of the paper: nearest-neighbour distance of fcc over the neutral-sphere radius, (16π/3)^⅓ / √2, rounded. */
export const BETA = 1.809;

/** E0 (eV), s0 (bohr), V0 (eV), η2, κ, λ (1/bohr), n0 (1/bohr³). */
const TABLE: Readonly<Record<string, readonly [number, number, number, number, number, number, number]>> = {
  Al: [-3.28, 3.0, 1.493, 1.24, 2.0, 1.169, 0.007],
  Ni: [-4.44, 2.6, 3.673, 1.669, 2.757, 1.948, 0.0103],
  Cu: [-3.51, 2.67, 2.476, 1.652, 2.74, 1.906, 0.0091],
  Pd: [-3.9, 2.87, 2.773, 1.818, 3.107, 2.155, 0.00688],
  Ag: [-2.96, 3.01, 2.132, 1.652, 2.79, 1.892, 0.00547],
  Pt: [-5.85, 2.9, 4.067, 1.812, 3.145, 2.192, 0.00802],
  Au: [-3.8, 3.0, 2.321, 1.674, 2.873, 2.182, 0.00703],
};

export const EMT_SYMBOLS: readonly string[] = Object.keys(TABLE);

const largestNearestNeighbour = BETA * 3.01 * BOHR_ANGSTROM;

/** Midpoint of the smoothing w(r) = 1 / (1 + exp(slope·(r - midpoint))), Å: mean of the 3rd and 4th shell. */
export const SMOOTHING_MIDPOINT_ANGSTROM = (largestNearestNeighbour * (Math.sqrt(3) + 2)) / 2;
/** 1/Å: w is 1e-4 at the 4th shell. */
export const SMOOTHING_SLOPE_PER_ANGSTROM =
  Math.log(1 / 1e-4 - 1) / (2 * largestNearestNeighbour - SMOOTHING_MIDPOINT_ANGSTROM);
/** Pairs beyond do not count. */
export const CUTOFF_ANGSTROM = SMOOTHING_MIDPOINT_ANGSTROM + 0.5;

/** One element's parameters in eV and Å, with what follows from them. */
export interface EmtElement {
  readonly e0: number;
  readonly s0: number;
  readonly v0: number;
  readonly eta2: number;
  readonly kappa: number;
  readonly lambda: number;
  readonly n0: number;
  /** Sums over the shells of fcc (equation 16 of the paper, three shells). */
  readonly gamma1: number;
  readonly gamma2: number;
}

/** By atomic number. */
export const EMT_ELEMENTS: ReadonlyMap<number, EmtElement> = new Map(
  Object.entries(TABLE).map(([symbol, [e0, s0Bohr, v0, eta2, kappa, lambda, n0]]) => {
    const s0 = s0Bohr * BOHR_ANGSTROM;
    const element = {
      e0,
      s0,
      v0,
      eta2: eta2 / BOHR_ANGSTROM,
      kappa: kappa / BOHR_ANGSTROM,
      lambda: lambda / BOHR_ANGSTROM,
      n0: n0 / BOHR_ANGSTROM ** 3,
    };
    const gamma = (decay: number): number =>
      [12, 6, 24].reduce((sum, count, shell) => {
        const r = BETA * s0 * Math.sqrt(shell + 1);
        return sum + (count / 12) * smoothing(r) * Math.exp(-decay * (r - BETA * s0));
      }, 0);
    const gammas = { gamma1: gamma(element.eta2), gamma2: gamma(element.kappa / BETA) };
    return [atomicNumberOf(symbol), { ...element, ...gammas }];
  }),
);

function smoothing(r: number): number {
  return 1 / (1 + Math.exp(SMOOTHING_SLOPE_PER_ANGSTROM * (r - SMOOTHING_MIDPOINT_ANGSTROM)));
}
