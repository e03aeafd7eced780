/** Requests answered through the gateway, by what a metrics endpoint would label them with. */
export interface RequestCount {
  readonly namespace: string;
  readonly service: string;
  /** The answering pod's `pod-template-hash`; `""` when no pod answered. */
  readonly version: string;
  readonly code: number;
  readonly count: number;
}

export class RequestCounts {
  readonly #counts = new Map<string, { labels: Omit<RequestCount, "count">; count: number }>();

  add(labels: Omit<RequestCount, "count">): void {
    const key = [labels.namespace, labels.service, labels.version, labels.code].join("/");
    const entry = this.#counts.get(key);
    if (entry === undefined) this.#counts.set(key, { labels, count: 1 });
    else entry.count++;
  }

  list(): RequestCount[] {
    return [...this.#counts.values()].map(({ labels, count }) => ({ ...labels, count }));
  }
}
