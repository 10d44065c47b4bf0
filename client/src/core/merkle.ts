// The Merkle tree of RFC 6962 §2.1 over SHA-256. Twin of surveys/protocol/merkle.py.

import { sha256 } from "@noble/hashes/sha2.js";

import { Inconsistent } from "./errors.ts";
import { join, type Octets, same } from "./octets.ts";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export function leafHash(leaf: Octets): Octets {
  return sha256(join(LEAF, leaf));
}

function nodeHash(left: Octets, right: Octets): Octets {
  return sha256(join(NODE, left, right));
}

function above(level: readonly Octets[]): Octets[] {
  const next: Octets[] = [];
  for (let i = 0; i < level.length; i += 2) {
    const left = level[i] as Octets;
    const right = level[i + 1];
    // A last node without a sibling moves up unchanged: RFC 6962's split at the largest power of two.
    next.push(right === undefined ? left : nodeHash(left, right));
  }
  return next;
}

/** The tree head, 32 bytes; SHA-256("") for no leaves. */
export function root(leaves: readonly Octets[]): Octets {
  let level = leaves.map(leafHash);
  if (level.length === 0) return sha256(new Uint8Array());
  while (level.length > 1) level = above(level);
  return level[0] as Octets;
}

/** RFC 9162 §2.1.3.2: the leaf is number `index` of the tree. */
export function checkInclusion(leaf: Octets, index: number, size: number, proof: readonly Octets[], head: Octets): void {
  if (index < 0 || index >= size) throw new Inconsistent("10.2", "inclusion.index", "outside the tree");
  let fn = index;
  let sn = size - 1;
  let r = leafHash(leaf);
  for (const p of proof) {
    if (sn === 0) throw new Inconsistent("10.2", "inclusion.proof", "too long");
    if (fn % 2 === 1 || fn === sn) {
      r = nodeHash(p, r);
      while (fn !== 0 && fn % 2 === 0) {
        fn /= 2;
        sn = Math.floor(sn / 2);
      }
    } else {
      r = nodeHash(r, p);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  if (sn !== 0 || !same(r, head)) throw new Inconsistent("10.2", "inclusion.proof", "does not lead to the root");
}
