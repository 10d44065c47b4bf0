// The request for a ballot paper (docs/protocol.md 7.2). Twin of the part of surveys/protocol/issuance.py that a voter needs.

import { Malformed } from "./errors.ts";
import type { Octets } from "./octets.ts";
import { verify } from "./signature.ts";
import { transcript, u32 } from "./transcript.ts";

export const BLINDED_BYTES = 256;

export interface IssueRequest {
  readonly panel: number;
  readonly slip: Octets;
  readonly blinded: Octets;
  readonly signature: Octets;
}

/** What the slip key signs. */
export function issueMessage(manifest: Octets, panel: number, slip: Octets, blinded: Octets): Octets {
  return transcript("issue", manifest, u32(panel), slip, blinded);
}

/** What the slip key signs to learn its panel (15.2). */
export function panelMessage(manifest: Octets, slip: Octets): Octets {
  return transcript("panel", manifest, slip);
}

export function checkRequest(request: IssueRequest, manifest: Octets, where = "request"): void {
  if (request.slip.length !== 32 || request.blinded.length !== BLINDED_BYTES) {
    throw new Malformed("7.2", where, "a field of the wrong length");
  }
  const message = issueMessage(manifest, request.panel, request.slip, request.blinded);
  verify(request.slip, message, request.signature, "7.2", `${where}.signature`);
}
