// The certificate under a count's papers (docs/protocol.md 13.6). Twin of surveys/protocol/certificate.py.

import { decode, encode, Fields } from "./canonical.ts";
import { format } from "./manifest.ts";
import { type Octets, toHex } from "./octets.ts";
import { verify } from "./signature.ts";
import { transcript } from "./transcript.ts";

const CERTIFICATE_FORMAT = "tin-nhiem/certificate/1";

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

/** The certificate file: who signed what. */
export interface Certificate extends PaperHashes {
  readonly trustee: number;
  readonly signature: Octets;
}

/** What the trustee signs. */
export function certificateMessage(certified: Certified): Octets {
  const { manifest, board, plan, results, attendance, minutes, text } = certified;
  return transcript("certificate", manifest, board, plan, results, attendance, minutes, text);
}

/** The certificate from a trustee's signature over `certificateMessage(certified)`. */
export function certificateOf(trustee: number, certified: Certified, signature: Octets): Certificate {
  const { results, attendance, minutes, text } = certified;
  return { trustee, results, attendance, minutes, text, signature };
}

/** Canonical bytes of the file. */
export function encodeCertificate(certificate: Certificate): Octets {
  return encode({
    format: CERTIFICATE_FORMAT,
    trustee: certificate.trustee,
    results: toHex(certificate.results),
    attendance: toHex(certificate.attendance),
    minutes: toHex(certificate.minutes),
    text: toHex(certificate.text),
    signature: toHex(certificate.signature),
  });
}

export function decodeCertificate(raw: Octets): Certificate {
  const fields = new Fields(decode(raw, "13.6", "certificate"), "13.6", "certificate");
  format(fields, CERTIFICATE_FORMAT);
  const certificate = {
    trustee: fields.integer("trustee", 1, 15),
    results: fields.hex("results", 32),
    attendance: fields.hex("attendance", 32),
    minutes: fields.hex("minutes", 32),
    text: fields.hex("text", 32),
    signature: fields.hex("signature", 64),
  };
  fields.done();
  return certificate;
}

/** 13.6: `certified` holds the hashes of the files at hand. */
export function checkCertificate(certificate: Certificate, certified: Certified, signKey: Octets): void {
  verify(signKey, certificateMessage(certified), certificate.signature, "13.6", "certificate.signature");
}
