/** Keys and literals of the OpenKruise Rollouts API that other programs read. */
export const group = "rollouts.kruise.io";
export const storageApiVersion = "rollouts.kruise.io/v1beta1";
export const olderApiVersion = "rollouts.kruise.io/v1alpha1";

/** Workload label: the guard's selector. Value: the kind in lower case. */
export const workloadTypeLabel = "rollouts.kruise.io/workload-type";
/** Workload annotation while a release is in progress: `{"rolloutName":"x"}`; only its presence is read. */
export const inProgressingAnnotation = "rollouts.kruise.io/in-progressing";
/** Label of a second Deployment: name of the stable one. */
export const canaryDeploymentLabel = "rollouts.kruise.io/canary-deployment";
/** Annotation of what a release controls: JSON OwnerReference of the owner. */
export const controlInfoAnnotation = "batchrelease.rollouts.kruise.io/control-info";
/** The user's name for a release: label of the workload. */
export const rolloutIdKey = "rollouts.kruise.io/rollout-id";
/** Rollout annotation: hash of the plan. */
export const planHashAnnotation = "rollouts.kruise.io/hash";
/** Rollout annotation of v1alpha1: `canary` or `partition`. */
export const rollingStyleAnnotation = "rollouts.kruise.io/rolling-style";
/** Rollout annotation: name of a TrafficRouting object. */
export const trafficRoutingAnnotation = "rollouts.kruise.io/trafficrouting";
/** Reason of the condition `Progressing` of a Rollout that is not run. */
export const unsupportedReason = "Unsupported";
export const rolloutFinalizer = "rollouts.kruise.io/rollout";

/** Ours: what the engine remembers beside the status. */
export const releaseAnnotation = "slipway.dev/release";
/** Ours, set by a person or `slipway uninstall`: give the workload back as if the Rollout were gone, and forget it. */
export const detachAnnotation = "slipway.dev/detach";
/** Ours: what the other API version cannot hold. */
export const convertedAnnotation = "slipway.dev/converted";

export const canarySuffix = "-canary";
