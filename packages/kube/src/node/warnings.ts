/** The texts of a `Warning` header (RFC 7234 §5.5): `299 - "text"`, several of them joined by commas. */
export function parseWarnings(header: string | undefined): string[] {
  const texts: string[] = [];
  for (const match of (header ?? "").matchAll(/299 [^ ]+ "((?:[^"\\]|\\.)*)"/g)) texts.push((match[1] ?? "").replace(/\\(.)/g, "$1"));
  return texts;
}
