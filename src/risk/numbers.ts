/**
 * Arithmetic whose results are the same to the last bit on every machine. Only +, -, *, / and square roots are exactly
 * specified in JavaScript; `Math.exp` and `Math.log` may differ in their last digit from one engine to the next, and a
 * figure that people sign must not. Both follow the algorithms of fdlibm (Sun Microsystems, 1993), within one unit in
 * the last place.
 */

const LN2_HI = 0.6931471803691238;
const LN2_LO = 1.9082149292705877e-10;
const view = new DataView(new ArrayBuffer(8));

const POWERS_OF_TWO: readonly number[] = (() => {
  const all: number[] = [];
  for (let k = -1022, p = 2.2250738585072014e-308; k <= 1023; k++, p *= 2) all.push(p);
  return all;
})();

/** Natural logarithm of a positive normal number; NaN for anything else. */
export function ln(x: number): number {
  if (!(x >= 2.2250738585072014e-308 && x < Number.POSITIVE_INFINITY)) return Number.NaN;
  view.setFloat64(0, x);
  const high = view.getUint32(0);
  let k = (high >>> 20) - 1023;
  // The mantissa as a number in [1, 2), then folded into [sqrt(1/2), sqrt(2)).
  view.setUint32(0, (high & 0xfffff) | 0x3ff00000);
  let m = view.getFloat64(0);
  if (m > Math.SQRT2) {
    m /= 2;
    k += 1;
  }
  const f = m - 1;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const t1 = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  const t2 =
    z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
  const half = 0.5 * f * f;
  return k * LN2_HI - (half - (s * (half + t1 + t2) + k * LN2_LO) - f);
}

/** e to the power of x; 0 below -700, infinite above 700. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x < -700) return 0;
  if (x > 700) return Number.POSITIVE_INFINITY;
  const k = Math.trunc(x * Math.LOG2E + (x < 0 ? -0.5 : 0.5));
  const hi = x - k * LN2_HI;
  const lo = k * LN2_LO;
  const r = hi - lo;
  const t = r * r;
  const c =
    r -
    t *
      (0.16666666666666602 +
        t *
          (-0.0027777777777015593 +
            t * (6.613756321437934e-5 + t * (-1.6533902205465252e-6 + t * 4.1381367970572385e-8))));
  return (1 - (lo - (r * c) / (2 - c) - hi)) * POWERS_OF_TWO[k + 1022]!;
}

const ratio = (x: number, top: readonly number[], bottom: readonly number[]): number =>
  top.reduceRight((sum, c) => sum * x + c, 0) / bottom.reduceRight((sum, c) => sum * x + c, 0);

const A = [
  3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987,
  67265.7709270087, 33430.57558358813, 2509.0809287301227,
];
const B = [
  1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
  28729.085735721943, 5226.495278852854,
];
const C = [
  1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
  0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
];
const D = [
  1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
  0.0005475938084995345, 1.0507500716444169e-9,
];
const E = [
  6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
  0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
];
const F = [
  1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133,
  1.8463183175100548e-5, 1.421511758316446e-7, 2.0442631033899397e-15,
];

/**
 * The value that a standard normal variable stays below with probability p, 0 < p < 1 (Wichura 1988, algorithm AS 241,
 * about 16 digits). Turned about 1/2: the value for 1 - p is that for p with the other sign.
 */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * ratio(0.180625 - q * q, A, B);
  const r = Math.sqrt(-ln(q < 0 ? p : 1 - p));
  const z = r <= 5 ? ratio(r - 1.6, C, D) : ratio(r - 5, E, F);
  return q < 0 ? -z : z;
}

/** Half a 90 % interval of a normal variable, in standard deviations: its 95th percentile. */
export const Z95 = normalQuantile(0.95);

/** Numbers between 0 and 1, neither of which they ever are. */
export type Uniforms = () => number;

/**
 * A stream of pseudo-random numbers that follows from three whole numbers alone: sfc32 (C. Doty-Humphrey, PractRand),
 * 128 bits of state, 32-bit integer operations only. Streams of different seeds do not overlap in practice. It is for
 * simulation; nothing secret may come from it.
 */
export function uniforms(seed: number, which: number, part: number): Uniforms {
  let a = seed | 0;
  let b = which | 0;
  let c = part | 0;
  let counter = 1;
  const next = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    c |= 0;
    return t >>> 0;
  };
  for (let i = 0; i < 16; i++) next();
  // 52 bits, and half a step away from 0 and from 1.
  return () => ((next() >>> 6) * 67108864 + (next() >>> 6) + 0.5) / 4503599627370496;
}
