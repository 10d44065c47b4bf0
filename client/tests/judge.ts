// The second verifier at the end of a pipe: {"path", "without"} in, the report out, a line each. `without`
// names checks that shall refuse nothing.
//
// What was found on a slice of ballots is remembered, so that a thousand bundles that differ elsewhere take
// no longer than they must.

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Question } from "../src/verifier/ballot.ts";
import type { Labour } from "../src/verifier/board.ts";
import { hex } from "../src/verifier/bytes.ts";
import type { Known } from "../src/verifier/case.ts";
import { CHECKS, type Check } from "../src/verifier/checks.ts";
import { type Findings, Hand, type PanelSums, type Refusal } from "../src/verifier/hand.ts";
import { sha256 } from "../src/verifier/hashing.ts";
import { Refused } from "../src/verifier/refused.ts";
import { verify } from "../src/verifier/verify.ts";
import type { Member } from "../src/verifier/zip.ts";

interface Looked {
  readonly findings: Findings;
  readonly sums: PanelSums;
}

const looked = new Map<string, Looked>();
const asked = new Map<string, Refusal | null>();

function named(...things: readonly unknown[]): string {
  const hash = sha256.create();
  for (const each of things)
    hash.update(each instanceof Uint8Array ? each : new TextEncoder().encode(String(each)));
  return hex(hash.digest());
}

/** Hands that remember. */
function remembering(): Labour {
  let [question, about, sums] = [null as Question | null, "", [] as PanelSums[]];
  return {
    hands: 1,
    begin: async (given) => {
      question = given;
      about = named(
        given.hash,
        given.electionKey,
        given.levels,
        JSON.stringify(given.contests),
        given.moduli?.join() ?? "none",
      );
    },
    ballots: async (slice) => {
      const name = named(about, slice.first, ...slice.ballots.flatMap((raw) => [raw.length, ";", raw]));
      let found = looked.get(name);
      if (found === undefined) {
        const hand = new Hand(question as Question);
        found = { findings: hand.ballots(slice), sums: hand.sums };
        looked.set(name, found);
      }
      sums.push(found.sums);
      return found.findings;
    },
    requests: async (requests) => {
      const name = named(
        about,
        requests.panel,
        requests.first,
        ...requests.issued.flatMap(({ slip, blinded, signature }) => [slip, blinded, signature]),
      );
      let found = asked.get(name);
      if (found === undefined) {
        found = new Hand(question as Question).requests(requests);
        asked.set(name, found);
      }
      return found;
    },
    sums: async () => sums,
  };
}

const CEREMONY = ["manifest.json", "ceremony.json"] as const;
const TALLY = [...CEREMONY, "board.bin", "plan.json", "tally.json"] as const;
/** Checks that take long, the members they read (and those of the checks they need), and what they leave. */
const LONG: Readonly<Record<string, readonly [readonly Member[], readonly (keyof Known)[]]>> = {
  "5.2": [CEREMONY, ["signKeys"]],
  "5.3": [CEREMONY, ["points"]],
  "5.4": [CEREMONY, []],
  "5.5": [CEREMONY, ["keys"]],
  "5.6": [CEREMONY, []],
  "5.7": [CEREMONY, []],
  "12.3": [TALLY, ["shares"]],
  "12.5": [TALLY, ["counts"]],
};

interface Judged {
  readonly left: readonly (readonly [keyof Known, unknown])[];
  readonly refused: Refused | null;
}

const judged = new Map<string, Judged>();

/** The check, not made again on the same members. A check that is not reached is asked each time. */
function remembered(number: string, check: Check): Check {
  const long = LONG[number];
  if (long === undefined) return check;
  const [members, leaves] = long;
  return async (on) => {
    const name = named(number, ...members.flatMap((member) => [";", on.read(member)]));
    let before = judged.get(name);
    if (before === undefined) {
      let refused: Refused | null = null;
      try {
        await check(on);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        refused = error;
      }
      before = {
        left: leaves.map((each) => [each, on.found(each)] as const).filter(([, value]) => value !== null),
        refused,
      };
      judged.set(name, before);
    }
    for (const [each, value] of before.left) on.leave(each, value as Known[typeof each]);
    if (before.refused !== null) throw before.refused;
  };
}

/** The check, made to refuse nothing. */
function blind(check: Check): Check {
  return async (on) => {
    try {
      await check(on);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { path, without } = JSON.parse(line) as {
    readonly path: string;
    readonly without: readonly string[];
  };
  // A check that looks away changes what later ones are given, so nothing is remembered then.
  const made = (number: string, check: Check): Check =>
    without.length === 0 ? remembered(number, check) : without.includes(number) ? blind(check) : check;
  const checks = CHECKS.map(([number, check]) => [number, made(number, check)] as const);
  const file = openSync(path, "r");
  const source = {
    size: fstatSync(file).size,
    read: (at: number, length: number) => {
      const raw = new Uint8Array(length);
      readSync(file, raw, 0, length, at);
      return raw;
    },
  };
  const report = await verify(source, { labour: remembering(), checks });
  closeSync(file);
  console.log(JSON.stringify(report));
}
