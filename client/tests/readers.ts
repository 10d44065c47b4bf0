// What is done with the vectors of each folder: the twin of tests/vectors/facts.

import assert from "node:assert/strict";

import * as ballots from "../src/core/ballot.ts";
import { leafOf, placeIn } from "../src/core/board.ts";
import { decode, encode, Fields, type Json } from "../src/core/canonical.ts";
import { decodeCheckpoint } from "../src/core/checkpoint.ts";
import { encryption, statement } from "../src/core/choice_proof.ts";
import * as codes from "../src/core/codes.ts";
import {
  type Contest,
  checkDefinition,
  contestJson,
  entryHash,
  formHash,
  panelJson,
  unitJson,
} from "../src/core/definition.ts";
import { checkForm, decodeForm } from "../src/core/form.ts";
import { baseMultiply, hashToPoint, Point, Scalar } from "../src/core/group.ts";
import {
  checkBlinded,
  checkIssuance,
  checkRequest,
  decodeIssuance,
  encodeIssuance,
  issueMessage,
} from "../src/core/issuance.ts";
import { lookUpEntry } from "../src/core/look_up.ts";
import { decodeDefinition, decodeManifest, type Manifest } from "../src/core/manifest.ts";
import * as merkle from "../src/core/merkle.ts";
import { fromNumber, type Octets, toHex, toNumber } from "../src/core/octets.ts";
import { checkReceipt, readReceipt, receiptMessage } from "../src/core/receipt.ts";
import { checkReplaced, checkRoll, currentKeys, decodeRoll, rollRoot } from "../src/core/roll_list.ts";
import { blindWith, finalize } from "../src/core/secret/blind.ts";
import { sealBody, seeded, signBody } from "../src/core/secret/encrypt.ts";
import { SlipKey } from "../src/core/secret/slip_key.ts";
import { publicKey, sign, verify } from "../src/core/signature.ts";
import * as token from "../src/core/token.ts";
import { challenge, digest, hash64, transcript } from "../src/core/transcript.ts";
import { inWords, wordsOf } from "../src/core/words.ts";
import type { Given, Readers } from "./given.ts";
import { TRUSTEES } from "./readers_of_trustees.ts";

const manifest = (given: Given): Manifest => decodeManifest(given.document("manifest"));
const ballot = (given: Given): ballots.Ballot => ballots.decodeBallot(given.raw("ballot"), manifest(given));
const rsa = (given: Given): token.PublicKey =>
  given.has("key")
    ? token.decodeKey(given.raw("key"))
    : { n: toNumber(given.raw("n")), e: toNumber(given.raw("e")) };
const blinded = (given: Given) =>
  blindWith(rsa(given), given.raw("message"), given.raw("salt"), toNumber(given.raw("blind")));
const signer = (check: string) => (given: Given) => {
  decodeCheckpoint(given.document("note")).checkSignature(given.value("signer"), given.raw("key"), check);
  return {};
};

