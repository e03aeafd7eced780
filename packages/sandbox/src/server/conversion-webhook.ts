import type { KubeObject } from "@slipway/kube";
import type { RandomSource } from "@slipway/std";
import { errorMessage } from "@slipway/std";
import { child, isFields, items, text } from "../schema/fields.ts";
import { internalError } from "./api-errors.ts";
import { createUid } from "./object-names.ts";
import type { WebhookClient } from "./webhook-client.ts";

/** Converts custom objects between the versions of their CRD: strategies None and Webhook (ConversionReview v1). */
export interface CustomResourceConverter {
  convert(crd: KubeObject, objects: readonly KubeObject[], desiredApiVersion: string): Promise<readonly KubeObject[]>;
}

const timeoutMs = 30_000;

export function createConverter(webhooks: WebhookClient, random: RandomSource): CustomResourceConverter {
  return {
    async convert(crd, objects, desiredApiVersion): Promise<readonly KubeObject[]> {
      const conversion = child(crd, "spec", "conversion");
      const pending = objects.filter((object) => object.apiVersion !== desiredApiVersion);
      if (pending.length === 0) return objects;
      if (conversion["strategy"] !== "Webhook") return objects.map((object) => ({ ...object, apiVersion: desiredApiVersion }));

      const uid = createUid(random);
      const review = {
        kind: "ConversionReview",
        apiVersion: "apiextensions.k8s.io/v1",
        request: { uid, desiredAPIVersion: desiredApiVersion, objects: pending },
      };
      const failed = (why: string): Error =>
        internalError(`conversion webhook for ${pending[0]?.apiVersion ?? ""}, Kind=${pending[0]?.kind ?? ""} failed: ${why}`);
      let answer;
      try {
        answer = await webhooks.post(child(conversion, "webhook", "clientConfig"), review, timeoutMs);
      } catch (error) {
        throw failed(errorMessage(error));
      }
      const response = child(answer, "response");
      const result = child(response, "result");
      if (response["uid"] !== uid) throw failed("the response's uid does not match the request's");
      if (result["status"] !== "Success") throw failed(text(result["message"]) || "no message");
      const converted = items(response["convertedObjects"]) as unknown as KubeObject[];
      if (converted.length !== pending.length) throw failed(`expected ${pending.length} converted objects, got ${converted.length}`);
      const queue = converted.map((object, index) => keepIdentity(object, pending[index]));
      return objects.map((object) => (object.apiVersion === desiredApiVersion ? object : (queue.shift() ?? object)));
    },
  };
}

/** A conversion may change labels and annotations of the metadata, nothing else. */
function keepIdentity(converted: KubeObject, original: KubeObject | undefined): KubeObject {
  const metadata: Partial<KubeObject["metadata"]> = isFields(converted.metadata) ? converted.metadata : {};
  const { labels: _labels, annotations: _annotations, ...fixed } = original?.metadata ?? {};
  return {
    ...converted,
    metadata: {
      ...fixed,
      ...(isFields(metadata.labels) ? { labels: metadata.labels } : {}),
      ...(isFields(metadata.annotations) ? { annotations: metadata.annotations } : {}),
    },
  };
}
