// Speaking with the server: bytes out, bytes in. No cookie, no referrer, nothing kept by the browser
// (docs/protocol.md §15, §16).

import type { Octets } from "../core/octets.ts";

const PATIENCE = 60_000;

/** The server has answered: no. Its sentences are for people. */
export class Refused extends Error {
  readonly code: string;
  readonly vi: string;
  readonly en: string;

  constructor(code: string, vi: string, en: string) {
    super(code);
    this.name = "Refused";
    this.code = code;
    this.vi = vi;
    this.en = en;
  }
}

/** No answer, or none that means anything: try again. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

export interface Asking {
  readonly body?: Octets;
  readonly type?: string;
  readonly token?: string;
  /** Bytes that have come so far, and how many will; for a bar. */
  readonly onBytes?: (done: number, all: number) => void;
}

/** One request; the answer's bytes. Throws Refused or Unreachable. */
export async function ask(
  address: string,
  { body, type = "application/octet-stream", token, onBytes }: Asking = {},
): Promise<Octets> {
  const stop = new AbortController();
  let timer = setTimeout(() => stop.abort(), PATIENCE);
  const stillThere = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => stop.abort(), PATIENCE);
  };
  try {
    const answer = await fetch(address, {
      ...(body === undefined ? {} : { method: "POST", body: body as BodyInit }),
      headers: {
        ...(body === undefined ? {} : { "Content-Type": type }),
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      },
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      referrerPolicy: "no-referrer",
      signal: stop.signal,
    });
    const raw =
      onBytes === undefined
        ? new Uint8Array(await answer.arrayBuffer())
        : await inPieces(answer, onBytes, stillThere);
    if (answer.ok) return raw;
    throw refusal(raw);
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Unreachable(String(error));
  } finally {
    clearTimeout(timer);
  }
}

async function inPieces(
  answer: Response,
  onBytes: (done: number, all: number) => void,
  stillThere: () => void,
): Promise<Octets> {
  const all = Number(answer.headers.get("Content-Length") ?? 0);
  const pieces: Octets[] = [];
  let done = 0;
  const reader = answer.body?.getReader();
  for (;;) {
    const part = await reader?.read();
    if (part === undefined || part.done) break;
    stillThere();
    pieces.push(part.value);
    done += part.value.length;
    onBytes(done, all);
  }
  const whole = new Uint8Array(done);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/**
 * A refusal is a JSON object with a sentence in both languages; anything else came from somebody in between.
 */
function refusal(raw: Octets): Error {
  const { error, vi, en } = readJson(raw) as Record<string, unknown>;
  if (typeof error !== "string" || typeof vi !== "string" || typeof en !== "string")
    return new Unreachable("no refusal of ours");
  return new Refused(error, vi, en);
}

/** A JSON object or list. Throws Unreachable for anything else. */
export function readJson(raw: Octets): unknown {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(raw));
    if (value !== null && typeof value === "object") return value;
  } catch {
    // Not JSON: said below.
  }
  throw new Unreachable("an answer that is not ours");
}
