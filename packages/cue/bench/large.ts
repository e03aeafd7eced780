/** Programs of a chosen size. */
export interface Large {
  readonly name: string;
  /** What one is, eight of which are measured at most. */
  readonly unit: string;
  readonly text: (size: number) => string;
}

const lines = (count: number, line: (i: number) => string): string => Array.from({ length: count }, (_, i) => line(i)).join("\n");

export const largePrograms: readonly Large[] = [
  {
    name: "fields",
    unit: "1250 fields",
    text: (size) => lines(1250 * size, (i) => `f${i}: {id: ${i}, name: "n\\(id)", port: *80 | int}`),
  },
  {
    name: "scalar disjunctions",
    unit: "25 alternatives",
    text: (size) => `#K: ${lines(25 * size, (i) => `"k${i}"`).replaceAll("\n", " | ")}\n${lines(50, (i) => `x${i}: #K & "k${i % 20}"`)}`,
  },
  {
    name: "struct disjunctions",
    unit: "25 alternatives",
    text: (size) =>
      `#K: ${lines(25 * size, (i) => `{kind: "k${i}", v${i}: *${i} | int}`).replaceAll("\n", " | ")}\n${lines(20, (i) => `x${i}: #K & {kind: "k${i}"}`)}`,
  },
  {
    name: "comprehensions",
    unit: "10 × 25 rounds",
    text: (size) =>
      `import "list"\nxs: list.Range(0, ${10 * size}, 1)\nys: list.Range(0, 25, 1)\n` +
      `out: {for x in xs for y in ys if mod(x+y, 2) == 0 {"k\\(x)_\\(y)": {sum: x + y, if sum > 20 {big: true}}}}\n` +
      `sums: [for k, v in out {v.sum}]`,
  },
];
