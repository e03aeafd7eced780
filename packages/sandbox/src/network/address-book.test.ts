import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:net";
import { silentLogger } from "@slipway/std";
import { afterEach, describe, expect, it } from "vitest";
import { AddressBook } from "./address-book.ts";
import type { LoopbackBlock } from "./loopback-block.ts";
import { reserveLoopbackBlock } from "./loopback-block.ts";

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of cleanUp.splice(0)) await close();
});

async function block(): Promise<LoopbackBlock> {
  const reserved = await reserveLoopbackBlock();
  cleanUp.push(() => reserved.close());
  return reserved;
}
async function connects(where: { readonly host: string; readonly port: number }): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(where.port, where.host);
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
async function listen(book: AddressBook, address: string, port: number): Promise<{ host: string; port: number }> {
  const server = createServer((socket) => socket.destroy());
  cleanUp.push(() => new Promise((resolve) => server.close(resolve)));
  return await book.listen(server, address, port);
}

describe("loopback blocks", () => {
  it("are never shared by two sandboxes at once", async () => {
    const [first, second] = [await block(), await block()];
    expect(first.prefix).not.toBe(second.prefix);
  });

  it("give each pod and each Service an address of its own", async () => {
    const reserved = await block();
    const pods = Array.from({ length: 600 }, () => reserved.allocatePodAddress());
    const services = new Set<string>();
    for (let i = 0; i < 600; i++) services.add(reserved.nextServiceAddress(services));
    expect(new Set([...pods, ...services]).size).toBe(1200);
    for (const address of [...pods, ...services]) expect(address).toMatch(/^127\.\d+\.\d+\.(?!0$|255$)\d+$/);
  });
});

describe("the address book", () => {
  it("leads to where a server really listens when its port is taken", async () => {
    const book = new AddressBook(silentLogger);
    const address = (await block()).allocatePodAddress();
    expect(await listen(book, address, 8080)).toEqual({ host: address, port: 8080 });
    const moved = await listen(new AddressBook(silentLogger), address, 8080);
    expect(moved.port).not.toBe(8080);
    expect(await connects(book.dial(address, 8080))).toBe(true);
  });

  it("falls back to 127.0.0.1 for an address that cannot be bound, and forgets it again", async () => {
    const book = new AddressBook(silentLogger);
    // TEST-NET-1 belongs to no interface that this test could listen on.
    const bound = await listen(book, "192.0.2.77", 8080);
    expect(bound.host).toBe("127.0.0.1");
    expect(book.dial("192.0.2.77", 8080)).toEqual(bound);
    expect(await connects(book.dial("192.0.2.77", 8080))).toBe(true);
    book.forget("192.0.2.77", 8080);
    expect(book.dial("192.0.2.77", 8080)).toEqual({ host: "192.0.2.77", port: 8080 });
  });

  it("keeps a free port apart from a busy one of another process", async () => {
    const book = new AddressBook(silentLogger);
    const address = (await block()).allocatePodAddress();
    const other = createServer();
    cleanUp.push(() => new Promise((resolve) => other.close(resolve)));
    await new Promise<void>((resolve) => other.listen(0, address, resolve));
    const busy = (other.address() as AddressInfo).port;
    expect((await listen(book, address, busy)).port).not.toBe(busy);
  });
});
