/**
 * The beta distribution, for credible intervals of rates. Accurate to about 1e-9 for the counts of a campaign.
 */

export interface Distribution {
  /** Probability of at most x. */
  cdf(x: number): number;
  /** The x below which a draw falls with the given probability. */
  quantile(probability: number): number;
}

export function betaDistribution(a: number, b: number): Distribution {
  const logNorm = logGamma(a + b) - logGamma(a) - logGamma(b);
  const turn = (a + 1) / (a + b + 2);
  const cdf = (x: number): number => {
    if (x <= 0) return 0;
    if (x >= 1) return 1;
    const front = Math.exp(logNorm + a * Math.log(x) + b * Math.log1p(-x));
    // The continued fraction converges fast below the mean; above it, the mirrored one does.
    return x < turn ? (front * fraction(x, a, b)) / a : 1 - (front * fraction(1 - x, b, a)) / b;
  };
  const quantile = (probability: number): number => {
    let [low, high] = [0, 1];
    for (let i = 0; i < 45; i++) {
      const middle = (low + high) / 2;
      if (cdf(middle) < probability) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  };
  return { cdf, quantile };
}

/** Continued fraction of the incomplete beta function (DLMF 8.17.22), evaluated by Lentz's method. */
function fraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const away = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let c = 1;
  let result = d;
  for (let m = 1; m <= 500; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    result *= d * c;
    if (Math.abs(d * c - 1) < 1e-13) break;
  }
  return result;
}

/** ln Γ(z) for z > 0: Stirling's series (DLMF 5.11.1) after moving z above 10 by the recurrence. */
function logGamma(z: number): number {
  let shift = 0;
  let x = z;
  while (x < 10) shift += Math.log(x++);
  const series = 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5) - 1 / (1680 * x ** 7);
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series - shift;
}
