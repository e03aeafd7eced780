/**
 * The addresses of one sandbox: a /16 of 127.0.0.0/8 that no other sandbox on the machine uses at the same time. Pods live in the
 * lower half, Services in the upper half.
 *
 * The block is reserved by holding one listening socket inside it, so that two sandboxes never share and a killed one leaves nothing
 * behind. Where only 127.0.0.1 can be bound (macOS without aliases), addresses are made up all the same and `ownAddresses` is false:
 * servers then listen on ports of 127.0.0.1 and `AddressBook` translates.
 */
import { createServer } from "node:net";
import type { Server } from "node:net";
import { AppError } from "@slipway/std";

const firstBlock = 64;
const lastBlock = 191;
/** A process that listens on one of these on all addresses makes it useless; hence more than one. */
const reservationPorts = [47_001, 47_002, 47_003];
const half = 128 * 256;

export interface LoopbackBlock {
  /** The first two bytes: `127.64`. */
  readonly prefix: string;
  readonly ownAddresses: boolean;
  /** A pod address that is in use by no other pod of this sandbox. Throws `SANDBOX_ADDRESSES` when all are taken. */
  allocatePodAddress(): string;
  releasePodAddress(address: string): void;
  /** A Service address that is not in `taken`. Throws `SANDBOX_ADDRESSES` when all are taken. */
  nextServiceAddress(taken: ReadonlySet<string>): string;
  close(): Promise<void>;
}

export async function reserveLoopbackBlock(): Promise<LoopbackBlock> {
  for (const port of reservationPorts) {
    for (let block = firstBlock; block <= lastBlock; block++) {
      const prefix = `127.${block}`;
      const outcome = await reserve(`${prefix}.255.254`, port);
      if (outcome === "taken") continue;
      return createBlock(prefix, outcome === "absent" ? undefined : outcome);
    }
  }
  throw new AppError("SANDBOX_ADDRESSES", "all loopback blocks from 127.64 to 127.191 are in use; stop another sandbox", {
    retry: "never",
  });
}

async function reserve(address: string, port: number): Promise<Server | "taken" | "absent"> {
  const server = createServer((socket) => socket.destroy());
  return await new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve("taken");
      else if (error.code === "EADDRNOTAVAIL") resolve("absent");
      else reject(error);
    });
    server.listen(port, address, () => {
      server.unref();
      resolve(server);
    });
  });
}

function createBlock(prefix: string, reservation: Server | undefined): LoopbackBlock {
  const podsInUse = new Set<string>();
  let cursor = 0;
  return {
    prefix,
    ownAddresses: reservation !== undefined,
    allocatePodAddress(): string {
      // Round robin, so that an address is not reused at once while a client still holds connections to it.
      for (let tries = 0; tries < half; tries++) {
        cursor = (cursor + 1) % half;
        const address = addressAt(prefix, 0, cursor);
        if (address === undefined || podsInUse.has(address)) continue;
        podsInUse.add(address);
        return address;
      }
      throw new AppError("SANDBOX_ADDRESSES", `all pod addresses of ${prefix}.0.0/17 are in use; delete pods`);
    },
    releasePodAddress: (address) => void podsInUse.delete(address),
    nextServiceAddress(taken: ReadonlySet<string>): string {
      for (let index = 1; index < half - 256; index++) {
        const address = addressAt(prefix, 128, index);
        if (address !== undefined && !taken.has(address)) return address;
      }
      throw new AppError("SANDBOX_ADDRESSES", `all service addresses of ${prefix}.128.0/17 are in use; delete services`);
    },
    async close(): Promise<void> {
      if (reservation !== undefined) await new Promise((resolve) => reservation.close(resolve));
    },
  };
}

/** `undefined` for host parts 0 and 255. */
function addressAt(prefix: string, base: number, index: number): string | undefined {
  const last = index % 256;
  return last === 0 || last === 255 ? undefined : `${prefix}.${base + Math.floor(index / 256)}.${last}`;
}
