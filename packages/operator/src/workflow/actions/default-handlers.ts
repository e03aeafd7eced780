import type { ActionHandler } from "../perform.ts";
import { configActions } from "./config-actions.ts";
import { createHttpDo } from "./http-do.ts";
import { kubeActions } from "./kube-actions.ts";
import { queryPrometheus } from "./prometheus.ts";
import { RateLimiter } from "./rate-limiter.ts";
import { sendEmail } from "./send-email.ts";
import { writeLog } from "./write-log.ts";

/** Upstream's size, too. */
const rememberedAddresses = 128;

/** What the packages that come with the product ask for, by `provider.function`. */
export function createDefaultHandlers(): Readonly<Record<string, ActionHandler>> {
  return {
    ...kubeActions,
    ...configActions,
    "email.send": sendEmail,
    "http.do": createHttpDo(new RateLimiter(rememberedAddresses)),
    "metrics.promCheck": queryPrometheus,
    "util.log": writeLog,
  };
}
