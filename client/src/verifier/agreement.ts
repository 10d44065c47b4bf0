// What the committee agreed on before anything was opened, and whom each opening went by (docs/protocol.md
// 11.3, 12.2).

import { type Bytes, u32, utf8 } from "./bytes.ts";
import { checkSignature } from "./ed25519.ts";
import { ascend, Field, moment } from "./fields.ts";
import { digest, transcript } from "./hashing.ts";
import type { Vote } from "./manifest.ts";
import { hold, refuse } from "./refused.ts";
import type { Share } from "./tally.ts";

export interface Cosignature {
  readonly trustee: number;
  readonly at: string;
  readonly signature: Bytes;
}

const MOST = 15;

/** The form of the file: trustees in order, each once. */
export function readAgreement(raw: Bytes): readonly Cosignature[] {
  const it = Field.document(raw, "agreement").object("format", "cosignatures");
  it.format.is("tin-nhiem/agreement/2");
  const found = it.cosignatures.list(0, MOST).map((field) => {
    const { trustee, at, signature } = field.object("trustee", "at", "signature");
    return { trustee: trustee.integer(1, MOST), at: moment(at), signature: signature.hex(64) };
  });
  ascend(found, (a, b) => a.trustee - b.trustee, it.cosignatures.where);
  return found;
}

/** 11.3: each has cosigned this root and plan, and there are t at least. */
export function checkAgreement(
  agreement: readonly Cosignature[],
  vote: Vote,
  root: Bytes,
  plan: Bytes,
  signKeys: readonly Bytes[],
): void {
  const agreed = digest("agreement", vote.hash, root, plan);
  agreement.forEach(({ trustee, at, signature }, i) => {
    const where = `agreement.cosignatures[${i}]`;
    const key = signKeys[trustee - 1] ?? refuse(`${where}.trustee`, "is no trustee of this vote");
    checkSignature(key, transcript("cosign", agreed, u32(trustee), utf8(at)), signature, where);
  });
  hold(
    agreement.length >= vote.threshold,
    "agreement.cosignatures",
    `are ${agreement.length}, ${vote.threshold} are needed`,
  );
}

/**
 * 12.2: each opening went by cosignatures that are there, of q members; with fewer it names all others
 * absent.
 */
export function checkOpenings(shares: readonly Share[], vote: Vote, agreement: readonly Cosignature[]): void {
  const n = vote.trustees.length;
  const enough = Math.ceil((n + vote.threshold) / 2);
  const there = new Set(agreement.map((each) => each.trustee));
  for (const { trustee, cosigned, absent, where } of shares) {
    hold(cosigned.includes(trustee), where, "is by a trustee that has not cosigned");
    ascend(cosigned, (a, b) => a - b, `${where}.cosigned`);
    hold(
      cosigned.every((m) => there.has(m)),
      `${where}.cosigned`,
      "names somebody whose cosignature is not there",
    );
    hold(cosigned.length >= vote.threshold, `${where}.cosigned`, "names fewer than t");
    const others = Array.from({ length: n }, (_, i) => i + 1).filter((m) => !cosigned.includes(m));
    const named = cosigned.length >= enough ? [] : others;
    hold(
      absent.length === named.length && absent.every((m, i) => m === named[i]),
      `${where}.absent`,
      `does not name ${named.length === 0 ? "nobody" : `trustees ${named.join(", ")}`}`,
    );
  }
}

/** The trustees whom any of these shares names absent, in order. */
export function absentOf(shares: readonly Share[]): readonly number[] {
  return [...new Set(shares.flatMap((share) => share.absent))].sort((a, b) => a - b);
}
