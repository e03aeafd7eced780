/** fmt.Sprintf for the values of templates. */
import { formatFloat } from "./go-float.ts";
import { bytesOf, quote, textOf } from "../signature.ts";
import { isArray, printed, typeName, type Value } from "./template-value.ts";

interface Directive {
  readonly flags: string;
  readonly width: number | undefined;
  readonly precision: number | undefined;
  readonly verb: string;
}

/** Larger widths and precisions are taken for mistakes, as in Go. */
const maxWidth = 1_000_000;

function pad(text: string, directive: Directive): string {
  const missing = (directive.width ?? 0) - [...text].length;
  if (missing <= 0) return text;
  if (directive.flags.includes("-")) return text + " ".repeat(missing);
  return " ".repeat(missing) + text;
}

function padNumber(text: string, directive: Directive): string {
  const missing = (directive.width ?? 0) - text.length;
  if (missing <= 0 || !directive.flags.includes("0") || directive.flags.includes("-")) return pad(text, directive);
  const sign = /^[-+ ]/.exec(text)?.[0] ?? "";
  return sign + "0".repeat(missing) + text.slice(sign.length);
}

function signed(text: string, directive: Directive): string {
  if (text.startsWith("-") || text.startsWith("+")) return text;
  if (directive.flags.includes("+")) return `+${text}`;
  return directive.flags.includes(" ") ? ` ${text}` : text;
}

const radixes: Readonly<Record<string, number>> = { b: 2, o: 8, O: 8, d: 10, x: 16, X: 16 };

function integer(value: bigint, directive: Directive): string | undefined {
  const { verb, flags, precision } = directive;
  if (verb === "c") return pad(String.fromCodePoint(Number(BigInt.asUintN(21, value)) % 0x110000), directive);
  if (verb === "q") return pad(`'${String.fromCodePoint(Number(BigInt.asUintN(21, value)) % 0x110000)}'`, directive);
  if (verb === "U") return pad(`U+${value.toString(16).toUpperCase().padStart(4, "0")}`, directive);
  const radix = radixes[verb === "v" ? "d" : verb];
  if (radix === undefined) return undefined;
  let digits = (value < 0n ? -value : value).toString(radix);
  if (verb === "X") digits = digits.toUpperCase();
  if (precision !== undefined) digits = digits.padStart(precision, "0");
  const prefixes: Readonly<Record<string, string>> = { b: "0b", o: "0", x: "0x", X: "0X" };
  const prefix = verb === "O" ? "0o" : flags.includes("#") ? (prefixes[verb] ?? "") : "";
  const text = signed((value < 0n ? "-" : "") + prefix + digits, directive);
  return precision === undefined ? padNumber(text, directive) : pad(text, directive);
}

function float(value: number, directive: Directive): string | undefined {
  const { verb, precision } = directive;
  if (!/^[eEfFgGv]$/.test(verb)) return undefined;
  const format = verb === "v" ? "g" : verb === "F" ? "f" : verb;
  const digits = precision ?? (/^[efE]$/.test(format) ? 6 : undefined);
  return padNumber(signed(formatFloat(value, format, digits), directive), directive);
}

function hex(bytes: Uint8Array, directive: Directive): string {
  const text = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(directive.flags.includes(" ") ? " " : "");
  const prefixed = directive.flags.includes("#") ? `0x${text}` : text;
  return directive.verb === "X" ? prefixed.toUpperCase() : prefixed;
}

function string(value: string, directive: Directive): string | undefined {
  const { verb, precision, flags } = directive;
  if (verb === "x" || verb === "X") return pad(hex(bytesOf(value), directive), directive);
  const cut = precision === undefined ? value : [...value].slice(0, precision).join("");
  if (verb === "s") return pad(cut, directive);
  if (verb === "v") return pad(flags.includes("#") ? quote(cut) : cut, directive);
  if (verb !== "q") return undefined;
  return pad(flags.includes("#") && !cut.includes("`") ? `\`${cut}\`` : quote(cut), directive);
}

function formatted(value: Value, directive: Directive): string {
  const { verb } = directive;
  if (verb === "T") return pad(typeName(value), directive);
  const wrong = (): string => {
    if (value === undefined || value === null) return `%!${verb}(<nil>)`;
    return `%!${verb}(${typeName(value)}=${printed(value)})`;
  };
  if (value === undefined || value === null) return verb === "v" ? pad("<nil>", directive) : wrong();
  if (typeof value === "boolean") return verb === "t" || verb === "v" ? pad(String(value), directive) : wrong();
  if (typeof value === "bigint") return integer(value, directive) ?? wrong();
  if (typeof value === "number") return float(value, directive) ?? wrong();
  if (typeof value === "string") return string(value, directive) ?? wrong();
  if (value instanceof Uint8Array) {
    return verb === "v" || verb === "d" ? pad(printed(value), directive) : (string(textOf(value), directive) ?? wrong());
  }
  if (verb === "v" || verb === "s") return pad(printed(value), directive);
  if (verb === "q") return pad(printed(value, true), directive);
  // Other verbs go to the elements.
  if (isArray(value)) return `[${value.map((element) => formatted(element, directive)).join(" ")}]`;
  const fields = Array.from(value, ([key, field]) => `${formatted(key, directive)}:${formatted(field, directive)}`);
  return `map[${fields.sort().join(" ")}]`;
}

export function sprintf(format: string, values: readonly Value[]): string {
  const parts: string[] = [];
  let next = 0;
  let reordered = false;
  const number = (text: string | undefined, bad: string): number | undefined => {
    if (text === undefined || text === "") return undefined;
    const value = text === "*" ? values[next++] : BigInt(text);
    if (typeof value === "bigint" && value <= maxWidth && value >= -maxWidth) return Number(value);
    parts.push(bad);
    return undefined;
  };
  let from = 0;
  for (const match of format.matchAll(/%([-+# 0]*)(\*|\d+)?(?:(\.)(\*|\d+)?)?(?:\[(\d+)\])?(.)?/gsu)) {
    parts.push(format.slice(from, match.index));
    from = match.index + match[0].length;
    const [, flags = "", widthText, dot, precisionText, position, verb] = match;
    if (verb === undefined) {
      parts.push("%!(NOVERB)");
      continue;
    }
    let width = number(widthText, "%!(BADWIDTH)");
    const precision = dot === undefined ? undefined : (number(precisionText, "%!(BADPREC)") ?? 0);
    if (verb === "%") {
      parts.push("%");
      continue;
    }
    if (position !== undefined) {
      next = Number(position) - 1;
      reordered = true;
    }
    if (next >= values.length || next < 0) {
      parts.push(position === undefined ? `%!${verb}(MISSING)` : `%!${verb}(BADINDEX)`);
      continue;
    }
    let allFlags = flags;
    if (width !== undefined && width < 0) {
      allFlags += "-";
      width = -width;
    }
    parts.push(
      formatted(values[next++], {
        flags: allFlags,
        width,
        precision: precision === undefined || precision < 0 ? undefined : precision,
        verb,
      }),
    );
  }
  parts.push(format.slice(from));
  if (!reordered && next < values.length) {
    const extra = values.slice(next).map((value) => {
      return value === undefined || value === null ? "<nil>" : `${typeName(value)}=${printed(value)}`;
    });
    parts.push(`%!(EXTRA ${extra.join(", ")})`);
  }
  return parts.join("");
}
