import { describe, expect, it } from "vitest";
import { compile } from "../../index.ts";

const imports = ["strings", "strconv", "regexp", "math", "math/bits"].map((path) => `import "${path}"\n`).join("");

/** The value of the expression as CUE text, or the last part of its error. */
function value(expression: string): string {
  const found = compile(`${imports}x: ${expression}`, { unusedImports: "ignore" }).instance().lookup("x");
  const error = found.error();
  return error === undefined ? found.describe() : `error: ${error.message}`;
}

describe("strings", () => {
  it.each([
    ['strings.Index("héllo", "l")', "3"],
    ['strings.LastIndexAny("a-b_c", "-_")', "3"],
    ['strings.Replace("aXbXc", "X", "", 1)', '"abXc"'],
    ['strings.Replace("ab", "", "-", -1)', '"-a-b-"'],
    ['strings.SplitAfterN("a,b,c", ",", 2)', '["a,","b,c"]'],
    ['strings.SplitN("a,b", ",", 0)', "[]"],
    ['strings.Fields("  a\\tb\\u00a0c ")', '["a","b","c"]'],
    ['strings.ToUpper("straße ﬁ")', '"STRAßE ﬁ"'],
    ['strings.ToTitle("hello wide world")', '"Hello Wide World"'],
    ['strings.TrimRight("abcba", "ab")', '"abc"'],
    ['strings.TrimSpace("\\n a \\u2003")', '"a"'],
    ['strings.TrimSuffix("a.cue", ".cue")', '"a"'],
    ['strings.ByteAt("é", 1)', "169"],
    ['strings.Compare("a", "b")', "-1"],
    ['strings.Count("cheese", "e")', "3"],
    ['strings.SliceRunes("añb", 1, 2)', '"ñ"'],
    ['strings.SliceRunes("abc", 2, 1)', "error: error in call to strings.SliceRunes: index out of range"],
    ['strings.Repeat("x", 1000000000)', "error: error in call to strings.Repeat: result exceeds limit of 100000000 bytes"],
    ['"abc" & strings.MinRunes(3)', '"abc"'],
    ['"ab" & strings.MinRunes(3)', 'error: invalid value "ab" (does not satisfy strings.MinRunes(3))'],
  ])("%s", (expression, expected) => expect(value(expression)).toBe(expected));
});

describe("strconv", () => {
  it.each([
    ['strconv.Atoi("-17")', "-17"],
    ['strconv.Atoi("1x")', 'error: error in call to strconv.Atoi: strconv.Atoi: parsing "1x": invalid syntax'],
    ['strconv.ParseInt("0x_ff", 0, 64)', "255"],
    ['strconv.ParseInt("zz", 36, 64)', "1295"],
    ['strconv.ParseInt("128", 10, 8)', 'error: error in call to strconv.ParseInt: strconv.ParseInt: parsing "128": value out of range'],
    ['strconv.ParseInt("-128", 10, 8)', "-128"],
    ['strconv.ParseUint("256", 10, 8)', 'error: error in call to strconv.ParseUint: strconv.ParseUint: parsing "256": value out of range'],
    ['strconv.ParseBool("T")', "true"],
    ['strconv.ParseFloat("0x1.8p1", 64)', "3.0"],
    ["strconv.FormatInt(-255, 16)", '"-ff"'],
    ["strconv.FormatInt(61, 62)", '"Z"'],
    ['strconv.FormatFloat(0.1, "f", 20, 64)', '"0.10000000000000000555"'],
    ['strconv.FormatFloat(123456789.0, "e", 3, 64)', '"1.235e+08"'],
    ['strconv.FormatFloat(1e21, "g", -1, 64)', '"1e+21"'],
    ['strconv.FormatFloat(123456.0, "g", -1, 64)', '"123456"'],
    ['strconv.FormatFloat(0.00001, "g", -1, 64)', '"1e-05"'],
    ['strconv.FormatFloat(1234.5678, "g", 3, 64)', '"1.23e+03"'],
    ['strconv.FormatFloat(3.14, "f", -1, 32)', '"3.14"'],
    ["strconv.FormatFloat(1.5, 102, 1, 64)", '"1.5"'],
    ['strconv.FormatFloat(1.0, "x", -1, 64)', '"0x1p+00"'],
    ['strconv.FormatFloat(0.1, "x", 3, 64)', '"0x1.99ap-04"'],
    ['strconv.FormatFloat(1.0, "b", -1, 64)', '"4503599627370496p-52"'],
    ['strconv.Quote("a\\"\\u0007é")', '"\\"a\\\\\\"\\\\aé\\""'],
    ['strconv.QuoteToASCII("é")', '"\\"\\\\u00e9\\""'],
    ["strconv.QuoteRune(9731)", `"'☃'"`],
    [`strconv.Unquote("'a'")`, '"a"'],
    ['strconv.Unquote("a")', "error: error in call to strconv.Unquote: invalid syntax"],
    ['strconv.ParseNumber("-1.5Ki")', "-1536"],
  ])("%s", (expression, expected) => expect(value(expression)).toBe(expected));
});

