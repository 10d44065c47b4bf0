// Byte strings: hexadecimal, numbers, order (docs/protocol.md §1).

export type Bytes = Uint8Array;

const encoder = new TextEncoder();

export function utf8(text: string): Bytes {
  return encoder.encode(text);
}

export function hex(raw: Bytes): string {
  let text = "";
  for (const byte of raw) text += byte.toString(16).padStart(2, "0");
  return text;
}

/** The bytes of lowercase hexadecimal; null for anything else. */
export function unhex(text: string): Bytes | null {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) return null;
  const raw = new Uint8Array(text.length / 2);
  for (let i = 0; i < raw.length; i++)
    raw[i] = (digit(text.charCodeAt(2 * i)) << 4) | digit(text.charCodeAt(2 * i + 1));
  return raw;
}

/** The value of `0` … `9` and `a` … `f`. */
function digit(code: number): number {
  return code < 0x3a ? code - 0x30 : code - 0x57;
}

export function concat(...parts: readonly Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * Below, at or above zero as a comes before, with or after b, byte by byte; a beginning comes before its
 * continuations.
 */
export function order(a: Bytes, b: Bytes): number {
  const both = Math.min(a.length, b.length);
  for (let i = 0; i < both; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

export function same(a: Bytes, b: Bytes): boolean {
  return order(a, b) === 0;
}

/** Texts by their UTF-8 bytes. */
export function orderOfTexts(a: string, b: string): number {
  return order(utf8(a), utf8(b));
}

export function u32(n: number): Bytes {
  const raw = new Uint8Array(4);
  new DataView(raw.buffer).setUint32(0, n);
  return raw;
}

export function readU32(raw: Bytes, at: number): number {
  return new DataView(raw.buffer, raw.byteOffset, raw.byteLength).getUint32(at);
}

/** A number of up to 64 bytes, little-endian. */
export function littleEndian(raw: Bytes): bigint {
  let n = 0n;
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  for (let at = raw.length - 8; at >= 0; at -= 8) n = (n << 64n) | view.getBigUint64(at, true);
  return n;
}

export function bigEndian(raw: Bytes): bigint {
  return raw.length === 0 ? 0n : BigInt(`0x${hex(raw)}`);
}

/** A byte string as a key of maps and sets. */
export function key(raw: Bytes): string {
  return String.fromCharCode(...raw);
}
