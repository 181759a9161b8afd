/** Points and weights on [0, 1]: Σ weight · f(point) is ∫ f. */
export interface Quadrature {
  readonly point: Float64Array;
  readonly weight: Float64Array;
}

/**
 * Gauss-Legendre quadrature, exact for polynomials of degree up to 2 · `count` − 1: the roots of the Legendre
 * polynomial by Newton's method, weights 2 / ((1 − x²) P′(x)²) (Abramowitz and Stegun, 25.4.29).
 */
export function gaussLegendre(count: number): Quadrature {
  const point = new Float64Array(count);
  const weight = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (count + 0.5));
    let [slope, step] = [1, 0];
    do {
      let [last, value] = [1, x];
      for (let k = 2; k <= count; k++)
        [last, value] = [value, ((2 * k - 1) * x * value - (k - 1) * last) / k];
      slope = (count * (x * value - last)) / (x * x - 1);
      step = value / slope;
      x -= step;
    } while (Math.abs(step) > 1e-14);
    point[i] = (1 - x) / 2;
    weight[i] = 1 / ((1 - x * x) * slope * slope);
  }
  return { point, weight };
}
