/**
 * Name rules of Kubernetes (`apimachinery/pkg/util/validation`). Each `…Problem` function answers what is wrong with
 * the text, in the API server's words, or `undefined` when it is fine.
 */

const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const subdomain = `${label}(\\.${label})*`;
const qualifiedPart = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const labelPattern = new RegExp(`^${label}$`);
const label1035Pattern = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const subdomainPattern = new RegExp(`^${subdomain}$`);
const qualifiedPattern = new RegExp(`^${qualifiedPart}$`);

function tooLong(limit: number): string {
  return `must be no more than ${limit} bytes`;
}

/** RFC 1123 label, at most 63 characters: names of Namespaces, container names. */
export function dnsLabelProblem(text: string): string | undefined {
  if (text.length > 63) return tooLong(63);
  if (labelPattern.test(text)) return undefined;
  return (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an " +
    `alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${label}')`
  );
}

/** RFC 1035 label, at most 63 characters: names of Services. */
export function dns1035LabelProblem(text: string): string | undefined {
  if (text.length > 63) return tooLong(63);
  if (label1035Pattern.test(text)) return undefined;
  return (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end " +
    "with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
  );
}

/** RFC 1123 subdomain, at most 253 characters: names of most objects. */
export function dnsSubdomainProblem(text: string): string | undefined {
  if (text.length > 253) return tooLong(253);
  if (subdomainPattern.test(text)) return undefined;
  return (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an " +
    `alphanumeric character (e.g. 'example.com', regex used for validation is '${subdomain}')`
  );
}

/** A label or annotation key: an optional DNS subdomain and `/`, then at most 63 characters. */
export function qualifiedNameProblem(text: string): string | undefined {
  const parts = text.split("/");
  const name = parts.at(-1) ?? "";
  if (parts.length > 2)
    return "a qualified name must consist of alphanumeric characters, '-', '_' or '.', with an optional DNS prefix and '/'";
  if (parts.length === 2) {
    const prefix = parts[0] ?? "";
    if (prefix === "") return "prefix part must be non-empty";
    const problem = dnsSubdomainProblem(prefix);
    if (problem !== undefined) return `prefix part ${problem}`;
  }
  if (name === "") return "name part must be non-empty";
  if (name.length > 63) return `name part ${tooLong(63)}`;
  if (qualifiedPattern.test(name)) return undefined;
  return (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character " +
    `(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${qualifiedPart}')`
  );
}

/** A label's value: empty, or at most 63 characters. */
export function labelValueProblem(text: string): string | undefined {
  if (text === "") return undefined;
  if (text.length > 63) return tooLong(63);
  if (qualifiedPattern.test(text)) return undefined;
  return (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an " +
    `alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(${qualifiedPart})?')`
  );
}
