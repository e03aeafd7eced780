/** The API server's refusals: Status bodies with the real codes, reasons and messages, thrown as AppErrors `KUBE_API`. */
import type { KubeStatus, Resource } from "@slipway/kube";
import { apiError } from "@slipway/kube";
import type { AppError } from "@slipway/std";
import type { FieldProblem } from "../schema/field-problem.ts";

type Named = Pick<Resource, "group" | "kind" | "plural">;

function failure(code: number, reason: string, message: string, details?: KubeStatus["details"]): AppError {
  const status: KubeStatus = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, code };
  if (details !== undefined) status.details = details;
  return apiError(status);
}

/** `deployments.apps`, or `pods` for the core group. */
export function qualifiedPlural(resource: Pick<Named, "group" | "plural">): string {
  return resource.group === "" ? resource.plural : `${resource.plural}.${resource.group}`;
}

const detailsOf = (resource: Named, name: string): NonNullable<KubeStatus["details"]> => ({
  name,
  ...(resource.group === "" ? {} : { group: resource.group }),
  kind: resource.plural,
});

export function notFound(resource: Named, name: string): AppError {
  return failure(404, "NotFound", `${qualifiedPlural(resource)} "${name}" not found`, detailsOf(resource, name));
}

/** No such path or resource type. */
export function noSuchResource(): AppError {
  return failure(404, "NotFound", "the server could not find the requested resource", {});
}

export function alreadyExists(resource: Named, name: string): AppError {
  return failure(409, "AlreadyExists", `${qualifiedPlural(resource)} "${name}" already exists`, detailsOf(resource, name));
}

export function conflict(resource: Named, name: string, detail?: string): AppError {
  const why = detail ?? "the object has been modified; please apply your changes to the latest version and try again";
  return failure(
    409,
    "Conflict",
    `Operation cannot be fulfilled on ${qualifiedPlural(resource)} "${name}": ${why}`,
    detailsOf(resource, name),
  );
}

export function invalidObject(resource: Pick<Named, "group" | "kind">, name: string, problems: readonly FieldProblem[]): AppError {
  const lines = [...new Set(problems.map((problem) => (problem.field === "" ? problem.message : `${problem.field}: ${problem.message}`)))];
  const kind = resource.group === "" ? resource.kind : `${resource.kind}.${resource.group}`;
  const text = lines.length === 1 ? (lines[0] ?? "") : `[${lines.join(", ")}]`;
  return failure(422, "Invalid", `${kind} "${name}" is invalid: ${text}`, {
    name,
    ...(resource.group === "" ? {} : { group: resource.group }),
    kind: resource.kind,
    causes: problems.map((problem) => ({ reason: problem.reason, message: problem.message, field: problem.field })),
  });
}

export function badRequest(message: string): AppError {
  return failure(400, "BadRequest", message);
}

export function forbiddenRequest(
  resource: Named,
  name: string,
  why: string,
  causes?: NonNullable<KubeStatus["details"]>["causes"],
): AppError {
  return failure(403, "Forbidden", `${qualifiedPlural(resource)} "${name}" is forbidden: ${why}`, {
    ...detailsOf(resource, name),
    ...(causes === undefined ? {} : { causes }),
  });
}

export function unauthorized(): AppError {
  return failure(401, "Unauthorized", "Unauthorized");
}

export function methodNotAllowed(verb: string): AppError {
  return failure(405, "MethodNotAllowed", `the server does not allow this method on the requested resource (${verb})`, {});
}

export function notAcceptable(accepted: readonly string[]): AppError {
  return failure(406, "NotAcceptable", `only the following media types are accepted: ${accepted.join(", ")}`);
}

export function unsupportedMediaType(type: string, accepted: readonly string[]): AppError {
  return failure(
    415,
    "UnsupportedMediaType",
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}${type === "" ? "" : ` (got ${type})`}`,
  );
}

/** Something of the real API that this server does not have; 415, as clients fall back on it or tell their user. */
export function notServedYet(message: string): AppError {
  return failure(415, "UnsupportedMediaType", message);
}

export function bodyTooLarge(limitBytes: number): AppError {
  return failure(413, "RequestEntityTooLarge", `Request entity too large: limit is ${limitBytes}`);
}

/** A resourceVersion that the history no longer reaches. */
export function tooOldVersion(asked: number, oldest: number): AppError {
  return failure(410, "Expired", `too old resource version: ${asked} (${oldest})`);
}

/** A resourceVersion that this server has not reached. */
export function tooLargeVersion(asked: number, current: number): AppError {
  return failure(504, "Timeout", `Too large resource version: ${asked}, current: ${current}`, {
    retryAfterSeconds: 1,
    causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
  });
}

export function expiredContinue(): AppError {
  return failure(
    410,
    "Expired",
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.",
  );
}

export function internalError(message: string): AppError {
  return failure(500, "InternalError", `Internal error occurred: ${message}`, { causes: [{ message }] });
}

/** An admission webhook's refusal. */
export function deniedByWebhook(webhook: string, status: Partial<KubeStatus>): AppError {
  const message = status.message ?? "";
  const text =
    message !== ""
      ? `admission webhook "${webhook}" denied the request: ${message}`
      : status.reason !== undefined
        ? `admission webhook "${webhook}" denied the request: ${status.reason}`
        : `admission webhook "${webhook}" denied the request without explanation`;
  return failure(status.code !== undefined && status.code >= 400 ? status.code : 403, status.reason ?? "Forbidden", text, status.details);
}
