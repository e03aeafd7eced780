/** What a container image is in the sandbox: a function that starts a process-like thing on the pod's own address. */
import type { Clock, Logger, RandomSource } from "@slipway/std";
import type { Container, Pod } from "../controllers/kinds.ts";
import type { AddressBook } from "../network/address-book.ts";

export interface ContainerContext {
  readonly container: Container;
  /** The pod as last seen: annotations may change while the container runs. */
  pod(): Pod;
  /** The pod's address. */
  readonly address: string;
  readonly addresses: AddressBook;
  /** Resolved `env`; `valueFrom` other than metadata fields is left out. */
  readonly env: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly logger: Logger;
  /** Writes a line of the container's own log. */
  log(line: string): void;
}

export interface ContainerProcess {
  /** Resolves with the exit code when the process ends by itself. */
  readonly exited: Promise<number>;
  /** Finishes requests in flight and ends. Idempotent. */
  stop(): Promise<void>;
  /** Ends at once, dropping connections. Idempotent; also cuts a `stop` short. */
  kill(): Promise<void>;
}

/** Rejects when the container cannot start; the kubelet reports and retries. */
export type ContainerImage = (context: ContainerContext) => Promise<ContainerProcess>;

/** The behaviour of each image name. */
export type ImageRegistry = (image: string) => ContainerImage;
