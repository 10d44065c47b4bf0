// DANGER. A trustee's partial decryption of the sums (docs/protocol.md 12.2). The secret share would open any
// ballot if it were used on one: it is only used on the sums of a plan that the trustee has recomputed
// (trustee.ts). Twin of decrypt.py.

import type { Cosigners } from "../agreement.ts";
import { baseMultiply, type Point, type Scalar } from "../group.ts";
import {
  type Share,
  type ShareContext,
  shareChallenge,
  shareMessage,
  shareStatement,
  weighted,
} from "../shares.ts";
import type { Sheet } from "./deal.ts";

/** The share of all sums with its proof; `key` is the trustee's verification key Y_m. The same each time. */
export function decryptSums(
  sheet: Sheet,
  secretShare: Scalar,
  key: Point,
  context: ShareContext,
  cosigners: Cosigners,
  bases: readonly Point[],
  onOpened: (sums: number) => void = () => undefined,
): Share {
  const points = bases.map((base, s) => {
    const point = base.times(secretShare);
    onOpened(s + 1);
    return point;
  });
  const h = shareStatement(context, cosigners, sheet.trustee, key, bases, points);
  const base = weighted(h, bases);
  const w = sheet.shareNonce(h);
  const [g, a] = [baseMultiply(w), base.times(w)];
  const proof = { g, a, response: w.plus(shareChallenge(h, g, a).times(secretShare)) };
  return { trustee: sheet.trustee, cosigners, points, proof, signature: sheet.sign(shareMessage(h, proof)) };
}
