// The vectors of tests/vectors whose facts a verifier needs, read by the second verifier: the same files, the
// same verdicts.
//
// Which check refuses is said by the verifier that runs it; here a function of it holds or refuses.

import assert from "node:assert/strict";
import { test } from "node:test";

import { checkAgreement, checkOpenings, readAgreement } from "../src/verifier/agreement.ts";
import { planned } from "../src/verifier/atoms.ts";
import {
  ballotDigest,
  decodeBallot,
  placeOfRow,
  pointsInRow,
  proofTerms,
  type Question,
} from "../src/verifier/ballot.ts";
import { hex, littleEndian } from "../src/verifier/bytes.ts";
import {
  checkCommits,
  checkDeals,
  checkKeys,
  checkPossession,
  lagrange,
  readCeremony,
} from "../src/verifier/ceremony.ts";
import { readCheckpoint } from "../src/verifier/checkpoint.ts";
import { POINT } from "../src/verifier/curve.ts";
import { checkSignature } from "../src/verifier/ed25519.ts";
import { Hand, weights } from "../src/verifier/hand.ts";
import { digest, transcript } from "../src/verifier/hashing.ts";
import { type Json, readDocument, writeDocument } from "../src/verifier/json.ts";
import { checkConsistency, readManifest, type Vote } from "../src/verifier/manifest.ts";
import { Tree } from "../src/verifier/merkle.ts";
import { textOf } from "../src/verifier/minutes_text.ts";
import { sumOfMultiples } from "../src/verifier/multiples.ts";
import { Refused, refuse } from "../src/verifier/refused.ts";
import type { Entry } from "../src/verifier/results.ts";
import {
  encode,
  GENERATOR,
  isIdentity,
  modulo,
  readPoint,
  readScalar,
  sum,
  weighted,
} from "../src/verifier/ristretto.ts";
import {
  checkIssuance,
  checkReplaced,
  checkRequest,
  checkRoll,
  readIssuance,
  readRoll,
} from "../src/verifier/roll.ts";
import type { Share } from "../src/verifier/tally.ts";
import { readTokenKey } from "../src/verifier/tokens.ts";
import type { Given, Readers } from "./given.ts";
import { comparable, vectorsIn } from "./vector_files.ts";

const root = (leaves: readonly Uint8Array[]): Uint8Array => {
  const tree = new Tree();
  for (const leaf of leaves) tree.add(leaf);
  return tree.root();
};

/** A manifest around a definition, where a vector has nothing but the definition. */
const voteOf = (given: Given): Vote => {
  if (given.has("manifest")) return checkConsistency(readManifest(given.document("manifest")));
  const definition = readDocument(given.document("definition"), "definition");
  const around: Json = {
    format: "tin-nhiem/manifest/2",
    definition,
    election_key: hex(encode(GENERATOR)),
    ceremony: "00".repeat(32),
  };
  return checkConsistency(readManifest(writeDocument(around)));
};

const questionOf = (given: Given): Question => {
  const vote = voteOf(given);
  const moduli = vote.panels.map(({ tokenKey }) => readTokenKey(tokenKey, "token_key"));
  return {
    hash: vote.hash,
    electionKey: vote.electionKeyBytes,
    levels: vote.rule.levels.length,
    contests: vote.panels.map(({ contests }) => contests),
    moduli,
  };
};

/** What a hand says of one ballot under one check. */
const judged = (check: "8.3" | "8.4" | "8.5") => (given: Given) => {
  const { refusals } = new Hand(questionOf(given)).ballots({ first: 0, ballots: [given.raw("ballot")] });
  const found = refusals["8.2"] ?? refusals[check];
  if (found !== undefined) refuse(found.where, found.why);
  return {};
};

