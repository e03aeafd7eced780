/** Content negotiation: which of the offered forms a client takes, and the parameters it attached. */
import { notAcceptable } from "./api-errors.ts";

export interface MediaRange {
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The ranges of an Accept header in the order given; quality values are dropped, clients list the best first. */
export function parseAccept(header: string | undefined): readonly MediaRange[] {
  if (header === undefined || header.trim() === "") return [{ type: "*/*", parameters: {} }];
  return header.split(",").map((part) => {
    const [type = "", ...rest] = part.split(";").map((piece) => piece.trim());
    return { type: type.toLowerCase(), parameters: Object.fromEntries(rest.map((piece) => splitPair(piece))) };
  });
}

function splitPair(text: string): [string, string] {
  const at = text.indexOf("=");
  return at < 0
    ? [text, ""]
    : [
        text.slice(0, at).trim(),
        text
          .slice(at + 1)
          .trim()
          .replace(/^"|"$/g, ""),
      ];
}

const jsonTypes = new Set(["application/json", "*/*", "application/*"]);

/** How objects are to be shown. */
export type ObjectForm = "object" | "table" | "metadata";

/** The first form that the client takes and the server has; throws 406 when there is none. */
export function negotiateForm(header: string | undefined): ObjectForm {
  for (const { type, parameters } of parseAccept(header)) {
    if (!jsonTypes.has(type)) continue;
    const as = parameters["as"];
    if (as === undefined) return "object";
    if (parameters["g"] !== "meta.k8s.io" || parameters["v"] !== "v1") continue;
    if (as === "Table") return "table";
    if (as === "PartialObjectMetadata" || as === "PartialObjectMetadataList") return "metadata";
  }
  throw notAcceptable(["application/json"]);
}

export function contentType(header: string | undefined): string {
  return (header ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}
