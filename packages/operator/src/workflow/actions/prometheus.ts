/** `metrics.#PromCheck`: one instant query; the engine judges the value. No answer is told as a problem, not as a failure. */
import type { JsonObject, JsonValue } from "@slipway/std";
import { AppError, errorMessage } from "@slipway/std";
import type { ActionHandler } from "../perform.ts";
import { sendTracedHttp } from "./traced-http.ts";

const timeoutMs = 10_000;

export const queryPrometheus: ActionHandler = async ({ params }, { tracer, signal }) => {
  const endpoint = String(params["metricEndpoint"]).replace(/\/$/, "");
  const url = `${endpoint}/api/v1/query?query=${encodeURIComponent(String(params["query"]))}`;
  let answer;
  try {
    answer = await sendTracedHttp(tracer, { method: "GET", url, headers: {}, trailers: {} }, timeoutMs, signal);
  } catch (error) {
    signal.throwIfAborted();
    return { problem: `${endpoint} does not answer: ${errorMessage(error)}` };
  }
  const body = parse(answer.body);
  // 400 and 422 say that the query is wrong; anything else may pass.
  if (answer.statusCode === 400 || answer.statusCode === 422)
    throw new AppError("WORKFLOW_METRIC", `${endpoint} refuses the query: ${String(body?.["error"] ?? answer.body)}`);
  if (answer.statusCode !== 200 || body === undefined)
    return { problem: `${endpoint} answers the query with status ${String(answer.statusCode)}` };
  return sampleOf(body["data"] as JsonObject | undefined);
};

function sampleOf(data: JsonObject | undefined): JsonObject {
  const result = data?.["result"];
  if (data?.["resultType"] === "scalar" && Array.isArray(result)) return { value: String(result[1]) };
  if (data?.["resultType"] !== "vector" || !Array.isArray(result))
    throw new AppError("WORKFLOW_METRIC", "cannot handle the not query value");
  const count = `the query is returning ${String(result.length)} results when it should only return one.`;
  const [sample] = result as { readonly value?: readonly JsonValue[] }[];
  if (sample === undefined) return { problem: count };
  if (result.length > 1) throw new AppError("WORKFLOW_METRIC", `${count} Please review the query to identify and fix the issue`);
  return { value: String(sample.value?.[1]) };
}

function parse(text: string): JsonObject | undefined {
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    return undefined;
  }
}
