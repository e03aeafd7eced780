/** `email.#SendEmail`: one HTML mail over SMTP (contract §3.8). */
import type { ActionHandler } from "../perform.ts";
import { AppError, errorMessage } from "@slipway/std";
import { createTransport } from "nodemailer";

interface Params {
  readonly from: {
    readonly address: string;
    readonly alias?: string;
    readonly password: string;
    readonly host: string;
    readonly port: number;
  };
  readonly to: readonly string[];
  readonly content: { readonly subject: string; readonly body: string };
}

/** Of connecting, of the greeting, and of silence afterwards. */
const timeoutMs = 10_000;
/** From here on TLS begins with the connection; on other ports when the server offers it. */
const tlsPort = 465;

export const sendEmail: ActionHandler = async ({ key, params }, { signal }) => {
  const { from, to, content } = params as unknown as Params;
  const transport = createTransport({
    host: from.host,
    port: from.port,
    secure: from.port === tlsPort,
    // Used when the server asks for it.
    ...(from.password === "" ? {} : { auth: { user: from.address, pass: from.password } }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const stop = (): void => transport.close();
  signal.addEventListener("abort", stop);
  try {
    await transport.sendMail({
      from: { name: from.alias ?? "", address: from.address },
      to: [...to],
      subject: content.subject,
      html: content.body,
      // The same at every attempt, so that mail servers can tell a repetition.
      messageId: `<${key.replaceAll("/", ".")}@${from.address.split("@")[1] ?? "localhost"}>`,
    });
    return {};
  } catch (cause) {
    signal.throwIfAborted();
    throw new AppError("WORKFLOW_EMAIL", `failed to send email: ${errorMessage(cause)}`, { cause });
  } finally {
    signal.removeEventListener("abort", stop);
    transport.close();
  }
};
