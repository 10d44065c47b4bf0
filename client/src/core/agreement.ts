// What members agree on before anything is opened: one board under one plan (docs/protocol.md 11.3, 11.4,
// 12.2). Twin of agreement.py. Danger: a server that shows two boards to two halves of a committee and gets
// both opened reads a single ballot off the difference.

import { decode, encode, Fields, type JsonObject } from "./canonical.ts";
import { Inconsistent, Malformed, Missing } from "./errors.ts";
import { format, isInstant } from "./manifest.ts";
import { fromText, join, type Octets, toHex } from "./octets.ts";
import { verify } from "./signature.ts";
import { digest, transcript, u32 } from "./transcript.ts";

const AGREEMENT_FORMAT = "tin-nhiem/agreement/2";
export const MOST_MEMBERS = 15;

/** A of 11.3. */
export function agreementHash(manifest: Octets, board: Octets, plan: Octets): Octets {
  return digest("agreement", manifest, board, plan);
}

/** q of 12.2: so many cosigners that two boards cannot both have. */
export function cosignersNeeded(members: number, threshold: number): number {
  return Math.ceil((members + threshold) / 2);
}

/** A member has checked everything up to 11.2 and agrees to this board and plan; `at` by its own clock. */
export interface Cosignature {
  readonly trustee: number;
  readonly at: string;
  readonly signature: Octets;
}

export function cosignatureJson({ trustee, at, signature }: Cosignature): JsonObject {
  return { trustee, at, signature: toHex(signature) };
}

/** What a member signs (11.3). */
export function cosignMessage(agreed: Octets, trustee: number, at: string): Octets {
  return transcript("cosign", agreed, u32(trustee), fromText(at));
}

export function checkCosignature(given: Cosignature, agreed: Octets, signKey: Octets, where: string): void {
  const message = cosignMessage(agreed, given.trustee, given.at);
  verify(signKey, message, given.signature, "11.3", `${where}.signature`);
}

function readCosignature(fields: Fields): Cosignature {
  const [trustee, at] = [fields.integer("trustee", 1, MOST_MEMBERS), fields.text("at", 20)];
  if (!isInstant(at)) throw new Malformed(fields.check, `${fields.where}.at`, "not YYYY-MM-DDThh:mm:ssZ");
  const read = { trustee, at, signature: fields.hex("signature", 64) };
  fields.done();
  return read;
}

/** Canonical bytes of agreement.json. */
export function encodeAgreement(cosignatures: readonly Cosignature[]): Octets {
  const listed = [...cosignatures].sort((a, b) => a.trustee - b.trustee);
  return encode({ format: AGREEMENT_FORMAT, cosignatures: listed.map(cosignatureJson) });
}

/** Strictly: ascending trustees, each once (11.3). */
export function decodeAgreement(raw: Octets): Cosignature[] {
  const fields = new Fields(decode(raw, "11.3", "agreement"), "11.3", "agreement");
  format(fields, AGREEMENT_FORMAT);
  const read = fields.objects("cosignatures", MOST_MEMBERS).map(readCosignature);
  fields.done();
  if (read.some((each, i) => i > 0 && (read[i - 1] as Cosignature).trustee >= each.trustee)) {
    throw new Inconsistent("11.3", "agreement.cosignatures", "not in ascending order");
  }
  return read;
}

/** 11.3: every cosignature holds, and there are t at least. */
export function checkAgreement(
  cosignatures: readonly Cosignature[],
  agreed: Octets,
  signKeys: readonly Octets[],
  threshold: number,
): void {
  cosignatures.forEach((each, i) => {
    const where = `agreement.cosignatures[${i}]`;
    const key = signKeys[each.trustee - 1];
    if (key === undefined) throw new Missing("11.3", `${where}.trustee`, "no such trustee");
    checkCosignature(each, agreed, key, where);
  });
  if (cosignatures.length < threshold) {
    throw new Missing(
      "11.3",
      "agreement.cosignatures",
      `${cosignatures.length} cosignatures, not ${threshold}`,
    );
  }
}

/**
 * Seconds of the look-up time that are left (11.4): from the client's own first sight, or from the t-th
 * cosignature.
 */
export function lookUpLeft(
  lookUp: number,
  threshold: number,
  cosignedAt: readonly string[],
  now: string,
  since: string,
): number {
  const begun = [since, ...[...cosignedAt].sort().slice(threshold - 1, threshold)];
  const passed = (Date.parse(now) - Math.min(...begun.map((each) => Date.parse(each)))) / 1000;
  return Math.max(0, 60 * lookUp - passed);
}

/** Whom an opening member goes by (12.2): whose cosignatures it has checked, and whom it names absent. */
export interface Cosigners {
  readonly cosigned: readonly number[];
  readonly absent: readonly number[];
}

export function readCosigners(fields: Fields): Cosigners {
  return { cosigned: readMembers(fields, "cosigned"), absent: readMembers(fields, "absent") };
}

function readMembers(fields: Fields, name: string): number[] {
  const numbers = fields.integers(name, MOST_MEMBERS);
  if (numbers.some((each) => each < 1 || each > MOST_MEMBERS)) {
    throw new Malformed(fields.check, `${fields.where}.${name}`, "not numbers of members");
  }
  return numbers;
}

/** The two fields of a share's statement. */
export function encodeCosigners({ cosigned, absent }: Cosigners): [Octets, Octets] {
  return [join(...cosigned.map(u32)), join(...absent.map(u32))];
}

/**
 * Who is named absent where these have cosigned: nobody from q on, else all others. Throws Inconsistent
 * under t.
 */
export function cosignersOf(
  cosigned: readonly number[],
  members: number,
  threshold: number,
  where = "agreement",
): Cosigners {
  const inOrder = cosigned.every((each, i) => i === 0 || (cosigned[i - 1] as number) < each);
  if (!inOrder || cosigned.length < threshold || (cosigned.at(-1) as number) > members) {
    throw new Inconsistent("12.2", where, `not ${threshold} members or more, each once and in order`);
  }
  const others = Array.from({ length: members }, (_, i) => i + 1).filter((m) => !cosigned.includes(m));
  return { cosigned, absent: cosigned.length >= cosignersNeeded(members, threshold) ? [] : others };
}

/** 12.2 of one share, but for whether those have cosigned. */
export function checkCosigners(
  given: Cosigners,
  trustee: number,
  members: number,
  threshold: number,
  where: string,
): void {
  if (!given.cosigned.includes(trustee)) {
    throw new Inconsistent("12.2", `${where}.cosigned`, "opened without having cosigned");
  }
  const { absent } = cosignersOf(given.cosigned, members, threshold, `${where}.cosigned`);
  if (absent.length !== given.absent.length || absent.some((m, i) => m !== given.absent[i])) {
    throw new Inconsistent("12.2", `${where}.absent`, "not the members that this share must name absent");
  }
}
