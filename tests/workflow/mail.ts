/** A real SMTP server on loopback that keeps the mails it takes. */
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";

export interface Mail {
  readonly user: string | undefined;
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and body as they came. */
  readonly text: string;
}

export interface MailServer {
  readonly port: number;
  readonly mails: Mail[];
  /** The answer to the next mails; undefined takes them. */
  refuse: string | undefined;
  stop(): Promise<void>;
}

/** Takes mail from `user` with `password` only. */
export async function createMailServer(user: string, password: string): Promise<MailServer> {
  const kept: Pick<MailServer, "mails" | "refuse"> = { mails: [], refuse: undefined };
  const server = new SMTPServer({
    disabledCommands: ["STARTTLS"],
    allowInsecureAuth: true,
    onAuth: ({ username, password: given }, _session, done) =>
      username === user && given === password ? done(null, { user: username }) : done(new Error("wrong password")),
    onData: (stream, session, done) => {
      let text = "";
      stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
      stream.on("end", () => {
        if (kept.refuse !== undefined) return done(new Error(kept.refuse));
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom === false ? "" : mailFrom.address;
        kept.mails.push({ user: session.user as string | undefined, from, to: rcptTo.map(({ address }) => address), text });
        done(null);
      });
    },
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.server.address() as AddressInfo;
  return Object.assign(kept, { port, stop: () => new Promise<void>((resolve) => server.close(resolve)) });
}
