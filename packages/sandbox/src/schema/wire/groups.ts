/** Messages of the other groups, by the prefix that other tables name them with; the notation is explained in `message-types.ts`. */
export const groupMessages: Readonly<Record<string, string>> = {
  apps: `
ControllerRevision: 1 metadata meta.ObjectMeta, 2 data raw, 3 revision i
DaemonSet: 1 metadata meta.ObjectMeta, 2 spec DaemonSetSpec, 3 status DaemonSetStatus
DaemonSetCondition: 1 type s, 2 status s, 3 lastTransitionTime time, 4 reason s, 5 message s
DaemonSetSpec: 1 selector meta.LabelSelector, 2 template core.PodTemplateSpec, 3 updateStrategy DaemonSetUpdateStrategy, 4 minReadySeconds i, 6 revisionHistoryLimit i
DaemonSetStatus: 1 currentNumberScheduled i, 2 numberMisscheduled i, 3 desiredNumberScheduled i, 4 numberReady i, 5 observedGeneration i, 6 updatedNumberScheduled i, 7 numberAvailable i, 8 numberUnavailable i, 9 collisionCount i, 10 conditions []DaemonSetCondition
DaemonSetUpdateStrategy: 1 type s, 2 rollingUpdate RollingUpdateDaemonSet
Deployment: 1 metadata meta.ObjectMeta, 2 spec DeploymentSpec, 3 status DeploymentStatus
DeploymentCondition: 1 type s, 2 status s, 4 reason s, 5 message s, 6 lastUpdateTime time, 7 lastTransitionTime time
DeploymentSpec: 1 replicas i, 2 selector meta.LabelSelector, 3 template core.PodTemplateSpec, 4 strategy DeploymentStrategy, 5 minReadySeconds i, 6 revisionHistoryLimit i, 7 paused b, 9 progressDeadlineSeconds i
DeploymentStatus: 1 observedGeneration i, 2 replicas i, 3 updatedReplicas i, 4 availableReplicas i, 5 unavailableReplicas i, 6 conditions []DeploymentCondition, 7 readyReplicas i, 8 collisionCount i
DeploymentStrategy: 1 type s, 2 rollingUpdate RollingUpdateDeployment
ReplicaSet: 1 metadata meta.ObjectMeta, 2 spec ReplicaSetSpec, 3 status ReplicaSetStatus
ReplicaSetCondition: 1 type s, 2 status s, 3 lastTransitionTime time, 4 reason s, 5 message s
ReplicaSetSpec: 1 replicas i, 2 selector meta.LabelSelector, 3 template core.PodTemplateSpec, 4 minReadySeconds i
ReplicaSetStatus: 1 replicas i, 2 fullyLabeledReplicas i, 3 observedGeneration i, 4 readyReplicas i, 5 availableReplicas i, 6 conditions []ReplicaSetCondition
RollingUpdateDaemonSet: 1 maxUnavailable intorstring, 2 maxSurge intorstring
RollingUpdateDeployment: 1 maxUnavailable intorstring, 2 maxSurge intorstring
RollingUpdateStatefulSetStrategy: 1 partition i, 2 maxUnavailable intorstring
StatefulSet: 1 metadata meta.ObjectMeta, 2 spec StatefulSetSpec, 3 status StatefulSetStatus
StatefulSetCondition: 1 type s, 2 status s, 3 lastTransitionTime time, 4 reason s, 5 message s
StatefulSetOrdinals: 1 start i
StatefulSetPersistentVolumeClaimRetentionPolicy: 1 whenDeleted s, 2 whenScaled s
StatefulSetSpec: 1 replicas i, 2 selector meta.LabelSelector, 3 template core.PodTemplateSpec, 4 volumeClaimTemplates []core.PersistentVolumeClaim, 5 serviceName s, 6 podManagementPolicy s, 7 updateStrategy StatefulSetUpdateStrategy, 8 revisionHistoryLimit i, 9 minReadySeconds i, 10 persistentVolumeClaimRetentionPolicy StatefulSetPersistentVolumeClaimRetentionPolicy, 11 ordinals StatefulSetOrdinals
StatefulSetStatus: 1 observedGeneration i, 2 replicas i, 3 readyReplicas i, 4 currentReplicas i, 5 updatedReplicas i, 6 currentRevision s, 7 updateRevision s, 9 collisionCount i, 10 conditions []StatefulSetCondition, 11 availableReplicas i
StatefulSetUpdateStrategy: 1 type s, 2 rollingUpdate RollingUpdateStatefulSetStrategy
`,
  batch: `
CronJob: 1 metadata meta.ObjectMeta, 2 spec CronJobSpec, 3 status CronJobStatus
CronJobSpec: 1 schedule s, 2 startingDeadlineSeconds i, 3 concurrencyPolicy s, 4 suspend b, 5 jobTemplate JobTemplateSpec, 6 successfulJobsHistoryLimit i, 7 failedJobsHistoryLimit i, 8 timeZone s
CronJobStatus: 1 active []core.ObjectReference, 4 lastScheduleTime time, 5 lastSuccessfulTime time
Job: 1 metadata meta.ObjectMeta, 2 spec JobSpec, 3 status JobStatus
JobCondition: 1 type s, 2 status s, 3 lastProbeTime time, 4 lastTransitionTime time, 5 reason s, 6 message s
JobSpec: 1 parallelism i, 2 completions i, 3 activeDeadlineSeconds i, 4 selector meta.LabelSelector, 5 manualSelector b, 6 template core.PodTemplateSpec, 7 backoffLimit i, 8 ttlSecondsAfterFinished i, 9 completionMode s, 10 suspend b, 11 podFailurePolicy PodFailurePolicy, 12 backoffLimitPerIndex i, 13 maxFailedIndexes i, 14 podReplacementPolicy s, 15 managedBy s, 16 successPolicy SuccessPolicy
JobStatus: 1 conditions []JobCondition, 2 startTime time, 3 completionTime time, 4 active i, 5 succeeded i, 6 failed i, 7 completedIndexes s, 8 uncountedTerminatedPods UncountedTerminatedPods, 9 ready i, 10 failedIndexes s, 11 terminating i
JobTemplateSpec: 1 metadata meta.ObjectMeta, 2 spec JobSpec
PodFailurePolicy: 1 rules []PodFailurePolicyRule
PodFailurePolicyOnExitCodesRequirement: 1 containerName s, 2 operator s, 3 values []i
PodFailurePolicyOnPodConditionsPattern: 1 type s, 2 status s
PodFailurePolicyRule: 1 action s, 2 onExitCodes PodFailurePolicyOnExitCodesRequirement, 3 onPodConditions []PodFailurePolicyOnPodConditionsPattern
SuccessPolicy: 1 rules []SuccessPolicyRule
SuccessPolicyRule: 1 succeededIndexes s, 2 succeededCount i
UncountedTerminatedPods: 1 succeeded []s, 2 failed []s
`,
  meta: `
Condition: 1 type s, 2 status s, 3 observedGeneration i, 4 lastTransitionTime time, 5 reason s, 6 message s
DeleteOptions: 1 gracePeriodSeconds i, 2 preconditions Preconditions, 3 orphanDependents b, 4 propagationPolicy s, 5 dryRun []s, 6 ignoreStoreReadErrorWithClusterBreakingPotential b
FieldSelectorRequirement: 1 key s, 2 operator s, 3 values []s
LabelSelector: 1 matchLabels {s}, 2 matchExpressions []LabelSelectorRequirement
LabelSelectorRequirement: 1 key s, 2 operator s, 3 values []s
ManagedFieldsEntry: 1 manager s, 2 operation s, 3 apiVersion s, 4 time time, 6 fieldsType s, 7 fieldsV1 fields, 8 subresource s
ObjectMeta: 1 name s, 2 generateName s, 3 namespace s, 4 selfLink s, 5 uid s, 6 resourceVersion s, 7 generation i, 8 creationTimestamp time, 9 deletionTimestamp time, 10 deletionGracePeriodSeconds i, 11 labels {s}, 12 annotations {s}, 13 ownerReferences []OwnerReference, 14 finalizers []s, 17 managedFields []ManagedFieldsEntry
OwnerReference: 1 kind s, 3 name s, 4 uid s, 5 apiVersion s, 6 controller b, 7 blockOwnerDeletion b
Preconditions: 1 uid s, 2 resourceVersion s
`,
  networking: `
HTTPIngressPath: 1 path s, 2 backend IngressBackend, 3 pathType s
HTTPIngressRuleValue: 1 paths []HTTPIngressPath
Ingress: 1 metadata meta.ObjectMeta, 2 spec IngressSpec, 3 status IngressStatus
IngressBackend: 3 resource core.TypedLocalObjectReference, 4 service IngressServiceBackend
IngressClass: 1 metadata meta.ObjectMeta, 2 spec IngressClassSpec
IngressClassParametersReference: 1 aPIGroup s, 2 kind s, 3 name s, 4 scope s, 5 namespace s
IngressClassSpec: 1 controller s, 2 parameters IngressClassParametersReference
IngressLoadBalancerIngress: 1 ip s, 2 hostname s, 4 ports []IngressPortStatus
IngressLoadBalancerStatus: 1 ingress []IngressLoadBalancerIngress
IngressPortStatus: 1 port i, 2 protocol s, 3 error s
IngressRule: 1 host s, 2 ingressRuleValue >IngressRuleValue
IngressRuleValue: 1 http HTTPIngressRuleValue
IngressServiceBackend: 1 name s, 2 port ServiceBackendPort
IngressSpec: 1 defaultBackend IngressBackend, 2 tls []IngressTLS, 3 rules []IngressRule, 4 ingressClassName s
IngressStatus: 1 loadBalancer IngressLoadBalancerStatus
IngressTLS: 1 hosts []s, 2 secretName s
ServiceBackendPort: 1 name s, 2 number i
`,
  admissionregistration: `
MatchCondition: 1 name s, 2 expression s
MutatingWebhook: 1 name s, 2 clientConfig WebhookClientConfig, 3 rules []RuleWithOperations, 4 failurePolicy s, 5 namespaceSelector meta.LabelSelector, 6 sideEffects s, 7 timeoutSeconds i, 8 admissionReviewVersions []s, 9 matchPolicy s, 10 reinvocationPolicy s, 11 objectSelector meta.LabelSelector, 12 matchConditions []MatchCondition
MutatingWebhookConfiguration: 1 metadata meta.ObjectMeta, 2 webhooks []MutatingWebhook
Rule: 1 apiGroups []s, 2 apiVersions []s, 3 resources []s, 4 scope s
RuleWithOperations: 1 operations []s, 2 rule >Rule
ServiceReference: 1 namespace s, 2 name s, 3 path s, 4 port i
ValidatingWebhook: 1 name s, 2 clientConfig WebhookClientConfig, 3 rules []RuleWithOperations, 4 failurePolicy s, 5 namespaceSelector meta.LabelSelector, 6 sideEffects s, 7 timeoutSeconds i, 8 admissionReviewVersions []s, 9 matchPolicy s, 10 objectSelector meta.LabelSelector, 11 matchConditions []MatchCondition
ValidatingWebhookConfiguration: 1 metadata meta.ObjectMeta, 2 webhooks []ValidatingWebhook
WebhookClientConfig: 1 service ServiceReference, 2 caBundle y, 3 url s
`,
  authorization: `
FieldSelectorAttributes: 1 rawSelector s, 2 requirements []meta.FieldSelectorRequirement
LabelSelectorAttributes: 1 rawSelector s, 2 requirements []meta.LabelSelectorRequirement
NonResourceAttributes: 1 path s, 2 verb s
ResourceAttributes: 1 namespace s, 2 verb s, 3 group s, 4 version s, 5 resource s, 6 subresource s, 7 name s, 8 fieldSelector FieldSelectorAttributes, 9 labelSelector LabelSelectorAttributes
SelfSubjectAccessReview: 1 metadata meta.ObjectMeta, 2 spec SelfSubjectAccessReviewSpec, 3 status SubjectAccessReviewStatus
SelfSubjectAccessReviewSpec: 1 resourceAttributes ResourceAttributes, 2 nonResourceAttributes NonResourceAttributes
SubjectAccessReviewStatus: 1 allowed b, 2 reason s, 3 evaluationError s, 4 denied b
`,
  autoscaling: `
Scale: 1 metadata meta.ObjectMeta, 2 spec ScaleSpec, 3 status ScaleStatus
ScaleSpec: 1 replicas i
ScaleStatus: 1 replicas i, 2 selector s
`,
  coordination: `
Lease: 1 metadata meta.ObjectMeta, 2 spec LeaseSpec
LeaseSpec: 1 holderIdentity s, 2 leaseDurationSeconds i, 3 acquireTime microtime, 4 renewTime microtime, 5 leaseTransitions i, 6 strategy s, 7 preferredHolder s
`,
  discovery: `
Endpoint: 1 addresses []s, 2 conditions EndpointConditions, 3 hostname s, 4 targetRef core.ObjectReference, 5 deprecatedTopology {s}, 6 nodeName s, 7 zone s, 8 hints EndpointHints
EndpointConditions: 1 ready b, 2 serving b, 3 terminating b
EndpointHints: 1 forZones []ForZone
EndpointPort: 1 name s, 2 protocol s, 3 port i, 4 appProtocol s
EndpointSlice: 1 metadata meta.ObjectMeta, 2 endpoints []Endpoint, 3 ports []EndpointPort, 4 addressType s
ForZone: 1 name s
`,
  events: `
Event: 1 metadata meta.ObjectMeta, 2 eventTime microtime, 3 series EventSeries, 4 reportingController s, 5 reportingInstance s, 6 action s, 7 reason s, 8 regarding core.ObjectReference, 9 related core.ObjectReference, 10 note s, 11 type s, 12 deprecatedSource core.EventSource, 13 deprecatedFirstTimestamp time, 14 deprecatedLastTimestamp time, 15 deprecatedCount i
EventSeries: 1 count i, 2 lastObservedTime microtime
`,
  policy: `
Eviction: 1 metadata meta.ObjectMeta, 2 deleteOptions meta.DeleteOptions
`,
};
