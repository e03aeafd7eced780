/** What a person types, in order, in an empty namespace; `@name` is a file of `files`. */
export const files: Readonly<Record<string, string>> = {
  "web.yaml": `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "web:1", ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  ingressClassName: nginx
  rules: [{host: web.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]
`,
  "web-2.yaml": `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "web:2", ports: [{containerPort: 80}]}]}
`,
  "broken.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: broken}\nspec: {replicas: many}\n",
  "unknown-kind.yaml": "apiVersion: example.dev/v1\nkind: Gadget\nmetadata: {name: a}\n",
  "no-selector.yaml":
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: none}\nspec: {template: {spec: {containers: [{name: a, image: a}]}}}\n",
};

export const invocations: readonly string[] = [
  "apply -f @web.yaml",
  "rollout status deployment/web --timeout=60s",
  "apply -f @web.yaml",
  "get deployment web",
  "get deployment web -o wide",
  "get service web",
  "get ingress web -o jsonpath={.spec.rules[0].host}",
  "get pods -l app=web --no-headers",
  "get deployment web -o name",
  "get deployment web -o jsonpath={.spec.replicas}/{.status.readyReplicas}/{.status.observedGeneration}",
  "get deployment web -o custom-columns=NAME:.metadata.name,IMAGE:.spec.template.spec.containers[0].image",
  "get deployment web -o jsonpath={range.status.conditions[*]}{.type}={.status}:{.reason};{end}",
  "get deployment missing",
  "get gadgets",
  "get deployments -l app=nothing",
  "diff -f @web.yaml",
  "apply -f @web-2.yaml",
  "rollout status deployment/web --timeout=60s",
  "rollout history deployment/web",
  "rollout undo deployment/web",
  "rollout status deployment/web --timeout=60s",
  "get deployment web -o jsonpath={.spec.template.spec.containers[0].image}",
  "scale deployment web --replicas=4",
  "rollout status deployment/web --timeout=60s",
  "get replicasets -l app=web --sort-by=.spec.replicas --no-headers",
  "label deployment web tier=front",
  "label deployment web tier=back",
  "label deployment web tier=back --overwrite",
  "get deployment web --show-labels",
  "annotate deployment web note=one",
  "set image deployment/web web=web:3",
  "rollout pause deployment web",
  "rollout pause deployment web",
  "rollout resume deployment web",
  "rollout restart deployment web",
  "rollout status deployment/web --timeout=60s",
  'patch deployment web -p {"spec":{"minReadySeconds":1}}',
  "wait --for=jsonpath={.status.availableReplicas}=4 deployment/web --timeout=60s",
  'patch deployment web --type=json -p [{"op":"test","path":"/spec/replicas","value":99}]',
  'patch deployment web --type=merge -p {"spec":{"replicas":"many"}}',
  "apply -f @broken.yaml",
  "apply -f @unknown-kind.yaml",
  "apply -f @no-selector.yaml",
  "create configmap settings --from-literal=a=1",
  "create configmap settings --from-literal=a=1",
  "get configmap settings -o jsonpath={.data}",
  "create secret generic token --from-literal=key=value",
  "get secret token",
  "create deployment other --image=other:1 --replicas=1",
  "rollout status deployment/other --timeout=60s",
  "expose deployment other --port=80",
  "get deployments",
  "delete deployment other",
  "delete deployment other",
  "delete service other --ignore-not-found",
  "delete -f @web.yaml",
  "get deployments",
];

/** Where the embedded cluster prints something else, and why; a line goes when it does not any more. */
export const knownDifferences: Readonly<Record<string, string>> = {
  'patch deployment web --type=json -p [{"op":"test","path":"/spec/replicas","value":99}]':
    "tells which operation failed; the real one does not",
  'patch deployment web --type=merge -p {"spec":{"replicas":"many"}}': "tells the field; the real one prints the whole object",
  "apply -f @broken.yaml": "the real one names the Go type that holds the field",
  "apply -f @no-selector.yaml": "reports the first of two faults",
};