/** An entry of the results file, as the verifier would have computed it. */
interface Row {
  readonly name: string;
  readonly unit: string;
  readonly returned: number;
  readonly levels: Readonly<Record<string, number>>;
  readonly percent: Readonly<Record<string, string | null>>;
  readonly not_marked: number;
  readonly denominator: { readonly n: number };
  readonly outcome: string;
  readonly withheld: object | null;
}

const entryOf = (row: Row): Entry => {
  const { name, unit, returned, levels, percent, outcome } = row;
  const figures = { returned, levels, percent, outcome, notMarked: row.not_marked };
  const counted = row.withheld === null ? { ...figures, denominator: row.denominator.n } : null;
  return { contest: { name, unit }, counted } as unknown as Entry;
};

const READERS: Readers = {
  "11.1-together": (given) => {
    const bytes = (text: string): Buffer => Buffer.from(text, "utf8");
    const units = Object.entries(given.value("parents"))
      .map(([code, parent]) => ({ code, parent: parent as string | null }))
      .sort((a, b) => Buffer.compare(bytes(a.code), bytes(b.code)));
    const contests = given
      .value("contests")
      .map(([person, panels]: [string, number[]]) => ({ person, panels }));
    const panels = given.value("units").map((unit: string) => ({ unit }));
    const open = new Map(planned({ k: given.value("k"), units, panels, contests }, given.value("ballots")));
    return { contests: contests.map((_: unknown, c: number) => open.get(c) ?? null) };
  },
  "1-transcript": (given) => ({
    transcript: hex(transcript(given.value("label"), ...given.raws("fields"))),
    digest: hex(digest(given.value("label"), ...given.raws("fields"))),
  }),
  "1.2-signature": (given) => {
    checkSignature(given.raw("key"), given.raw("message"), given.raw("signature"), "signature");
    return {};
  },
  "2.1-point": (given) => ({
    encoding: hex(
      encode(readPoint(given.raw("encoding"), "point", given.has("identity") && given.value("identity"))),
    ),
  }),
  "2.1-addition": (given) => {
    const [a, b] = ["a", "b"].map((name) => readPoint(given.raw(name), name, true)) as [
      Float64Array,
      Float64Array,
    ];
    return { sum: hex(encode(sum(a, b))), difference: hex(encode(weighted([1n, a], [-1n, b]))) };
  },
  "2.2-scalar": (given) => {
    const n = readScalar(given.raw("encoding"), "scalar");
    return { encoding: hex(Uint8Array.from({ length: 32 }, (_, i) => Number((n >> BigInt(8 * i)) & 255n))) };
  },
  "3.1-canonical": (given) => ({ value: readDocument(given.raw("bytes"), "document") }),
  "3.1-encode": (given) => ({ bytes: hex(writeDocument(given.value("value") as Json)) }),
  "4.1-form": (given) => {
    readManifest(given.document("manifest"));
    return {};
  },
  "4.2-consistency": (given) => {
    voteOf(given);
    return {};
  },
  "4.3-definition-hash": (given) => ({ digest: hex(voteOf(given).definition) }),
  "4.4-manifest-hash": (given) => {
    const manifest = readManifest(given.document("manifest"));
    return { hash: hex(manifest.hash), digest: hex(manifest.definition) };
  },
  "11.3-agreement": (given) => {
    const trustees = given.raws("keys").map((_, i) => String(i));
    const vote = { hash: given.raw("manifest"), threshold: given.value("threshold"), trustees };
    const agreement = readAgreement(given.document("agreement"));
    checkAgreement(
      agreement,
      vote as unknown as Vote,
      given.raw("board"),
      given.raw("plan"),
      given.raws("keys"),
    );
    return {};
  },
  "12.2-cosigners": (given) => {
    const [cosigned, absent] = [given.value("cosigned"), given.value("absent")] as [number[], number[]];
    const share = { trustee: given.value("trustee"), cosigned, absent, where: "share" };
    const members = given.value("members") as number;
    const trustees = Array.from({ length: members }, (_, i) => String(i));
    const everybody = trustees.map((_, i) => ({ trustee: i + 1, at: "", signature: new Uint8Array() }));
    const vote = { threshold: given.value("threshold"), trustees };
    checkOpenings([share as unknown as Share], vote as unknown as Vote, everybody);
    return {};
  },
  "13.5-text": (given) => ({
    text: textOf(voteOf(given), (given.value("contests") as Row[]).map(entryOf), given.value("minutes")),
  }),
  "5.1-record": (given) => {
    readCeremony(given.document("ceremony"), voteOf(given));
    return {};
  },
  "5.2-commits": (given) => {
    const vote = voteOf(given);
    const ceremony = readCeremony(given.document("ceremony"), vote);
    checkCommits(vote, ceremony);
    const { attempt, commitsJson } = ceremony;
    return {
      commits: hex(
        digest(
          "ceremony/commits",
          vote.definition,
          Uint8Array.of(0, 0, 0, attempt),
          writeDocument(commitsJson),
        ),
      ),
    };
  },
  "5.3-deal": (given) => {
    const vote = voteOf(given);
    checkDeals(vote, readCeremony(given.document("ceremony"), vote));
    return {};
  },
  "5.4-possession": (given) => {
    const vote = voteOf(given);
    checkPossession(vote, readCeremony(given.document("ceremony"), vote));
    return {};
  },
  "5.5-keys": (given) => {
    const vote = voteOf(given);
    const ceremony = readCeremony(given.document("ceremony"), vote);
    const points = ceremony.deals.map((deal) => deal.points.map(({ point }) => point));
    return { verification_keys: checkKeys(vote, ceremony, points).verificationBytes.map(hex) };
  },
  "6.3-root": (given) => ({ root: hex(root(given.raws("keys").sort((a, b) => (hex(a) < hex(b) ? -1 : 1)))) }),
  "6.3-roll": (given) => {
    const vote = voteOf(given);
    checkRoll(readRoll(given.document("roll"), vote), vote);
    return {};
  },
  "7.1-token-key": (given) => ({ modulus: readTokenKey(given.raw("key"), "key").toString(16) }),
  "7.2-request": (given) => {
    const [panel, slip, blinded] = [given.value("panel") as number, given.raw("slip"), given.raw("blinded")];
    checkRequest(
      given.raw("manifest"),
      panel,
      { slip, blinded, signature: given.raw("signature") },
      "request",
    );
    const number = Uint8Array.of(panel >>> 24, panel >>> 16, panel >>> 8, panel);
    return { message: hex(transcript("issue", given.raw("manifest"), number, slip, blinded)) };
  },
  "8.2-decode": (given) => {
    const ballot = decodeBallot(given.raw("ballot"), questionOf(given), "ballot");
    return { panel: ballot.panel, key: hex(ballot.key), sequence: ballot.sequence, rows: ballot.rows };
  },
  "8.3-token": judged("8.3"),
  "8.4-signature": judged("8.4"),
  "8.5-proof": judged("8.5"),
  "8.7-tracker": (given) => ({ digest: hex(ballotDigest(given.raw("ballot"))) }),
  "10.2-root": (given) => ({ root: hex(root(given.raws("leaves"))) }),
  "10.2-checkpoint": (given) => {
    const { origin, size, root: head, extension, body, signatures } = readCheckpoint(given.document("note"));
    return {
      origin,
      size,
      root: hex(head),
      extensions: extension,
      body: hex(body),
      signatures: signatures.map((line) => ({
        name: line.name,
        id: hex(line.keyId),
        signature: hex(line.signature),
      })),
    };
  },
  "12.4-coefficient": (given) => {
    const n = lagrange(given.value("trustee"), given.value("trustees"));
    return { lambda: hex(Uint8Array.from({ length: 32 }, (_, i) => Number((n >> BigInt(8 * i)) & 255n))) };
  },
};

