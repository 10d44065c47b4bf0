// What a voter's browser keeps between two moments, sealed under the slip's code: who finds the phone without the slip learns
// nothing, not even which vote it was. Marks are kept until the ballot is cast and not a moment longer.

import { gcm } from "@noble/ciphers/aes.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";

import { fromHex, fromText, join, type Octets, toHex } from "../../core/octets.ts";
import { transcript } from "../../core/transcript.ts";

const NONCE = 12;

/** A ballot paper, from before it is asked for until its ballot is in the box. Octets are hex, big numbers decimal. */
export interface Paper {
  readonly manifest: string;
  readonly panel: number;
  /** The private half of the ballot key. */
  readonly seed: string;
  readonly blinded: string;
  readonly inverse: string;
  readonly token: string | null;
  readonly sequence: number;
  /** One a contest: 0 not marked, 1 … L. Empty once cast. */
  readonly marks: readonly number[];
  /** The bytes that are being cast, until the receipt is there. */
  readonly sent: string | null;
  readonly receipt: { readonly digest: string; readonly signature: string | null } | null;
}

/** Text by name; what localStorage and sessionStorage are. */
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
  load(): Paper | null {
    const held = fromHex(this.#drawer.getItem(this.#name) ?? "");
    if (held === null || held.length <= NONCE) return null;
    try {
      const plain = gcm(this.#key, held.slice(0, NONCE)).decrypt(held.slice(NONCE));
      return JSON.parse(new TextDecoder().decode(plain)) as Paper;
    } catch {
      return null;
    }
  }

  /** Put away. Throws what the browser throws when it keeps nothing (a full or forbidden storage). */
  save(paper: Paper): void {
    const nonce = this.#random(NONCE);
    const sealed = gcm(this.#key, nonce).encrypt(fromText(JSON.stringify(paper)));
    this.#drawer.setItem(this.#name, toHex(join(nonce, sealed)));
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
