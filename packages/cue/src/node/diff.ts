/** Unified differences of two texts, by lines. */

/** Beyond this many pairs of lines, the part that differs is shown as replaced. */
const maxPairs = 4_000_000;
const context = 3;

interface Line {
  readonly sign: " " | "-" | "+";
  readonly text: string;
}

export function unifiedDiff(oldName: string, oldText: string, newName: string, newText: string): string {
  const lines = compareLines(oldText.split(/(?<=\n)/), newText.split(/(?<=\n)/));
  let out = `diff ${oldName} ${newName}\n--- ${oldName}\n+++ ${newName}\n`;
  let [oldLine, newLine] = [1, 1];
  let at = 0;
  while (at < lines.length) {
    const change = lines.findIndex((line, index) => index >= at && line.sign !== " ");
    if (change < 0) break;
    const start = Math.max(at, change - context);
    oldLine += start - at;
    newLine += start - at;
    let end = change;
    for (let index = change; index < lines.length && index <= end + 2 * context; index++) if (lines[index]?.sign !== " ") end = index;
    const chunk = lines.slice(start, Math.min(lines.length, end + 1 + context));
    const [oldCount, newCount] = [chunk.filter((line) => line.sign !== "+").length, chunk.filter((line) => line.sign !== "-").length];
    out += `@@ -${oldLine},${oldCount} +${newLine},${newCount} @@\n`;
    for (const { sign, text } of chunk) out += `${sign}${text.endsWith("\n") ? text : `${text}\n\\ No newline at end of file\n`}`;
    oldLine += oldCount;
    newLine += newCount;
    at = start + chunk.length;
  }
  return out;
}

/** By the longest common subsequence of what is left between the common beginning and end. */
function compareLines(before: readonly string[], after: readonly string[]): readonly Line[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < before.length - head && tail < after.length - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const [a, b] = [before.slice(head, before.length - tail), after.slice(head, after.length - tail)];
  const lines: Line[] = before.slice(0, head).map((text) => ({ sign: " ", text }));
  if (a.length * b.length > maxPairs) {
    for (const text of a) lines.push({ sign: "-", text });
    for (const text of b) lines.push({ sign: "+", text });
  } else lines.push(...subsequence(a, b));
  for (const text of before.slice(before.length - tail)) lines.push({ sign: " ", text });
  return lines;
}

function subsequence(a: readonly string[], b: readonly string[]): readonly Line[] {
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const skip = Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0);
      lengths[i * width + j] = a[i] === b[j] ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1 : skip;
    }
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]];
    if (left !== undefined && left === right) {
      lines.push({ sign: " ", text: left });
      i++;
      j++;
    } else if (left !== undefined && (right === undefined || (lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0))) {
      lines.push({ sign: "-", text: left });
      i++;
    } else if (right !== undefined) {
      lines.push({ sign: "+", text: right });
      j++;
    }
  }
  return lines;
}
