// What is done with the vectors of clauses 5 and 11 to 13: the twin of ceremonies.py, confirmations.py,
// counts.py, plans.py.

import assert from "node:assert/strict";

import * as agreement from "../src/core/agreement.ts";
import { planAtoms } from "../src/core/atoms.ts";
import { decodeBallot } from "../src/core/ballot.ts";
import { decode, Fields } from "../src/core/canonical.ts";
import * as ceremony from "../src/core/ceremony.ts";
import * as checks from "../src/core/ceremony_checks.ts";
import {
  certificateMessage,
  checkCertificate,
  decodeCertificate,
  encodeCertificate,
} from "../src/core/certificate.ts";
import { Malformed, Rejected } from "../src/core/errors.ts";
import { Point, Scalar } from "../src/core/group.ts";
import { PackedLogarithm } from "../src/core/logarithm.ts";
import { decodeDefinition, decodeManifest } from "../src/core/manifest.ts";
import { type Octets, toHex } from "../src/core/octets.ts";
import { decodePlan } from "../src/core/plan.ts";
import { Sheet } from "../src/core/secret/deal.ts";
import { decryptSums } from "../src/core/secret/decrypt.ts";
import { open, sealWith } from "../src/core/secret/hpke.ts";
import * as shares from "../src/core/shares.ts";
import * as tally from "../src/core/tally.ts";
import { planRound } from "../src/core/together.ts";
import type { Given, Readers } from "./given.ts";

const record = (given: Given): ceremony.Ceremony => {
  const read = checks.decodeCeremony(given.document("ceremony"));
  assert.deepEqual(ceremony.encodeCeremony(read), given.document("ceremony"));
  return read;
};
const definition = (given: Given) => decodeDefinition(given.document("definition"));
const manifest = (given: Given) => decodeManifest(given.document("manifest"));
const first = (given: Given): ceremony.Deal => record(given).deals[0] as ceremony.Deal;
const fields = (given: Given, name: string, check: string): Fields =>
  new Fields(decode(given.document(name), check, name), check, name);
const point = (raw: Octets): Point => Point.decode(raw, "12.3", "given", true);
const points = (given: Given, name: string): Point[] => given.raws(name).map(point);
const encoded = (point: Point): string => toHex(point.encode());
const context = (given: Given): shares.ShareContext => ({
  manifest: given.raw("manifest"),
  board: given.raw("board"),
  plan: given.raw("plan"),
});
const cosigners = (given: Given): agreement.Cosigners => ({
  cosigned: given.value("cosigned"),
  absent: given.value("absent"),
});
const agreedOf = (given: Given): Octets =>
  agreement.agreementHash(given.raw("manifest"), given.raw("board"), given.raw("plan"));
const keysOf = (given: Given, of: Octets): ceremony.ElectionKeys => {
  const { attempt, commits, deals } = record(given);
  return ceremony.electionKeys(of, attempt, commits, deals);
};

