// The checkpoint of the board: a C2SP tlog-checkpoint, signed as C2SP signed notes are (docs/protocol.md 10.2
// – 10.4).

import { type Bytes, concat, hex, same, utf8 } from "./bytes.ts";
import { isGood } from "./ed25519.ts";
import { sha256 } from "./hashing.ts";
import { hold, refuse } from "./refused.ts";

interface Line {
  readonly name: string;
  readonly keyId: Bytes;
  readonly signature: Bytes;
}

export interface Checkpoint {
  readonly body: Bytes;
  readonly origin: string;
  readonly size: number;
  readonly root: Bytes;
  readonly extension: readonly string[];
  readonly signatures: readonly Line[];
}

const ED25519 = 1;

const MOST = 64 * 1024;

/** The note: a text of whole lines, an empty line, signature lines. */
export function readCheckpoint(raw: Bytes): Checkpoint {
  const where = "checkpoint";
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    refuse(where, "is no UTF-8");
  }
  hold(raw.length <= MOST, where, "is too long");
  hold(![...text].some((c) => c < " " && c !== "\n"), where, "holds a control character");
  const end = text.indexOf("\n\n");
  hold(
    end >= 0 && text.endsWith("\n") && text.length > end + 2,
    where,
    "is no text with signatures under an empty line",
  );
  const body = text.slice(0, end + 1);
  const [origin, size, root, ...extension] = body.slice(0, -1).split("\n") as [
    string,
    string,
    string,
    ...string[],
  ];
  hold(
    size !== undefined && /^(0|[1-9]\d{0,15})$/.test(size) && Number.isSafeInteger(Number(size)),
    where,
    "names no size",
  );
  const decoded = root === undefined ? null : unbase64(root);
  hold(decoded !== null && decoded.length === 32, where, "names no root");
  hold(origin !== "", where, "has no origin");
  const lines = text.slice(end + 2, -1).split("\n");
  return {
    body: utf8(body),
    origin,
    size: Number(size),
    root: decoded,
    extension,
    signatures: lines.map(readLine),
  };
}

/** `— name base64`; a name holds neither spaces nor +. */
function readLine(line: string, i: number): Line {
  const parts = /^— ([^\s+]{1,200}) ([^ ]+)$/u.exec(line);
  const raw = parts === null ? null : unbase64(parts[2] as string);
  hold(
    parts !== null && raw !== null && raw.length === 68,
    `checkpoint.signatures[${i}]`,
    "is no line with a signature",
  );
  return { name: parts[1] as string, keyId: raw.subarray(0, 4), signature: raw.subarray(4) };
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Base64 with padding, in its one form; null for anything else. */
function unbase64(text: string): Bytes | null {
  const padded = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const raw: number[] = [];
  if (text.length % 4 !== 0) return null;
  for (let at = 0; at < text.length; at += 4) {
    const last = at + 4 === text.length ? padded : 0;
    const digits = [...text.slice(at, at + 4 - last)].map((c) => ALPHABET.indexOf(c));
    if (digits.includes(-1)) return null;
    const word = digits.reduce((sum, digit, i) => sum + digit * 64 ** (3 - i), 0);
    if (last > 0 && word % 256 ** last !== 0) return null;
    raw.push(...[word >> 16, (word >> 8) & 255, word & 255].slice(0, 3 - last));
  }
  return Uint8Array.from(raw);
}

/** 10.2: origin, size, root and the manifest's line are those of this vote and board. */
export function checkText(
  checkpoint: Checkpoint,
  survey: string,
  manifest: Bytes,
  size: number,
  root: Bytes,
): void {
  hold(checkpoint.origin === `tin-nhiem/${survey}`, "checkpoint.origin", "is of another vote");
  hold(checkpoint.size === size, "checkpoint.size", `is ${checkpoint.size}, the board holds ${size} ballots`);
  hold(same(checkpoint.root, root), "checkpoint.root", `is not ${hex(root)}, the root of the board`);
  hold(
    checkpoint.extension.length === 1 && checkpoint.extension[0] === `manifest ${hex(manifest)}`,
    "checkpoint",
    "does not name this manifest in its one further line",
  );
}

/** The line of this name and key holds; lines of the same name under other keys are for 10.4. */
function isSigned({ body, signatures }: Checkpoint, name: string, publicKey: Bytes): boolean {
  const id = sha256(concat(utf8(`${name}\n`), Uint8Array.of(ED25519), publicKey)).subarray(0, 4);
  const line = signatures.find((each) => each.name === name && same(each.keyId, id));
  return line !== undefined && isGood(publicKey, body, line.signature);
}

/** 10.3: the box has signed. */
export function checkBox(checkpoint: Checkpoint, survey: string, boxKey: Bytes): void {
  hold(isSigned(checkpoint, `tin-nhiem/${survey}`, boxKey), "checkpoint.signatures", "hold none by the box");
}

/** 10.4: beside the box at least t trustees, each once, and nobody else. */
export function checkCosignatures(
  checkpoint: Checkpoint,
  survey: string,
  signKeys: readonly Bytes[],
  threshold: number,
): void {
  const box = `tin-nhiem/${survey}`;
  const names = checkpoint.signatures.map((line) => line.name);
  hold(new Set(names).size === names.length, "checkpoint.signatures", "are two by one name");
  const cosigned = names.filter((name) => name !== box);
  for (const name of cosigned) {
    const i = signKeys.findIndex((_, each) => name === `${box}/trustee-${each + 1}`);
    hold(
      i >= 0 && isSigned(checkpoint, name, signKeys[i] as Bytes),
      `checkpoint.signatures of ${name}`,
      "are by nobody who may sign, or do not hold",
    );
  }
  hold(
    cosigned.length >= threshold,
    "checkpoint.signatures",
    `are by ${cosigned.length} trustees, ${threshold} are needed`,
  );
}
