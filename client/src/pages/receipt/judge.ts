// A receipt held against the box, or against the sealed board (docs/protocol.md 9.5, 15.5).
//
// Danger: a ballot that is not there was replaced by its own voter, or dropped. Only the whole board tells
// which, so this never says "missing" of 9.5, and says what to do in either case.

import { writeCode } from "../../core/codes.ts";
import { BadSignature, Malformed, Rejected } from "../../core/errors.ts";
import type { Manifest } from "../../core/manifest.ts";
import { same } from "../../core/octets.ts";
import { checkReceipt, findReceipt, type Promised } from "../../core/receipt.ts";
import { type Bucket, bucketOf, type Found, findIn } from "../booth/look.ts";

const TRACKER_BYTES = 10;

/** What the page says; `tracker` where the receipt is the box's own. */
export type Judged =
  | { readonly verdict: "unreadable" | "another" | "forged" }
  | { readonly verdict: "falseAnswer"; readonly tracker: string; readonly check: string }
  | { readonly verdict: "found"; readonly tracker: string; readonly found: Found };

/** Judge what somebody chose or pasted. Throws what `bucket`, the wire, throws. */
export async function judge(
  text: string,
  manifest: Manifest,
  bucket: (prefix: string) => Promise<Bucket>,
): Promise<Judged> {
  const said = receiptIn(text);
  if (said === null) return { verdict: "unreadable" };
  if (!same(said.manifest, manifest.hash)) return { verdict: "another" };
  if (!isSigned(said, manifest)) return { verdict: "forged" };
  const tracker = said.digest.slice(0, TRACKER_BYTES);
  const answer = await bucket(bucketOf(tracker, manifest));
  try {
    return { verdict: "found", tracker: writeCode(tracker), found: findIn(answer, tracker, manifest) };
  } catch (error) {
    if (error instanceof Rejected)
      return { verdict: "falseAnswer", tracker: writeCode(tracker), check: error.check };
    throw error;
  }
}

function receiptIn(text: string): Promised | null {
  try {
    return findReceipt(text);
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}

function isSigned(said: Promised, manifest: Manifest): boolean {
  try {
    checkReceipt(manifest.definition.terms.boxKey, said);
    return true;
  } catch (error) {
    if (error instanceof BadSignature) return false;
    throw error;
  }
}