describe("regexp", () => {
  it.each([
    ['regexp.Find("a+", "baac")', '"aa"'],
    ['regexp.Find("x", "a")', "error: error in call to regexp.Find: no match"],
    ['regexp.FindAll("a*", "baac", -1)', '["","aa",""]'],
    ['regexp.FindSubmatch("(a)(b)?", "a")', '["a","a",""]'],
    ['regexp.FindNamedSubmatch("(?P<k>[a-z]+)=(?P<v>.*)", "x=1")', '{k:"x",v:"1"}'],
    ['regexp.FindAllNamedSubmatch("(?P<c>[ab])", "ab", 1)', '[{c:"a"}]'],
    ['regexp.ReplaceAll("a(x*)b", "-ab-axxb-", "${1}W")', '"-W-xxW-"'],
    ['regexp.ReplaceAll("a(x*)b", "-ab-axxb-", "$1W")', '"---"'],
    ['regexp.ReplaceAllLiteral("a", "aba", "$0")', '"$0b$0"'],
    ['regexp.QuoteMeta("a.b[c]")', '"a\\\\.b\\\\[c\\\\]"'],
    ['regexp.Valid("a(")', "error: error in call to regexp.Valid: error parsing regexp: missing closing ): `a(`"],
    ['"^a" & regexp.Match("ab")', '"^a"'],
  ])("%s", (expression, expected) => expect(value(expression)).toBe(expected));
});

describe("math", () => {
  it.each([
    ["math.Sqrt(2)", "1.4142135623730951"],
    ["math.Sqrt(-1)", "error: error in call to math.Sqrt: result is not a number"],
    ["math.Pow(2, 100)", "1267650600228229401496703205376"],
    ["math.Copysign(-3, 1.5)", "3"],
    ["math.Remainder(5, 3)", "-1.0"],
    ["math.Remainder(100, 7)", "2.0"],
    ["math.Ldexp(0.5, 4)", "8.0"],
    ["math.Ilogb(10)", "3"],
    ["math.Gamma(5)", "24.0"],
    ["math.Floor(-0.5)", "-1"],
    ["math.Jacobi(2, 7)", "1"],
    ["bits.Reverse(1)", "9223372036854775808"],
    ["bits.ReverseBytes(1)", "72057594037927936"],
    ["bits.OnesCount(255)", "8"],
    ["bits.Len(256)", "9"],
    ["bits.Len(-1)", "error: error in call to math/bits.Len: cannot use -1 (type int) as uint64 in argument 0: value was negative"],
  ])("%s", (expression, expected) => expect(value(expression)).toBe(expected));

  // Known to more digits than a double has.
  it.each([
    ["math.Erf(0.5)", 0.5204998778130465],
    ["math.Erf(-3)", -0.9999779095030014],
    ["math.Erfc(4)", 1.541725790028002e-8],
    ["math.Erfinv(0.5)", 0.4769362762044699],
    ["math.Gamma(0.5)", 1.772453850905516],
    ["math.Gamma(-1.5)", 2.363271801207355],
    ["math.J0(1)", 0.7651976865579666],
    ["math.J1(10)", 0.04347274616886144],
    ["math.Jn(3, 2.5)", 0.21660039103911334],
    ["math.Y0(1)", 0.08825696421567698],
    ["math.Y1(2)", -0.10703243154093755],
    ["math.Yn(2, 3)", -0.16040039348492374],
  ])("%s is about %d", (expression, expected) => expect(Number(value(expression)) / expected).toBeCloseTo(1, 12));
});
