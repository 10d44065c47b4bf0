// What a member has checked of a board, remembered beyond a reload (docs/protocol.md 11.3): slices of ballots
// and of requests, each by a seal over its very bytes. Another byte, another vote, another member or another
// program is another seal.
//
// Danger: whoever could write a seal into the browser's store could make a member sign a board that nobody
// has checked. So seals are made with a key that follows from the member's sheet, which no store holds.

import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";

import type { Labour } from "../verifier/board.ts";
import { type Bytes, hex, u32, utf8 } from "../verifier/bytes.ts";
import type { Findings, Requests, Slice } from "../verifier/hand.ts";
import { transcript } from "../verifier/hashing.ts";

export interface Memory {
  /** Of the member's sheet and the vote. */
  readonly key: Bytes;
  /** The hash of the program that checks: what an older one has checked is checked again. */
  readonly program: string;
  /** The seals that the browser has kept. */
  readonly kept: ReadonlySet<string>;
  readonly keep: (seal: string) => void;
}

/** The same hands; what they have found good before is not checked again, only counted. */
export function remembering(labour: Labour, { key, program, kept, keep }: Memory): Labour {
  const seal = (label: string, ...parts: readonly Bytes[]): string =>
    hex(hmac(sha256, key, transcript(`checked/${label}`, utf8(program), ...parts)));
  return {
    ...labour,
    ballots: async (slice: Slice): Promise<Findings> => {
      const made = seal("ballots", ...slice.ballots);
      if (kept.has(made)) return labour.ballots({ ...slice, passed: true });
      const findings = await labour.ballots(slice);
      if (Object.keys(findings.refusals).length === 0) keep(made);
      return findings;
    },
    requests: async (requests: Requests) => {
      const records = requests.issued.flatMap((each) => [each.slip, each.blinded, each.signature]);
      const made = seal("requests", u32(requests.panel), ...records);
      if (kept.has(made)) return null;
      const refusal = await labour.requests(requests);
      if (refusal === null) keep(made);
      return refusal;
    },
  };
}
