/** Functions of mathematical physics on doubles, to some fifteen digits. */

/** By its series near zero, by a continued fraction further out. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (size > 2) return Math.sign(x) * (1 - tail(size));
  let term = size;
  let sum = size;
  for (let n = 1; Math.abs(term) > 1e-18 * sum; n++) {
    term *= (-size * size) / n;
    sum += term / (2 * n + 1);
  }
  return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI);
}

export function erfc(x: number): number {
  return x > 2 ? tail(x) : 1 - erf(x);
}

/** `erfc` beyond 2, from the end of the fraction. */
function tail(x: number): number {
  let fraction = 0;
  for (let n = 120; n > 0; n--) fraction = n / 2 / (x + fraction);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction);
}

export function erfInverse(y: number): number {
  if (Math.abs(y) > 1) return Number.NaN;
  if (Math.abs(y) === 1) return y * Number.POSITIVE_INFINITY;
  // A first guess, then steps that square the error.
  const logarithm = Math.log(1 - y * y);
  const half = 2 / (Math.PI * 0.147) + logarithm / 2;
  let x = Math.sign(y) * Math.sqrt(Math.sqrt(half * half - logarithm / 0.147) - half);
  for (let i = 0; i < 4; i++) {
    const error = erf(x) - y;
    const slope = (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x);
    if (slope === 0) break;
    x -= error / slope;
  }
  return x;
}

const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

export function gamma(x: number): number {
  if (Number.isInteger(x)) {
    if (x < 0) return Number.NaN;
    if (x === 0) return Number.POSITIVE_INFINITY;
    if (x < 171) {
      let product = 1;
      for (let i = 2; i < x; i++) product *= i;
      return product;
    }
  }
  if (x < 0.5) return Math.PI / (Math.sin(Math.PI * x) * gamma(1 - x));
  const at = x - 1;
  const base = at + 7.5;
  const sum = lanczos.reduce((total, each, i) => (i === 0 ? each : total + each / (at + i)), 0);
  // The power in two halves, since all of it may be out of range.
  const half = base ** ((at + 0.5) / 2);
  return Math.sqrt(2 * Math.PI) * half * Math.exp(-base) * half * sum;
}

/** The mean of a function over a period, which few points give to full precision. */
function mean(points: number, read: (angle: number) => number): number {
  let sum = 0;
  for (let i = 0; i < points; i++) sum += read((2 * Math.PI * i) / points);
  return sum / points;
}

const maxArgument = 100_000;

/** Bessel's function of the first kind, by its integral. */
export function besselJ(order: number, x: number): number {
  if (Math.abs(x) > maxArgument)
    return Math.sqrt(2 / (Math.PI * Math.abs(x))) * Math.cos(Math.abs(x) - (order * Math.PI) / 2 - Math.PI / 4);
  const points = 2 * Math.ceil(Math.abs(x) + Math.abs(order) + 40);
  return mean(points, (angle) => Math.cos(order * angle - x * Math.sin(angle)));
}

/** Bessel's function of the second kind: from orders 0 and 1 upwards. */
export function besselY(order: number, x: number): number {
  if (x < 0) return Number.NaN;
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (order < 0) return besselY(-order, x) * (order % 2 === 0 ? 1 : -1);
  if (order < 2) return integralY(order === 0 ? 0 : 1, x);
  let [before, at] = [integralY(0, x), integralY(1, x)];
  for (let n = 1; n < order; n++) [before, at] = [at, (2 * n * at) / x - before];
  return at;
}

function integralY(order: 0 | 1, x: number): number {
  if (x > maxArgument) return Math.sqrt(2 / (Math.PI * x)) * Math.sin(x - (order * Math.PI) / 2 - Math.PI / 4);
  const angles = simpson(0, Math.PI, 4000 + 8 * Math.ceil(x), (angle) => Math.sin(x * Math.sin(angle) - order * angle));
  const sign = order === 0 ? 1 : -1;
  const end = Math.asinh(750 / x);
  const far = simpson(0, end, 4000, (t) => (Math.exp(order * t) + sign * Math.exp(-order * t)) * Math.exp(-x * Math.sinh(t)));
  return (angles - far) / Math.PI;
}

function simpson(from: number, to: number, pairs: number, read: (at: number) => number): number {
  const step = (to - from) / (2 * pairs);
  let sum = read(from) + read(to);
  for (let i = 1; i < 2 * pairs; i++) sum += read(from + i * step) * (i % 2 === 0 ? 2 : 4);
  return (sum * step) / 3;
}
