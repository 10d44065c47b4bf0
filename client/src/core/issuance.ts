// The request for a ballot paper and the file of all requests (docs/protocol.md 7.2, 7.5). Twin of
// surveys/protocol/issuance.py.

import { decode, encode, Fields } from "./canonical.ts";
import { Duplicate, Inconsistent, Malformed, Missing } from "./errors.ts";
import { format } from "./manifest.ts";
import { type Octets, order, toHex, toNumber } from "./octets.ts";
import { currentKeys, type Roll } from "./roll_list.ts";
import { verify } from "./signature.ts";
import { transcript, u32 } from "./transcript.ts";

const ISSUANCE_FORMAT = "tin-nhiem/issuance/2";
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

/** For each panel its requests, sorted by slip key. */
export type Issuance = readonly (readonly IssueRequest[])[];

/** Canonical bytes of the issuance file (7.5). */
export function encodeIssuance(issuance: Issuance): Octets {
  const records = issuance.map((requests) =>
    requests.map((r) => ({ slip: toHex(r.slip), blinded: toHex(r.blinded), signature: toHex(r.signature) })),
  );
  return encode({ format: ISSUANCE_FORMAT, panels: records });
}

export function decodeIssuance(raw: Octets): Issuance {
  const fields = new Fields(decode(raw, "7.5", "issuance"), "7.5", "issuance");
  format(fields, ISSUANCE_FORMAT);
  const issuance = fields
    .objectLists("panels")
    .map((records, p) => records.map((record) => readRequest(p, record)));
  fields.done();
  return issuance;
}

function readRequest(panel: number, fields: Fields): IssueRequest {
  const request = {
    panel,
    slip: fields.hex("slip", 32),
    blinded: fields.hex("blinded", BLINDED_BYTES),
    signature: fields.hex("signature", 64),
  };
  fields.done();
  return request;
}

/** 7.3: each blinded message is above zero and below its panel's modulus, and stands once in the panel. */
export function checkBlinded(issuance: Issuance, moduli: readonly bigint[]): void {
  issuance.forEach((requests, p) => {
    const seen = new Set<string>();
    requests.forEach(({ blinded }, i) => {
      const where = `issuance.panels[${p}][${i}].blinded`;
      const [value, name] = [toNumber(blinded), toHex(blinded)];
      if (value === 0n || value >= (moduli[p] as bigint))
        throw new Malformed("7.3", where, "zero, or not below the modulus");
      if (seen.has(name)) throw new Duplicate("7.3", where, "another slip asked with this message");
      seen.add(name);
    });
  });
}

/** 7.5: sorted, one record a slip, every slip a current one of its panel. */
export function checkIssuance(issuance: Issuance, roll: Roll): void {
  if (issuance.length !== roll.panels.length)
    throw new Inconsistent("7.5", "issuance.panels", "not one list for each panel");
  const current = currentKeys(roll);
  issuance.forEach((requests, p) => {
    const where = (i: number): string => `issuance.panels[${p}][${i}].slip`;
    requests.slice(1).forEach((request, i) => {
      if (order((requests[i] as IssueRequest).slip, request.slip) >= 0) {
        throw new Inconsistent("7.5", where(i + 1), "out of order or repeated");
      }
    });
    const known = current[p] as Set<string>;
    requests.forEach((request, i) => {
      if (!known.has(toHex(request.slip)))
        throw new Missing("7.5", where(i), "not a current slip of this panel");
    });
  });
}
