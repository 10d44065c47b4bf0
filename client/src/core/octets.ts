// Bytes: joining, comparing, hex, numbers. Nothing here knows what the bytes mean.

export type Octets = Uint8Array;

const HEX = /^(?:[0-9a-f]{2})*$/;

export function join(...parts: readonly Octets[]): Octets {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

export function same(a: Octets, b: Octets): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Bytewise order: negative, zero or positive. */
export function order(a: Octets, b: Octets): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

export function toHex(bytes: Octets): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The bytes of lowercase hex, or null for anything else. */
export function fromHex(text: string): Octets | null {
  if (!HEX.test(text)) return null;
  return Uint8Array.from({ length: text.length / 2 }, (_, i) =>
    Number.parseInt(text.slice(2 * i, 2 * i + 2), 16),
  );
}

/** base64url without padding. */
export function toBase64url(bytes: Octets): string {
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return text.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/**
 * The bytes of base64url without padding, or null for anything else, spare bits that are not zero included.
 */
export function fromBase64url(text: string): Octets | null {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return null;
  const raw = Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  return toBase64url(raw) === text ? raw : null;
}

export function fromText(text: string): Octets {
  return new TextEncoder().encode(text);
}

export function toNumber(bigEndian: Octets): bigint {
  return bigEndian.length === 0 ? 0n : BigInt(`0x${toHex(bigEndian)}`);
}

/** Big-endian bytes of the given length. Throws RangeError where the number does not fit. */
export function fromNumber(value: bigint, length: number): Octets {
  const bytes = fromHex(value.toString(16).padStart(2 * length, "0"));
  if (bytes === null || bytes.length !== length) throw new RangeError("the number does not fit");
  return bytes;
}

export function reversed(bytes: Octets): Octets {
  return bytes.slice().reverse();
}
