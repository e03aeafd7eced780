/** `util.#Log`: a line in the log of the process. The engine has taken the secrets out that it knows of. */
import type { ActionHandler } from "../perform.ts";

/** Levels of klog above this one are for debugging. */
const infoLevel = 3;

export const writeLog: ActionHandler = ({ stepName, stepId, params }, { run, log }) => {
  const { data, level } = params;
  if (data === undefined) return Promise.resolve({});
  const fields = { name: run.name, namespace: run.namespace, stepName, stepSessionID: stepId, data };
  if (typeof level === "number" && level > infoLevel) log.debug("cue logs", fields);
  else log.info("cue logs", fields);
  return Promise.resolve({});
};
