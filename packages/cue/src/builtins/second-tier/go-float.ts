/** Text of floats as Go's strconv writes it: correctly rounded, halves to even. */

/** The exact value of a finite double as a fraction with a power of two below. */
function exact(value: number): { readonly numerator: bigint; readonly denominator: bigint } {
  let scaled = Math.abs(value);
  let exponent = 0;
  // Multiplying by two is exact; at most 1074 steps.
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    exponent++;
  }
  return { numerator: BigInt(scaled), denominator: 1n << BigInt(exponent) };
}

function roundedQuotient(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  return twice > denominator || (twice === denominator && quotient % 2n === 1n) ? quotient + 1n : quotient;
}

/** Shortest digits that read back as the value, and the exponent of the first one. */
function shortest(value: number): { readonly digits: string; readonly exponent: number } {
  const [mantissa = "0", exponent = "0"] = Math.abs(value).toExponential().split("e");
  return { digits: mantissa.replace(".", ""), exponent: Number(exponent) };
}

function withPrecision(value: number, precision: number): { readonly digits: string; readonly exponent: number } {
  if (value === 0) return { digits: "0".padEnd(precision + 1, "0"), exponent: 0 };
  const { numerator, denominator } = exact(value);
  let exponent = shortest(value).exponent;
  for (;;) {
    const shift = BigInt(Math.abs(precision - exponent));
    const up = precision >= exponent;
    const digits = roundedQuotient(up ? numerator * 10n ** shift : numerator, up ? denominator : denominator * 10n ** shift);
    const text = digits.toString();
    if (text.length === precision + 1) return { digits: text, exponent };
    // Rounding gave one digit more (9.99 to 10.0).
    exponent += text.length - precision - 1;
  }
}

function exponential(digits: string, exponent: number, letter: string): string {
  const mantissa = digits.length > 1 ? `${digits.charAt(0)}.${digits.slice(1)}` : digits;
  return `${mantissa}${letter}${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

function plainDigits(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1) return digits.padEnd(exponent + 1, "0");
  return `${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}

/**
 * `format` is `e`, `E`, `f`, `g` or `G`; without a precision the fewest digits are used that read back as the value.
 * `shortestLimit` is the exponent from which `g` without precision takes the exponential form.
 */
export function formatFloat(value: number, format: string, precision?: number, shortestLimit = 21): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value < 0 ? "-Inf" : "+Inf";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const letter = format === "E" || format === "G" ? "E" : "e";
  switch (format.toLowerCase()) {
    case "e": {
      const { digits, exponent } = precision === undefined ? shortest(value) : withPrecision(value, precision);
      return sign + exponential(digits, exponent, letter);
    }
    case "f": {
      if (precision === undefined) {
        const { digits, exponent } = shortest(value);
        return sign + plainDigits(digits, exponent);
      }
      const { numerator, denominator } = exact(value);
      const text = roundedQuotient(numerator * 10n ** BigInt(precision), denominator)
        .toString()
        .padStart(precision + 1, "0");
      return sign + (precision === 0 ? text : `${text.slice(0, -precision)}.${text.slice(-precision)}`);
    }
    default: {
      const { digits, exponent } = precision === undefined ? shortest(value) : withPrecision(value, Math.max(precision, 1) - 1);
      const significant = digits.replace(/0+$/, "") || "0";
      const limit = precision === undefined ? shortestLimit : Math.max(precision, 1);
      if (exponent < -4 || exponent >= limit) return sign + exponential(significant, exponent, letter);
      return sign + plainDigits(significant, exponent);
    }
  }
}
