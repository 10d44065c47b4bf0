// The checkpoint of a board: C2SP tlog-checkpoint in a signed note (docs/protocol.md 10.2-10.4). Twin of
// checkpoint.py.

import { sha256 } from "@noble/hashes/sha2.js";

import { Malformed, Missing } from "./errors.ts";
import { fromText, join, type Octets, same, toHex } from "./octets.ts";
import { verify } from "./signature.ts";

const SIZE = /^(?:0|[1-9][0-9]{0,18})$/;
const NAME = /^[^\s+]{1,200}$/u;
const MOST_BYTES = 64 * 1024;

export interface NoteSignature {
  readonly name: string;
  readonly keyId: Octets;
  readonly signature: Octets;
}

/** The signed text: each line ends in a line feed. */
export class Checkpoint {
  readonly origin: string;
  readonly size: bigint;
  readonly root: Octets;
  readonly extensions: readonly string[];

  constructor(origin: string, size: bigint, root: Octets, extensions: readonly string[]) {
    this.origin = origin;
    this.size = size;
    this.root = root;
    this.extensions = extensions;
  }

  body(): Octets {
    const lines = [this.origin, String(this.size), toBase64(this.root), ...this.extensions];
    return fromText(lines.map((line) => `${line}\n`).join(""));
  }
}

export class SignedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly signatures: readonly NoteSignature[];

  constructor(checkpoint: Checkpoint, signatures: readonly NoteSignature[]) {
    this.checkpoint = checkpoint;
    this.signatures = signatures;
  }

  encode(): Octets {
    const lines = this.signatures.map(
      (each) => `— ${each.name} ${toBase64(join(each.keyId, each.signature))}\n`,
    );
    return join(this.checkpoint.body(), fromText(`\n${lines.join("")}`));
  }

  /** The signature under this name holds for this key. */
  checkSignature(name: string, key: Octets, check: string): void {
    const where = `checkpoint.signatures[${name}]`;
    const id = keyId(name, key);
    const found = this.signatures.find((each) => each.name === name && same(each.keyId, id));
    if (found === undefined) throw new Missing(check, where, "there is no signature by this key");
    verify(key, this.checkpoint.body(), found.signature, check, where);
  }
}

/** The first four bytes of SHA-256(name ‖ LF ‖ 0x01 ‖ key). */
export function keyId(name: string, key: Octets): Octets {
  return sha256(join(fromText(`${name}\n\u0001`), key)).slice(0, 4);
}

export function decodeCheckpoint(raw: Octets): SignedCheckpoint {
  const refuse = (why: string, where = "checkpoint"): never => {
    throw new Malformed("10.2", where, why);
  };
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    return refuse("not UTF-8");
  }
  if (raw.length > MOST_BYTES || [...text].some((c) => c < " " && c !== "\n")) {
    refuse("too long, or holds control characters");
  }
  const cut = text.indexOf("\n\n");
  const lines = (cut === -1 ? text : text.slice(0, cut)).split("\n");
  const notes = cut === -1 ? "" : text.slice(cut + 2);
  const [origin = "", size = "", root = "", ...extensions] = lines;
  if (cut === -1 || lines.length < 3 || !notes.endsWith("\n") || lines.includes(""))
    refuse("not a signed note");
  if (!SIZE.test(size)) refuse("not a number of leaves", "checkpoint.size");
  const checkpoint = new Checkpoint(
    origin,
    BigInt(size),
    fromBase64(root, 32, "checkpoint.root"),
    extensions,
  );
  const note = new SignedCheckpoint(checkpoint, notes.slice(0, -1).split("\n").map(readSignature));
  if (!same(note.encode(), raw)) refuse("not in its one form");
  return note;
}

function readSignature(line: string, i: number): NoteSignature {
  const where = `checkpoint.signatures[${i}]`;
  const [dash, name = "", blob = "", ...rest] = line.split(" ");
  if (dash !== "—" || rest.length > 0 || !NAME.test(name))
    throw new Malformed("10.2", where, "not a signature line");
  const bytes = fromBase64(blob, 68, where);
  return { name, keyId: bytes.slice(0, 4), signature: bytes.slice(4) };
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function toBase64(bytes: Octets): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const part = bytes.slice(i, i + 3);
    const word = Number.parseInt(toHex(part).padEnd(6, "0"), 16);
    const letters = [18, 12, 6, 0].map((shift) => DIGITS[(word >> shift) & 63] as string);
    text += letters
      .slice(0, part.length + 1)
      .join("")
      .padEnd(4, "=");
  }
  return text;
}

function fromBase64(text: string, length: number, where: string): Octets {
  const letters = text.replace(/=+$/, "");
  const values = [...letters].map((digit) => DIGITS.indexOf(digit));
  const bytes = new Uint8Array(Math.floor((values.length * 6) / 8));
  let word = 0;
  let bits = 0;
  let at = 0;
  for (const value of values) {
    word = ((word << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (word >> bits) & 255;
    }
  }
  if (values.includes(-1) || bytes.length !== length || toBase64(bytes) !== text) {
    throw new Malformed("10.2", where, `not ${length} bytes in base64`);
  }
  return bytes;
}
