// DANGER. A slip's code and the key that follows from it (docs/protocol.md 6.1). Whoever has the code can
// take this voter's ballot paper; it never leaves the page.

import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";

import { type IssueRequest, issueMessage } from "../issuance.ts";
import type { Octets } from "../octets.ts";
import { publicKey, sign } from "../signature.ts";
import { transcript } from "../transcript.ts";

export class SlipKey {
  readonly #seed: Octets;
  readonly public: Octets;

  /** The key of a code (10 bytes) in a survey (16 bytes). */
  constructor(code: Octets, survey: Octets) {
    if (code.length !== 10 || survey.length !== 16)
      throw new RangeError("a slip code has 10 bytes and a survey id 16");
    this.#seed = hkdf(sha256, code, survey, transcript("slip"), 32);
    this.public = publicKey(this.#seed);
  }

  sign(message: Octets): Octets {
    return sign(this.#seed, message);
  }

  /** The signed request for a ballot paper (7.2). */
  request(manifest: Octets, panel: number, blinded: Octets): IssueRequest {
    const signature = this.sign(issueMessage(manifest, panel, this.public, blinded));
    return { panel, slip: this.public, blinded, signature };
  }
}
