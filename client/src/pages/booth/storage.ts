// What a voter's browser keeps (docs/protocol.md 8.11), sealed under the slip's code: who finds the device
// without the slip learns nothing, not even which vote it was.
//
// Danger: a browser's storage is append-only for whoever reads the disk, and a code can be found. So there is
// no field here from which a mark follows: no marks, no randomness, no seed of one.

import { gcm } from "@noble/ciphers/aes.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";

import { fromHex, fromText, join, type Octets, toHex } from "../../core/octets.ts";
import { transcript } from "../../core/transcript.ts";

const NONCE = 12;

/** A ballot paper, from just before it is asked for. Octets are hex, big numbers decimal. */
export interface Kept {
  readonly manifest: string;
  readonly panel: number;
  /** The private half of the ballot key. */
  readonly seed: string;
  /** Of `body`; without one, of the ballot that the receipt is for. */
  readonly sequence: number;
  /** The blinded message and the inverse of its blind, until the token is there. */
  readonly request: { readonly blinded: string; readonly inverse: string } | null;
  readonly token: string | null;
  /** A sealed ballot that is not cast. */
  readonly body: string | null;
  /** The bytes that are being cast, until the receipt is there. */
  readonly sent: string | null;
  readonly receipt: {
    readonly digest: string;
    readonly signature: string | null;
    readonly sequence: number;
  } | null;
}

/** Text by name; what localStorage is. */
export interface Drawer {
  getItem(name: string): string | null;
  setItem(name: string, text: string): void;
  removeItem(name: string): void;
}

/** One slip's place in a drawer. */
export class Safe {
  readonly #drawer: Drawer;
  readonly #key: Octets;
  readonly #name: string;
  readonly #random: (length: number) => Octets;

  constructor(drawer: Drawer, code: Octets, survey: Octets, random: (length: number) => Octets) {
    this.#drawer = drawer;
    this.#random = random;
    this.#key = hkdf(sha256, code, survey, transcript("booth/key"), 32);
    this.#name = `tn-${toHex(hkdf(sha256, code, survey, transcript("booth/name"), 12))}`;
  }

  /** The name of the lock that one tab at a time holds. */
  get name(): string {
    return this.#name;
  }

  /** What was put away; null where there is nothing that this code opens. */
  load(): Kept | null {
    const held = fromHex(this.#drawer.getItem(this.#name) ?? "");
    if (held === null || held.length <= NONCE) return null;
    try {
      const plain = gcm(this.#key, held.slice(0, NONCE)).decrypt(held.slice(NONCE));
      return JSON.parse(new TextDecoder().decode(plain)) as Kept;
    } catch {
      return null;
    }
  }

  /** Put away. Throws where the browser keeps nothing: a full or forbidden storage, or one that forgets. */
  save(kept: Kept): void {
    const nonce = this.#random(NONCE);
    const sealed = gcm(this.#key, nonce).encrypt(fromText(JSON.stringify(kept)));
    const text = toHex(join(nonce, sealed));
    this.#drawer.setItem(this.#name, text);
    if (this.#drawer.getItem(this.#name) !== text) throw new Error("what was put away is not there");
  }

  clear(): void {
    this.#drawer.removeItem(this.#name);
  }
}

/** A drawer that lasts as long as the page: for browsers that keep nothing. */
export class Pocket implements Drawer {
  readonly #held = new Map<string, string>();

  getItem(name: string): string | null {
    return this.#held.get(name) ?? null;
  }

  setItem(name: string, text: string): void {
    this.#held.set(name, text);
  }

  removeItem(name: string): void {
    this.#held.delete(name);
  }
}
