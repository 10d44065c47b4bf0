// The box's receipt (docs/protocol.md 9.3). Twin of surveys/protocol/receipt.py.

import type { Octets } from "./octets.ts";
import { verify } from "./signature.ts";
import { transcript } from "./transcript.ts";

export function receiptMessage(manifest: Octets, digest: Octets): Octets {
  return transcript("receipt", manifest, digest);
}

export function checkReceipt(boxKey: Octets, manifest: Octets, digest: Octets, receipt: Octets): void {
  verify(boxKey, receiptMessage(manifest, digest), receipt, "9.3", "receipt");
}
