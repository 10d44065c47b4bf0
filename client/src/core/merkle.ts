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
  return rootOfHashes(leaves.map(leafHash));
}

/** The tree head over leaf hashes. */
export function rootOfHashes(hashes: readonly Octets[]): Octets {
  let level = hashes;
  if (level.length === 0) return sha256(new Uint8Array());
  while (level.length > 1) level = above(level);
  return level[0] as Octets;
}

/** PATH(index, leaves) of RFC 6962 §2.1.1. Throws RangeError outside the tree. */
export function inclusionProof(leaves: readonly Octets[], index: number): Octets[] {
  if (!Number.isInteger(index) || index < 0 || index >= leaves.length)
    throw new RangeError("outside the tree");
  const proof: Octets[] = [];
  for (
    let level = leaves.map(leafHash), at = index;
    level.length > 1;
    level = above(level), at = Math.floor(at / 2)
  ) {
    const sibling = level[at % 2 === 0 ? at + 1 : at - 1];
    if (sibling !== undefined) proof.push(sibling);
  }
  return proof;
}

/** RFC 9162 §2.1.3.2: the leaf is number `index` of the tree. */
export function checkInclusion(
  leaf: Octets,
  index: number,
  size: number,
  proof: readonly Octets[],
  head: Octets,
): void {
  checkInclusionOfHash(leafHash(leaf), index, size, proof, head);
}

/** The same of the leaf with this hash. */
export function checkInclusionOfHash(
  leaf: Octets,
  index: number,
  size: number,
  proof: readonly Octets[],
  head: Octets,
): void {
  if (index < 0 || index >= size) throw new Inconsistent("10.2", "inclusion.index", "outside the tree");
  let fn = index;
  let sn = size - 1;
  let r = leaf;
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
  if (sn !== 0 || !same(r, head))
    throw new Inconsistent("10.2", "inclusion.proof", "does not lead to the root");
}

/**
 * These leaf hashes are numbers `first` and following of the tree (docs/protocol.md 15.5). Throws
 * Inconsistent.
 */
export function checkRange(
  given: readonly Octets[],
  first: number,
  size: number,
  proof: readonly Octets[],
  head: Octets,
): void {
  const end = first + given.length;
  if (!Number.isSafeInteger(first) || first < 0 || end > size)
    throw new Inconsistent("10.2", "range.first", "outside the tree");
  let used = 0;
  const walk = (low: number, high: number): Octets => {
    if (high <= first || end <= low) {
      const outside = proof[used++];
      if (outside === undefined) throw new Inconsistent("10.2", "range.proof", "too short");
      return outside;
    }
    if (high - low === 1) return given[low - first] as Octets;
    let middle = 1;
    while (2 * middle < high - low) middle *= 2;
    const left = walk(low, low + middle);
    return nodeHash(left, walk(low + middle, high));
  };
  const found = size === 0 ? sha256(new Uint8Array()) : walk(0, size);
  if (used !== proof.length) throw new Inconsistent("10.2", "range.proof", "too long");
  if (!same(found, head)) throw new Inconsistent("10.2", "range.proof", "does not lead to the root");
}

/**
 * PROOF(first, leaves) of RFC 6962 §2.1.2, for 0 < first <= number of leaves. Throws RangeError for another
 * number.
 */
export function consistencyProof(leaves: readonly Octets[], first: number): Octets[] {
  if (!Number.isInteger(first) || first <= 0 || first > leaves.length)
    throw new RangeError("outside the tree");
  return subproof(first, leaves, true);
}

function subproof(m: number, leaves: readonly Octets[], whole: boolean): Octets[] {
  const n = leaves.length;
  if (m === n) return whole ? [] : [root(leaves)];
  let k = 1;
  while (2 * k < n) k *= 2;
  if (m <= k) return [...subproof(m, leaves.slice(0, k), whole), root(leaves.slice(k))];
  return [...subproof(m - k, leaves.slice(k), false), root(leaves.slice(0, k))];
}

/** RFC 9162 §2.1.4.2: the tree of `first` leaves is a beginning of that of `second`. */
export function checkConsistency(
  first: number,
  second: number,
  head1: Octets,
  head2: Octets,
  proof: readonly Octets[],
): void {
  const need = (holds: boolean): void => {
    if (!holds) throw new Inconsistent("10.2", "consistency.proof", "does not lead to both roots");
  };
  if (first === second) {
    need(proof.length === 0 && same(head1, head2));
    return;
  }
  need(first > 0 && first < second && proof.length > 0);
  const power = Number.isInteger(Math.log2(first));
  const [start, ...path] = power ? [head1, ...proof] : proof;
  let [fn, sn] = [first - 1, second - 1];
  const climb = (): void => {
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  };
  while (fn % 2 === 1) climb();
  let [fr, sr] = [start as Octets, start as Octets];
  for (const c of path) {
    need(sn !== 0);
    if (fn % 2 === 1 || fn === sn) {
      [fr, sr] = [nodeHash(c, fr), nodeHash(c, sr)];
      while (fn !== 0 && fn % 2 === 0) climb();
    } else {
      sr = nodeHash(sr, c);
    }
    climb();
  }
  need(same(fr, head1) && same(sr, head2) && sn === 0);
}