export const READERS: Readers = {
  "1-transcript": (given) => {
    const [label, fields] = [given.value("label") as string, given.raws("fields")];
    return {
      transcript: toHex(transcript(label, ...fields)),
      digest: toHex(digest(label, ...fields)),
      hash64: toHex(hash64(label, ...fields)),
      challenge: toHex(challenge(label, ...fields).encode()),
    };
  },
  "1.5-words": (given) => ({
    words: wordsOf(given.raw("hash")),
    written: inWords(given.raw("hash")),
  }),
  "1.2-signature": (given) => {
    verify(given.raw("key"), given.raw("message"), given.raw("signature"), "1.2", "signature");
    return {};
  },
  "1.2-sign": (given) => ({
    key: toHex(publicKey(given.raw("seed"))),
    signature: toHex(sign(given.raw("seed"), given.raw("message"))),
  }),
  "2.1-point": (given) => ({
    encoding: toHex(Point.decode(given.raw("encoding"), "2.1", "point", given.value("identity")).encode()),
  }),
  "2.1-multiple": (given) => {
    const scalar = Scalar.decode(given.raw("scalar"), "2.2", "scalar");
    const point = Point.decode(given.raw("point"), "2.1", "point");
    return { product: toHex(point.times(scalar).encode()), base: toHex(baseMultiply(scalar).encode()) };
  },
  "2.1-addition": (given) => {
    const [a, b] = ["a", "b"].map((name) => Point.decode(given.raw(name), "2.1", name, true)) as [
      Point,
      Point,
    ];
    return { sum: toHex(a.plus(b).encode()), difference: toHex(a.minus(b).encode()) };
  },
  "2.1-hash-to-point": (given) => ({ point: toHex(hashToPoint(given.raw("uniform")).encode()) }),
  "2.2-scalar": (given) => ({
    encoding: toHex(Scalar.decode(given.raw("encoding"), "2.2", "scalar").encode()),
  }),
  "2.3-wide-reduction": (given) => ({ scalar: toHex(Scalar.reduce(given.raw("bytes")).encode()) }),
  "3.1-canonical": (given) => ({ value: decode(given.raw("bytes"), "3.1", "document") }),
  "3.1-encode": (given) => ({ bytes: toHex(encode(given.value("value") as Json)) }),
  "3.2-fields": (given) => {
    const fields = new Fields(decode(given.document("document"), "3.2", "document"), "3.2", "document");
    const read = {
      text: fields.text("text", 10),
      count: fields.integer("count", 0, 9),
      hash: toHex(fields.hex("hash", 2)),
    };
    fields.done();
    return read;
  },
  "4.1-form": (given) => {
    manifest(given);
    return {};
  },
  "4.2-consistency": (given) => {
    checkDefinition(decodeDefinition(given.document("definition")));
    return {};
  },
  "4.3-definition-hash": (given) => ({
    digest: toHex(decodeDefinition(given.document("definition")).digest),
  }),
  "4.4-manifest-hash": (given) => ({
    hash: toHex(manifest(given).hash),
    digest: toHex(manifest(given).definition.digest),
  }),
  "4.5-roots": (given) => {
    const { terms } = decodeDefinition(given.document("definition"));
    const units = terms.units.map((unit) => entryHash(unitJson(unit)));
    const contests = terms.contests.map((contest) => entryHash(contestJson(contest)));
    const of = (hashes: readonly Octets[]) => [hashes.length, toHex(merkle.rootOfHashes(hashes))];
    const unit = (code: string) => units[terms.units.findIndex((each) => each.code === code)] as Octets;
    const forms = terms.panels.map((panel) => {
      const seen = panel.contests.flatMap((c) => [
        contests[c] as Octets,
        unit((terms.contests[c] as Contest).unit),
      ]);
      return toHex(formHash(unit(panel.unit), seen));
    });
    return {
      units: of(units),
      panels: of(terms.panels.map((panel) => entryHash(panelJson(panel)))),
      contests: of(contests),
      forms,
    };
  },
  "4.6-form": (given) => {
    const form = decodeForm(given.document("form"));
    checkForm(form, { size: given.value("size"), root: given.raw("root") });
    return { panel: form.panel };
  },
  "6.1-slip-key": (given) => {
    const key = new SlipKey(given.raw("code"), given.raw("survey"));
    return { public: toHex(key.public), signature: toHex(key.sign(given.raw("message"))) };
  },
  "6.2-code": (given) => {
    const raw = codes.readCode(given.value("text"));
    return { code: toHex(raw), written: codes.writeCode(raw) };
  },
  "6.2-sheet": (given) => {
    const raw = codes.readSheet(given.value("text"));
    return { seed: toHex(raw), written: codes.writeSheet(raw).join(" ") };
  },
  "6.3-root": (given) => ({ root: toHex(rollRoot(given.raws("keys"))) }),
  "6.3-roll": (given) => {
    checkRoll(decodeRoll(given.document("roll")), manifest(given).definition);
    return {};
  },
  "6.4-replaced": (given) => {
    const roll = decodeRoll(given.document("roll"));
    checkReplaced(roll);
    return { current: currentKeys(roll).map((keys) => [...keys].sort()) };
  },
  "7.1-token-key": (given) => ({ modulus: token.decodeKey(given.raw("key")).n.toString(16) }),
  "7.2-token-message": (given) => ({
    message: toHex(
      ballots.tokenMessage(given.raw("manifest"), given.value("panel"), given.raw("ballot_key")),
    ),
  }),
  "7.2-blind": (given) => {
    const made = blinded(given);
    return { blinded: toHex(made.message), inverse: toHex(fromNumber(made.inverse, made.message.length)) };
  },
  "7.2-encoding": (given) => ({
    encoded: toHex(token.emsaPss(given.raw("message"), given.value("bits"), given.raw("salt"))),
  }),
  "7.2-request": (given) => {
    const [panel, slip, asked] = [given.value("panel") as number, given.raw("slip"), given.raw("blinded")];
    checkRequest({ panel, slip, blinded: asked, signature: given.raw("signature") }, given.raw("manifest"));
    return { message: toHex(issueMessage(given.raw("manifest"), panel, slip, asked)) };
  },
  "7.3-blinded": (given) => {
    const keys = given.raws("keys").map((key) => token.decodeKey(key).n);
    checkBlinded(decodeIssuance(given.document("issuance")), keys);
    return {};
  },
  "7.5-issuance": (given) => {
    const issuance = decodeIssuance(given.document("issuance"));
    assert.deepEqual(encodeIssuance(issuance), given.document("issuance"));
    checkIssuance(issuance, decodeRoll(given.document("roll")));
    return { issued: issuance.map((requests) => requests.length) };
  },
  "7.4-finalize": (given) => ({
    token: toHex(finalize(rsa(given), given.raw("message"), given.raw("answer"), blinded(given))),
  }),
  "8.3-verify": (given) => {
    token.verify(rsa(given), given.raw("message"), given.raw("token"));
    return {};
  },
  "8.2-decode": (given) => {
    const read = ballot(given);
    const c = ballots.proofChallenge(manifest(given).hash, read, read.rows.map(statement));
    return {
      panel: read.panel,
      key: toHex(read.key),
      sequence: read.sequence,
      rows: read.rows.length,
      challenge: toHex(c.encode()),
    };
  },
  "8.3-token": (given) => {
    ballots.checkToken(ballot(given), manifest(given));
    return {};
  },
  "8.4-signature": (given) => {
    ballots.checkSignature(ballot(given));
    return {};
  },
  "8.5-proof": (given) => {
    ballots.checkProofs(ballot(given), manifest(given));
    return {};
  },
  "8.5-encryption": (given) => {
    const stream = given.raw("random");
    let at = 0;
    const take = (length: number): Octets => {
      at += length;
      return stream.slice(at - length, at);
    };
    const [panel, marks, sequence] = ["panel", "choices", "sequence"].map((name) => given.value(name));
    const sealed = sealBody(
      manifest(given).question(panel),
      panel,
      marks,
      given.raw("ballot_key"),
      sequence,
      take,
    );
    if (at !== stream.length) throw new Error("randomness is left over");
    return { ballot: toHex(signBody(sealed, given.raw("ballot_seed"), given.raw("token"))) };
  },
  "8.5-plaintext": (given) => {
    const key = Point.decode(given.raw("election_key"), "8.5", "election_key");
    const [alpha, beta] = encryption(key, given.value("choice"), Scalar.decode(given.raw("r"), "8.5", "r"));
    return { alpha: toHex(alpha.encode()), beta: toHex(beta.encode()) };
  },
  "8.6-unique": (given) => {
    const of = manifest(given);
    ballots.checkUnique(
      given.raws("ballots").map((raw, i) => [`board[${i}]`, ballots.decodeBallot(raw, of)] as const),
    );
    return {};
  },
  "8.7-tracker": (given) => {
    const read = ballot(given);
    return {
      digest: toHex(read.digest),
      tracker: toHex(read.tracker),
      written: codes.writeCode(read.tracker),
    };
  },
  "8.8-opening": (given) => {
    const randomness = given.raws("randomness").map((raw) => Scalar.decode(raw, "8.8", "opening.randomness"));
    const read = ballots.checkOpening(given.raw("body"), given.value("choices"), randomness, manifest(given));
    return { tracker: toHex(read.tracker) };
  },
  "8.9-seeded": (given) => {
    const [panel, marks, sequence] = ["panel", "choices", "sequence"].map((name) => given.value(name));
    const draw = seeded(given.raw("seed"));
    const { body } = sealBody(
      manifest(given).question(panel),
      panel,
      marks,
      given.raw("ballot_key"),
      sequence,
      draw,
    );
    return { body: toHex(body) };
  },
  "9.3-own-receipt": (given) => {
    const named = [given.raw("manifest"), given.raw("digest"), given.raw("ballot_key")] as const;
    const message = receiptMessage(...named, given.value("sequence"));
    const seed = given.raw("seed");
    return { key: toHex(publicKey(seed)), message: toHex(message), receipt: toHex(sign(seed, message)) };
  },
  "9.3-receipt": (given) => {
    checkReceipt(given.raw("key"), {
      manifest: given.raw("manifest"),
      digest: given.raw("digest"),
      key: given.raw("ballot_key"),
      sequence: given.value("sequence"),
      signature: given.raw("receipt"),
    });
    return {};
  },
  "9.5-written": (given) => {
    const said = readReceipt(given.value("text"));
    return {
      manifest: toHex(said.manifest),
      digest: toHex(said.digest),
      ballot_key: toHex(said.key),
      sequence: said.sequence,
      receipt: toHex(said.signature),
    };
  },
  "10.2-leaf": (given) => ({ leaf: toHex(leafOf(given.raw("ballot"))) }),
  "15.5-bucket": (given) => {
    const found = { first: given.value("first"), leaves: given.raws("leaves"), proof: given.raws("proof") };
    return { place: placeIn(found, given.raw("tracker"), given.value("size"), given.raw("root")) };
  },
  "15.5-entry": (given) => ({ entry: toHex(lookUpEntry(given.raw("salt"), given.raw("tracker"))) }),
  "10.2-root": (given) => ({ root: toHex(merkle.root(given.raws("leaves"))) }),
  "10.2-inclusion": (given) => {
    const [index, size] = [given.value("index") as number, given.value("size") as number];
    merkle.checkInclusion(given.raw("leaf"), index, size, given.raws("proof"), given.raw("root"));
    return {};
  },
  "10.2-inclusion-proof": (given) => ({
    proof: merkle.inclusionProof(given.raws("leaves"), given.value("index")).map(toHex),
  }),
  "10.2-consistency": (given) => {
    const [first, second] = [given.value("first") as number, given.value("second") as number];
    merkle.checkConsistency(first, second, given.raw("root1"), given.raw("root2"), given.raws("proof"));
    return {};
  },
  "10.2-consistency-proof": (given) => ({
    proof: merkle.consistencyProof(given.raws("leaves"), given.value("first")).map(toHex),
  }),
  "10.2-checkpoint": (given) => {
    const note = decodeCheckpoint(given.document("note"));
    return {
      origin: note.checkpoint.origin,
      size: note.checkpoint.size,
      root: toHex(note.checkpoint.root),
      extensions: note.checkpoint.extensions,
      body: toHex(note.checkpoint.body()),
      signatures: note.signatures.map((each) => ({
        name: each.name,
        id: toHex(each.keyId),
        signature: toHex(each.signature),
      })),
    };
  },
  "10.3-box-signature": signer("10.3"),
  "10.4-cosignature": signer("10.4"),
  ...TRUSTEES,
};
