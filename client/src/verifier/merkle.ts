// The tree head of RFC 6962 §2.1, grown leaf by leaf (docs/protocol.md 6.3, 10.2).

import { type Bytes, concat } from "./bytes.ts";
import { sha256 } from "./hashing.ts";

export class Tree {
  /** Heads of full subtrees, the largest first. */
  private readonly _heads: Bytes[] = [];
  private _size = 0;

  get size(): number {
    return this._size;
  }

  add(leaf: Bytes): void {
    this.addHash(leafHash(leaf));
  }

  /** A leaf whose hash is known. */
  addHash(leaf: Bytes): void {
    let head = leaf;
    for (let full = this._size; full % 2 === 1; full = (full - 1) / 2)
      head = nodeHash(this._heads.pop() as Bytes, head);
    this._heads.push(head);
    this._size++;
  }

  root(): Bytes {
    const last = this._heads.at(-1);
    if (last === undefined) return sha256(new Uint8Array(0));
    return this._heads.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last);
  }
}

export function leafHash(leaf: Bytes): Bytes {
  return sha256(concat(Uint8Array.of(0), leaf));
}

function nodeHash(left: Bytes, right: Bytes): Bytes {
  return sha256(concat(Uint8Array.of(1), left, right));
}