export const TRUSTEES: Readers = {
  "5.1-sheet": (given) => {
    const sheet = new Sheet(
      given.raw("seed"),
      definition(given),
      given.value("attempt"),
      given.value("trustee"),
    );
    return { commit: ceremony.commitJson(sheet.commit()) };
  },
  "5.1-record": (given) => {
    checks.checkComplete(record(given), definition(given));
    return {};
  },
  "5.2-commits": (given) => {
    const [{ attempt, commits }, { digest }] = [record(given), definition(given)];
    checks.checkCommits(commits, digest, attempt);
    return { commits: toHex(ceremony.commitsHash(digest, attempt, commits)) };
  },
  "5.3-deal": (given) => {
    checks.checkDeal(first(given), record(given).commits, definition(given), record(given).attempt);
    return {};
  },
  "5.3-own-deal": (given) => {
    const sheet = new Sheet(
      given.raw("seed"),
      definition(given),
      record(given).attempt,
      given.value("trustee"),
    );
    const take = (length: number): Octets => new Uint8Array(length).fill(7);
    const made = ceremony.unsignedDealJson(sheet.deal(record(given).commits, take));
    return { points: made["points"], proofs: made["proofs"] };
  },
  "5.3-transport": (given) => {
    try {
      return {
        text: toHex(open(given.raw("private"), given.raw("info"), given.raw("ciphertext"), "5.5", "share")),
      };
    } catch (error) {
      assert.ok(error instanceof Rejected && error.check === "5.5" && error.where === "share");
      throw new Malformed("5.3", "ciphertext", "does not open");
    }
  },
  "5.3-sealing": (given) => ({
    ciphertext: toHex(
      sealWith(
        given.raw("ephemeral"),
        given.raw("key"),
        given.raw("info"),
        given.raw("text"),
        given.raw("aad"),
      ),
    ),
  }),
  "5.4-possession": (given) => {
    const { attempt, commits } = record(given);
    checks.checkPossession(first(given), ceremony.commitsHash(definition(given).digest, attempt, commits));
    return {};
  },
  "5.5-keys": (given) => ({
    verification_keys: checks.checkKeys(record(given), manifest(given)).verificationKeys.map(encoded),
  }),
  "5.5-share": (given) => {
    const [{ attempt, commits, deals }, m] = [record(given), given.value("trustee") as number];
    const secret = new Sheet(given.raw("seed"), definition(given), attempt, m).secretShare(commits, deals);
    return { secret: toHex(secret.encode()), first: encoded(ceremony.publicShare(first(given).points, m)) };
  },
  "5.6-confirm": (given) => {
    const confirm = checks.readConfirm(fields(given, "confirm", "5.6"));
    assert.deepEqual(
      ceremony.confirmJson(confirm),
      JSON.parse(new TextDecoder().decode(given.document("confirm"))),
    );
    const keys = keysOf(given, manifest(given).definition.digest);
    const { signKey } = checks.commitOf(record(given).commits, confirm.trustee);
    checks.checkConfirm(confirm, keys, signKey, manifest(given));
    const [alpha, beta] = ceremony.rehearsalCiphertext(keys.ceremony, keys.electionKey);
    return { alpha: encoded(alpha), beta: encoded(beta) };
  },
  "5.6-own-confirm": (given) => {
    const [{ attempt, commits, deals }, of] = [record(given), manifest(given)];
    const sheet = new Sheet(given.raw("seed"), of.definition, attempt, given.value("trustee"));
    const confirm = sheet.confirm(commits, deals, keysOf(given, of.definition.digest), of);
    return { confirm: ceremony.confirmJson(confirm) };
  },
  "5.7-rehearsal": (given) => {
    const of = definition(given);
    checks.checkRehearsal(record(given).confirms, keysOf(given, of.digest), of.terms.threshold);
    return {};
  },
  "11.3-own-cosignature": (given) => {
    const m = given.value("trustee") as number;
    const sheet = new Sheet(given.raw("seed"), definition(given), 1, m);
    const agreed = agreedOf(given);
    return {
      agreement: toHex(agreed),
      signature: toHex(sheet.sign(agreement.cosignMessage(agreed, m, given.value("at")))),
    };
  },
  "11.3-agreement": (given) => {
    const read = agreement.decodeAgreement(given.document("agreement"));
    agreement.checkAgreement(read, agreedOf(given), given.raws("keys"), given.value("threshold"));
    assert.deepEqual(agreement.encodeAgreement(read), given.document("agreement"));
    return {};
  },
  "11.4-look-up": (given) => ({
    seconds: Math.floor(
      agreement.lookUpLeft(
        given.value("look_up"),
        given.value("threshold"),
        given.value("cosigned_at"),
        given.value("now"),
        given.value("since"),
      ),
    ),
  }),
  "12.2-cosigners": (given) => {
    const [trustee, members, threshold] = ["trustee", "members", "threshold"].map(
      (name) => given.value(name) as number,
    ) as [number, number, number];
    agreement.checkCosigners(cosigners(given), trustee, members, threshold, "share");
    return {};
  },
  "11.1-together": (given) => {
    const contests = given
      .value("contests")
      .map(([person, panels]: [string, number[]]) => ({ person, panels }));
    const parents = new Map<string, string | null>(Object.entries(given.value("parents")));
    const round = { contests, units: given.value("units"), parents, k: given.value("k") };
    return { contests: planRound(round, given.value("ballots")) };
  },
  "11.5-atoms": (given) => {
    const [ballots, parents] = ["ballots", "parents"].map(
      (name) => new Map(Object.entries(given.value(name))),
    );
    const atoms = planAtoms(
      ballots as Map<string, number>,
      parents as Map<string, string | null>,
      given.value("k"),
    );
    return { atoms: atoms?.map((atom) => atom.panels) ?? null };
  },
  "11.1-plan": (given) => ({ hash: toHex(decodePlan(given.document("plan")).digest) }),
  "11.2-atoms": (given) => {
    decodePlan(given.document("plan")).checkAtoms(definition(given), given.value("ballots"));
    return {};
  },
  "12.1-sums": (given) => {
    const ballots = given.raws("ballots").map((raw) => decodeBallot(raw, manifest(given)));
    const sums = tally.sumsOf(manifest(given), ballots, decodePlan(given.document("plan")));
    return { sums: sums.map((pair) => pair.map(encoded)) };
  },
  "12.1-tally": (given) => {
    const read = tally.decodeTally(given.document("tally"));
    assert.deepEqual(tally.encodeTally(read), given.document("tally"));
    return { sums: read.sums.length, shares: read.shares.length };
  },
  "12.2-own-share": (given) => {
    const sheet = new Sheet(given.raw("seed"), definition(given), 1, given.value("trustee"));
    const secret = Scalar.decode(given.raw("secret"), "12.2", "secret");
    const share = decryptSums(
      sheet,
      secret,
      point(given.raw("verification_key")),
      context(given),
      cosigners(given),
      points(given, "bases"),
    );
    return { share: shares.shareJson(share) };
  },
  "12.2-weights": (given) => {
    const [bases, opened] = [points(given, "bases"), points(given, "points")];
    const key = point(given.raw("verification_key"));
    const h = shares.shareStatement(
      context(given),
      cosigners(given),
      given.value("trustee"),
      key,
      bases,
      opened,
    );
    return {
      h: toHex(h),
      bases: encoded(shares.weighted(h, bases)),
      points: encoded(shares.weighted(h, opened)),
    };
  },
  "12.3-share": (given) => {
    const share = shares.readShare(fields(given, "share", "12.3"));
    const key = point(given.raw("verification_key"));
    shares.checkShare(share, context(given), key, given.raw("sign_key"), points(given, "bases"), "share");
    return {};
  },
  "12.4-coefficient": (given) => ({
    lambda: toHex(shares.coefficient(given.value("trustee"), given.value("trustees")).encode()),
  }),
  "12.4-opening": (given) => {
    const read = tally.decodeTally(given.document("tally"));
    return { opened: tally.openSums(read.sums, read.shares, given.value("threshold")).map(encoded) };
  },
  "12.5-logarithm": (given) => {
    const [levels, ballots] = [given.value("levels") as number, given.value("ballots") as number];
    // Tables of every shape have to find the same: for one sum, and for many.
    const found = [1, 30, 1e6].map(
      (sums) => () => new PackedLogarithm(levels, ballots, sums).solve(point(given.raw("opened")), ballots),
    );
    const counts = (found[0] as () => number[])();
    for (const again of found) assert.deepEqual(again(), counts);
    return { counts };
  },
  "12.5-counts": (given) => {
    tally.checkCounts(
      given.value("counts"),
      points(given, "opened"),
      given.value("ballots"),
      given.value("levels"),
    );
    return {};
  },
  "13.6-certificate": (given) => {
    const certificate = decodeCertificate(given.document("certificate"));
    assert.deepEqual(encodeCertificate(certificate), given.document("certificate"));
    const [board, plan, results, attendance, minutes, text] = [
      "board",
      "plan",
      "results",
      "attendance",
      "minutes",
      "text",
    ].map((name) => given.raw(name)) as [Octets, Octets, Octets, Octets, Octets, Octets];
    const certified = { manifest: given.raw("manifest"), board, plan, results, attendance, minutes, text };
    checkCertificate(certificate, certified, given.raws("keys"), given.value("threshold"));
    return { message: toHex(certificateMessage(certified)) };
  },
};