/** Vectors that say more than a verifier's function gives back: compared in what it gives. */
const shared = (given: Json, ours: Json): Json =>
  given === null || typeof given !== "object" || Array.isArray(given)
    ? given
    : Object.fromEntries(
        Object.keys(ours as object).map((name) => [name, (given as Record<string, Json>)[name] as Json]),
      );

for (const [folder, read] of Object.entries(READERS)) {
  test(folder, () => {
    const vectors = vectorsIn(folder);
    assert.ok(vectors.length > 0);
    for (const { where, given, expect, gives } of vectors) {
      if (expect === "ok") {
        const ours = comparable(read(given));
        assert.deepEqual(ours, shared(comparable(gives), ours), where);
      } else
        assert.throws(
          () => read(given),
          (error: unknown) => error instanceof Refused,
          where,
        );
    }
  });
}

test("the files of roll and issuance", () => {
  for (const { where, given, expect } of vectorsIn("7.5-issuance")) {
    const panels = (JSON.parse(new TextDecoder().decode(given.document("roll"))) as { panels: unknown[] })
      .panels.length;
    const vote = { panels: Array.from({ length: panels }) } as unknown as Vote;
    const run = (): void =>
      checkIssuance(readIssuance(given.document("issuance"), vote), readRoll(given.document("roll"), vote));
    if (expect === "ok") run();
    else assert.throws(run, (error: unknown) => error instanceof Refused, where);
  }
  for (const { where, given, expect, check } of vectorsIn("6.4-replaced")) {
    const panels = (JSON.parse(new TextDecoder().decode(given.document("roll"))) as { panels: unknown[] })
      .panels.length;
    const vote = { panels: Array.from({ length: panels }) } as unknown as Vote;
    const run = (): void => checkReplaced(readRoll(given.document("roll"), vote));
    if (expect === "ok") run();
    else assert.throws(run, (error: unknown) => error instanceof Refused, `${where} ${check}`);
  }
});

