// The verifier's own unpacking against Node's zlib: it gives the same bytes, and refuses what zlib refuses.

import assert from "node:assert/strict";
import { test } from "node:test";
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";

import { type Bytes, concat } from "../src/verifier/bytes.ts";
import { inflate } from "../src/verifier/inflate.ts";
import { Refused } from "../src/verifier/refused.ts";

let seed = 12345;
function random(below: number): number {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
}

/** Unpacked, the packed bytes given in pieces of this length. */
function unpacked(packed: Bytes, piece: number): Bytes {
  let at = 0;
  const next = (): Bytes | null => {
    if (at >= packed.length) return null;
    at += piece;
    return packed.subarray(at - piece, at);
  };
  return concat(...inflate(next, "member"));
}

/** What zlib says: the bytes, or null where it refuses or leaves packed bytes over. */
function theirs(packed: Bytes): Bytes | null {
  try {
    const { buffer, engine } = inflateRawSync(packed, { info: true }) as unknown as {
      buffer: Bytes;
      engine: { bytesWritten: number };
    };
    return engine.bytesWritten === packed.length ? new Uint8Array(buffer) : null;
  } catch {
    return null;
  }
}

function ours(packed: Bytes, piece: number): Bytes | null {
  try {
    return unpacked(packed, piece);
  } catch (error) {
    assert.ok(error instanceof Refused, String(error));
    return null;
  }
}

const TEXTS: readonly Bytes[] = [
  new Uint8Array(0),
  Uint8Array.of(7),
  new Uint8Array(300_000),
  Uint8Array.from({ length: 200_000 }, () => random(256)),
  Uint8Array.from({ length: 200_000 }, () => 97 + random(4)),
  new TextEncoder().encode("Phiếu tín nhiệm, lấy phiếu. ".repeat(9000)),
  Uint8Array.from({ length: 100_000 }, (_, i) => (i % 33_000 < 100 ? i & 255 : random(3))),
];

test("every way of packing is unpacked to the same bytes, whatever pieces it comes in", () => {
  const { Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE, Z_FILTERED } = constants;
  for (const text of TEXTS) {
    for (const strategy of [Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE, Z_FILTERED]) {
      for (const level of [0, 1, 6, 9]) {
        const packed = new Uint8Array(
          deflateRawSync(text, { strategy, level, memLevel: level === 1 ? 1 : 9 }),
        );
        assert.deepEqual(unpacked(packed, 1 + random(5000)), text);
      }
    }
  }
});

test("altered, cut and longer forms are refused as by zlib, or give the same", () => {
  let [refused, read] = [0, 0];
  for (const text of TEXTS.map((each) => each.subarray(0, 600))) {
    for (const level of [0, 1, 9]) {
      const packed = new Uint8Array(deflateRawSync(text, { level }));
      for (let round = 0; round < 400; round++) {
        let altered: Bytes = packed.slice();
        const kind = random(4);
        if (kind === 0) altered = altered.slice(0, random(altered.length));
        else if (kind === 1) altered = concat(altered, Uint8Array.of(random(256)));
        else for (let i = 0; i <= random(3); i++) altered[random(Math.min(altered.length, 60))] = random(256);
        const [a, b] = [ours(altered, 1 + random(100)), theirs(altered)];
        assert.deepEqual(a, b, Buffer.from(altered).toString("hex"));
        if (a === null) refused++;
        else read++;
      }
    }
  }
  assert.ok(refused > 1000 && read > 50, `${refused} refused, ${read} read`);
});

test("what is packed small is given in small pieces: it can be stopped at its announced length", () => {
  const packed = new Uint8Array(deflateRawSync(new Uint8Array(50_000_000)));
  let given = 0;
  for (const piece of inflate(
    (
      (once) => () =>
        once.shift() ?? null
    )([packed]),
    "member",
  )) {
    assert.ok(piece.length < 200_000);
    given += piece.length;
    if (given > 1_000_000) break;
  }
  assert.ok(given < 1_300_000);
});
