/** The bodies of admission.k8s.io/v1 AdmissionReview and apiextensions.k8s.io/v1 ConversionReview. */
import type { KubeObject } from "@slipway/kube";
import { formatKey, keyOf } from "@slipway/kube";
import { AppError, errorMessage, isAppError, isJsonObject } from "@slipway/std";
import type { AdmissionHandler, AdmissionRequest, AdmissionResponse, ConversionHandler } from "../types.ts";

type HandlerContext = Parameters<AdmissionHandler>[1];

/** The answering review. Throws `WEBHOOK_REQUEST` when the body is no review; whatever the handler throws passes. */
export async function reviewAdmission(body: unknown, handler: AdmissionHandler, context: HandlerContext): Promise<object> {
  const request = requestOf(body, "AdmissionReview", "admission.k8s.io/v1");
  const { uid } = request;
  if (typeof uid !== "string") throw new AppError("WEBHOOK_REQUEST", "admission review has no request.uid", { retry: "never" });
  const response = await handler(admissionRequest(uid, request), context);
  return { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: admissionResponse(uid, response) };
}

/** The answering review; an object that cannot be converted fails the whole review, as the protocol demands. */
export function reviewConversion(body: unknown, convert: ConversionHandler): object {
  const request = requestOf(body, "ConversionReview", "apiextensions.k8s.io/v1");
  const desired = String(request["desiredAPIVersion"] ?? "");
  const objects = Array.isArray(request["objects"]) ? (request["objects"] as KubeObject[]) : [];
  const answer = (response: object): object => ({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "ConversionReview",
    response: { uid: request["uid"], ...response },
  });
  const convertedObjects: KubeObject[] = [];
  for (const object of objects) {
    try {
      convertedObjects.push(object.apiVersion === desired ? object : convert(object, desired));
    } catch (error) {
      if (!isAppError(error)) throw error;
      const message = `cannot convert ${object.kind} ${formatKey(keyOf(object))} to ${desired}: ${errorMessage(error)}`;
      return answer({ result: { status: "Failure", message } });
    }
  }
  return answer({ convertedObjects, result: { status: "Success" } });
}

function requestOf(body: unknown, kind: string, apiVersion: string): Record<string, unknown> {
  if (!isJsonObject(body) || body["kind"] !== kind || body["apiVersion"] !== apiVersion || !isJsonObject(body["request"]))
    throw new AppError("WEBHOOK_REQUEST", `the body is no ${apiVersion} ${kind}`, { retry: "never" });
  return body["request"];
}

function admissionRequest(uid: string, request: Record<string, unknown>): AdmissionRequest {
  const { subResource } = request;
  return {
    uid,
    operation: request["operation"] as AdmissionRequest["operation"],
    resource: request["resource"] as AdmissionRequest["resource"],
    ...(typeof subResource === "string" && subResource !== "" ? { subResource } : {}),
    namespace: (request["namespace"] as string | undefined) ?? "",
    name: (request["name"] as string | undefined) ?? "",
    dryRun: request["dryRun"] === true,
    object: (request["object"] as KubeObject | null | undefined) ?? undefined,
    oldObject: (request["oldObject"] as KubeObject | null | undefined) ?? undefined,
    userInfo: (request["userInfo"] as AdmissionRequest["userInfo"] | undefined) ?? {},
  };
}

function admissionResponse(uid: string, response: AdmissionResponse): object {
  const patch = response.patch ?? [];
  return {
    uid,
    allowed: response.allowed,
    ...(response.warnings === undefined || response.warnings.length === 0 ? {} : { warnings: response.warnings }),
    ...(response.allowed ? {} : { status: { status: "Failure", message: response.message ?? "refused", code: response.code ?? 422 } }),
    ...(patch.length === 0 ? {} : { patchType: "JSONPatch", patch: Buffer.from(JSON.stringify(patch)).toString("base64") }),
  };
}