test("errors that cancel each other pass under equal weights, and not under those that a hand draws", () => {
  const { given } = vectorsIn("8.5-proof").find((vector) => vector.expect === "ok") as { given: Given };
  const question = questionOf(given);
  const raw = given.raw("ballot").slice();
  // z₀ + 1 and z₁ − 1 of the first row: the challenge is not over them.
  const at = placeOfRow(0, question.levels) + 32 * (pointsInRow(question.levels) + question.levels);
  for (const [place, step] of [
    [at, 1n],
    [at + 32, -1n],
  ] as const) {
    const shifted = modulo(littleEndian(raw.subarray(place, place + 32)) + step);
    for (let i = 0; i < 32; i++) raw[place + i] = Number((shifted >> BigInt(8 * i)) & 255n);
  }
  const ballot = decodeBallot(raw, question, "ballot");
  const sumUnder = (weight: () => bigint): Float64Array => {
    const { generator, electionKey, points } = proofTerms(question, ballot, weight);
    const all = new Float64Array((points.length + 2) * POINT);
    all.set(ballot.points);
    all.set(GENERATOR, points.length * POINT);
    all.set(readPoint(question.electionKey, "key"), (points.length + 1) * POINT);
    return sumOfMultiples(all, [...points, generator, electionKey]);
  };
  assert.ok(isIdentity(sumUnder(() => 1n)));
  assert.ok(!isIdentity(sumUnder(weights([]))));
  const { refusals } = new Hand(question).ballots({ first: 0, ballots: [raw] });
  assert.match(refusals["8.5"]?.where ?? "", /board\[0\]/);
});

test("weights are new each time, and never the same for two hands", () => {
  const [one, two] = [weights([]), weights([])];
  const drawn = Array.from({ length: 200 }, () => [one(), two()]).flat();
  assert.equal(new Set(drawn).size, drawn.length);
  assert.ok(drawn.every((n) => n < 2n ** 128n) && drawn.some((n) => n > 2n ** 120n));
});
