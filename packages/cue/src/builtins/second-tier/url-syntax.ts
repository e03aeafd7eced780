/** URLs as Go's net/url reads them: what it takes, what it refuses, and with which words. */
import { CallFailure } from "../contract.ts";
import { bytesOf, quote, textOf } from "../signature.ts";

type Mode = "path" | "segment" | "query" | "host" | "zone" | "user" | "fragment";

const hostCharacters = "!$&'()*+,;=:[]<>\"";

function isUnreserved(char: string): boolean {
  return /^[A-Za-z0-9\-_.~]$/.test(char);
}

function escapeWith(text: string, keep: string, space: string): string {
  const parts: string[] = [];
  for (const byte of bytesOf(text)) {
    const char = String.fromCharCode(byte);
    if (isUnreserved(char) || keep.includes(char)) parts.push(char);
    else if (char === " ") parts.push(space);
    else parts.push(`%${byte.toString(16).toUpperCase().padStart(2, "0")}`);
  }
  return parts.join("");
}

export function pathEscape(text: string): string {
  return escapeWith(text, "$&+:=@", "%20");
}

export function queryEscape(text: string): string {
  return escapeWith(text, "", "+");
}

function badEscape(text: string): CallFailure {
  return new CallFailure(`invalid URL escape ${quote(text)}`);
}

/** Replaces `%XX`; throws where one is malformed or not allowed. */
export function unescapeUrl(text: string, mode: Mode): string {
  const isHost = mode === "host" || mode === "zone";
  const source = bytesOf(text);
  const out: number[] = [];
  for (let i = 0; i < source.length; i++) {
    const byte = source[i] ?? 0;
    const char = String.fromCharCode(byte);
    if (char === "%") {
      const code = String.fromCharCode(...source.subarray(i, i + 3));
      if (!/^%[0-9a-fA-F]{2}$/.test(code)) throw badEscape(textOf(source.subarray(i, i + 3)));
      const value = Number.parseInt(code.slice(1), 16);
      // In a host only the percent sign of a zone and bytes beyond ASCII may be escaped.
      if (mode === "host" && value < 0x80 && code !== "%25") throw badEscape(code);
      if (mode === "zone" && code !== "%25" && value !== 0x20 && !isHostCharacter(String.fromCharCode(value))) throw badEscape(code);
      out.push(value);
      i += 2;
    } else if (char === "+" && mode === "query") {
      out.push(0x20);
    } else {
      if (isHost && byte < 0x80 && !isHostCharacter(char)) throw new CallFailure(`invalid character ${quote(char)} in host name`);
      out.push(byte);
    }
  }
  return textOf(Uint8Array.from(out));
}

function isHostCharacter(char: string): boolean {
  return isUnreserved(char) || hostCharacters.includes(char);
}

function checkPort(text: string): void {
  if (!/^(?::\d*)?$/.test(text)) throw new CallFailure(`invalid port ${quote(text)} after host`);
}

function checkHost(host: string): void {
  if (host.startsWith("[")) {
    const end = host.lastIndexOf("]");
    if (end < 0) throw new CallFailure("missing ']' in host");
    checkPort(host.slice(end + 1));
    const zone = host.slice(0, end).indexOf("%25");
    if (zone >= 0) {
      unescapeUrl(host.slice(0, zone), "host");
      unescapeUrl(host.slice(zone, end), "zone");
      unescapeUrl(host.slice(end), "host");
      return;
    }
  } else if (host.includes(":")) {
    checkPort(host.slice(host.lastIndexOf(":")));
  }
  unescapeUrl(host, "host");
}

function checkAuthority(authority: string): void {
  const at = authority.lastIndexOf("@");
  checkHost(authority.slice(at + 1));
  if (at < 0) return;
  const user = authority.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) throw new CallFailure("net/url: invalid userinfo");
  unescapeUrl(user, "user");
}

/** The scheme of a URL without fragment; empty when there is none. */
function schemeOf(url: string): string {
  if (url.startsWith(":")) throw new CallFailure("missing protocol scheme");
  return /^([A-Za-z][A-Za-z0-9+\-.]*):/.exec(url)?.[1] ?? "";
}

function parseWithoutFragment(url: string): { readonly absolute: boolean } {
  if (/[\u0000-\u001f\u007f]/.test(url)) throw new CallFailure("net/url: invalid control character in URL");
  if (url === "*") return { absolute: false };
  const scheme = schemeOf(url);
  let rest = url.slice(scheme === "" ? 0 : scheme.length + 1);
  rest = rest.includes("?") ? rest.slice(0, rest.indexOf("?")) : rest;
  if (!rest.startsWith("/")) {
    if (scheme !== "") return { absolute: true };
    if (/^[^/]*:/.test(rest)) throw new CallFailure("first path segment in URL cannot contain colon");
  }
  if (rest.startsWith("//") && (scheme !== "" || !rest.startsWith("///"))) {
    const slash = rest.indexOf("/", 2);
    const authority = slash < 0 ? rest.slice(2) : rest.slice(2, slash);
    rest = slash < 0 ? "" : rest.slice(slash);
    checkAuthority(authority);
  }
  unescapeUrl(rest, "path");
  return { absolute: scheme !== "" };
}

/** Whether a URL is absolute; throws what net/url says where the text is no URL. */
export function parseUrl(text: string): { readonly absolute: boolean } {
  const hash = text.indexOf("#");
  const url = hash < 0 ? text : text.slice(0, hash);
  const failing = <T>(subject: string, run: () => T): T => {
    try {
      return run();
    } catch (error) {
      if (error instanceof CallFailure) throw new CallFailure(`parse ${quote(subject)}: ${error.message}`);
      throw error;
    }
  };
  const parsed = failing(url, () => parseWithoutFragment(url));
  if (hash >= 0) failing(text, () => unescapeUrl(text.slice(hash + 1), "fragment"));
  return parsed;
}
