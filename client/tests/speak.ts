// The TypeScript core at the end of a pipe: a job a line in, an answer a line out. For tests/client, which
// hold it against Python.

import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";

import { checkProofs, checkSignature, checkToken, decodeBallot, tokenMessage } from "../src/core/ballot.ts";
import { decode } from "../src/core/canonical.ts";
import { decodeCheckpoint } from "../src/core/checkpoint.ts";
import { readCode, readSheet } from "../src/core/codes.ts";
import { checkDefinition } from "../src/core/definition.ts";
import { LookUpTime, RefusedByTrustee, Rejected, TooFewCosigned } from "../src/core/errors.ts";
import { Point, Scalar } from "../src/core/group.ts";
import { decodeManifest, type Manifest } from "../src/core/manifest.ts";
import { fromHex, fromNumber, type Octets, toHex, toNumber } from "../src/core/octets.ts";
import { blind, finalize } from "../src/core/secret/blind.ts";
import { sealBody, signBody } from "../src/core/secret/encrypt.ts";
import { SlipKey } from "../src/core/secret/slip_key.ts";
import { publicKey, verify } from "../src/core/signature.ts";
import { decodeKey } from "../src/core/token.ts";
import { findIn } from "../src/pages/booth/look.ts";
import { judge } from "../src/pages/receipt/judge.ts";
import { NotHeld } from "../src/verifier/examine.ts";
import { TRUSTEE_JOBS } from "./speak_of_trustees.ts";

type Job = Readonly<Record<string, string>>;

let manifest: Manifest;
const random = (length: number): Octets => new Uint8Array(randomBytes(length));

function hex(job: Job, name: string): Octets {
  const raw = fromHex(job[name] ?? "-");
  if (raw === null) throw new RangeError(`${name} is not hex`);
  return raw;
}

const JOBS: Readonly<Record<string, (job: Job) => unknown>> = {
  manifest: (job) => {
    manifest = decodeManifest(hex(job, "raw"));
    checkDefinition(manifest.definition);
    return toHex(manifest.hash);
  },
  ballot: (job) => {
    const ballot = decodeBallot(hex(job, "raw"), manifest);
    checkToken(ballot, manifest);
    checkSignature(ballot);
    checkProofs(ballot, manifest);
    return toHex(ballot.digest);
  },
  point: (job) => toHex(Point.decode(hex(job, "raw"), "2.1", "point").encode()),
  scalar: (job) => toHex(Scalar.decode(hex(job, "raw"), "2.2", "scalar").encode()),
  canonical: (job) => {
    decode(hex(job, "raw"), "3.1", "document");
    return "";
  },
  code: (job) => toHex(readCode(job["text"] ?? "")),
  sheet: (job) => toHex(readSheet(job["text"] ?? "")),
  checkpoint: (job) => toHex(decodeCheckpoint(hex(job, "raw")).encode()),
  signature: (job) => {
    verify(hex(job, "key"), hex(job, "message"), hex(job, "signature"), "1.2", "signature");
    return "";
  },
  blind: (job) => {
    const panel = Number(job["panel"]);
    const [seed, slip] = [random(32), new SlipKey(hex(job, "code"), manifest.definition.terms.survey)];
    const key = decodeKey(manifest.definition.panel(panel).tokenKey);
    const made = blind(key, tokenMessage(manifest.hash, panel, publicKey(seed)), random);
    const request = slip.request(manifest.hash, panel, made.message);
    const inverse = toHex(fromNumber(made.inverse, 256));
    return {
      seed: toHex(seed),
      inverse,
      slip: toHex(request.slip),
      blinded: toHex(made.message),
      signature: toHex(request.signature),
    };
  },
  vote: (job) => {
    const [panel, seed] = [Number(job["panel"]), hex(job, "seed")];
    const key = decodeKey(manifest.definition.panel(panel).tokenKey);
    const kept = { message: new Uint8Array(), inverse: toNumber(hex(job, "inverse")) };
    const token = finalize(
      key,
      tokenMessage(manifest.hash, panel, publicKey(seed)),
      hex(job, "answer"),
      kept,
    );
    const marks = (job["marks"] ?? "").split("").map(Number);
    return toHex(
      signBody(sealBody(manifest.question(panel), panel, marks, publicKey(seed), 1, random), seed, token),
    );
  },
  judged: async (job) => {
    const said = await judge(job["text"] ?? "", manifest, async () => JSON.parse(job["bucket"] ?? "{}"));
    return said.verdict === "found" ? said.found.at : said.verdict;
  },
  look: (job) => findIn(JSON.parse(job["bucket"] ?? ""), hex(job, "tracker"), manifest).at,
  ...TRUSTEE_JOBS,
};

async function answer(line: string): Promise<unknown> {
  const job = JSON.parse(line) as Job;
  try {
    const run = JOBS[job["do"] ?? ""];
    if (run === undefined) throw new RangeError("no such job");
    return { ok: await run(job) };
  } catch (error) {
    if (error instanceof Rejected) return { refused: `${error.name} ${error.check} ${error.where}` };
    if (error instanceof NotHeld) return { refused: `NotHeld ${error.check} ${error.where}` };
    if (error instanceof TooFewCosigned) return { refused: error.name, why: error.missing.join(" ") };
    if (error instanceof LookUpTime) return { refused: error.name, why: String(error.seconds) };
    if (error instanceof RefusedByTrustee) return { refused: error.name, why: error.message };
    throw error;
  }
}

for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(await answer(line))}\n`);
