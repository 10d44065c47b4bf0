// The certificate under a count's papers (docs/protocol.md 13.6). Twin of surveys/protocol/certificate.py.

import { MOST_MEMBERS } from "./agreement.ts";
import { decode, encode, Fields } from "./canonical.ts";
import { Inconsistent, Missing } from "./errors.ts";
import { format } from "./manifest.ts";
import { type Octets, same, toHex } from "./octets.ts";
import { verify } from "./signature.ts";
import { transcript } from "./transcript.ts";

const CERTIFICATE_FORMAT = "tin-nhiem/certificate/2";

/** SHA-256 of the four files. */
export interface PaperHashes {
  readonly results: Octets;
  readonly attendance: Octets;
  readonly minutes: Octets;
  readonly text: Octets;
}

/** What is certified: M, board root, P and the four files. */
export interface Certified extends PaperHashes {
  readonly manifest: Octets;
  readonly board: Octets;
  readonly plan: Octets;
}

/** One trustee's signature under the papers. */
export interface Certifying {
  readonly trustee: number;
  readonly signature: Octets;
}

/** The certificate file: which papers, and who signed them, in ascending order. */
export interface Certificate extends PaperHashes {
  readonly signatures: readonly Certifying[];
}

/** What a trustee signs. */
export function certificateMessage(certified: Certified): Octets {
  const { manifest, board, plan, results, attendance, minutes, text } = certified;
  return transcript("certificate", manifest, board, plan, results, attendance, minutes, text);
}

/** Canonical bytes of the file. */
export function encodeCertificate(certificate: Certificate): Octets {
  return encode({
    format: CERTIFICATE_FORMAT,
    results: toHex(certificate.results),
    attendance: toHex(certificate.attendance),
    minutes: toHex(certificate.minutes),
    text: toHex(certificate.text),
    signatures: certificate.signatures.map(({ trustee, signature }) => ({
      trustee,
      signature: toHex(signature),
    })),
  });
}

/** Strictly: ascending trustees, each once (13.6). */
export function decodeCertificate(raw: Octets): Certificate {
  const fields = new Fields(decode(raw, "13.6", "certificate"), "13.6", "certificate");
  format(fields, CERTIFICATE_FORMAT);
  const certificate = {
    results: fields.hex("results", 32),
    attendance: fields.hex("attendance", 32),
    minutes: fields.hex("minutes", 32),
    text: fields.hex("text", 32),
    signatures: fields.objects("signatures", MOST_MEMBERS).map(readCertifying),
  };
  fields.done();
  const { signatures } = certificate;
  if (signatures.some((each, i) => i > 0 && (signatures[i - 1] as Certifying).trustee >= each.trustee)) {
    throw new Inconsistent("13.6", "certificate.signatures", "not in ascending order of trustees");
  }
  return certificate;
}

function readCertifying(fields: Fields): Certifying {
  const read = {
    trustee: fields.integer("trustee", 1, MOST_MEMBERS),
    signature: fields.hex("signature", 64),
  };
  fields.done();
  return read;
}

/** 13.6: `certified` holds the hashes of the files at hand. */
export function checkCertificate(
  certificate: Certificate,
  certified: Certified,
  signKeys: readonly Octets[],
  threshold: number,
): void {
  for (const name of ["results", "attendance", "minutes", "text"] as const) {
    if (!same(certificate[name], certified[name])) {
      throw new Inconsistent("13.6", `certificate.${name}`, "not the hash of the file at hand");
    }
  }
  const message = certificateMessage(certified);
  certificate.signatures.forEach(({ trustee, signature }, i) => {
    const where = `certificate.signatures[${i}]`;
    const key = signKeys[trustee - 1];
    if (key === undefined) throw new Missing("13.6", `${where}.trustee`, "no such trustee");
    verify(key, message, signature, "13.6", `${where}.signature`);
  });
  if (certificate.signatures.length < threshold) {
    const why = `${certificate.signatures.length} signatures, not ${threshold}`;
    throw new Missing("13.6", "certificate.signatures", why);
  }
}
