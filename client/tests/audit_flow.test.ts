// The verifier's flow without a page: nothing but a report leads to a verdict, and what is stopped stays
// stopped.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Flow, NotOffered, type Offer, type Ports, reportJson, type View } from "../src/pages/audit/flow.ts";
import { WORDS } from "../src/pages/audit/words.ts";
import type { Finding, Report } from "../src/verifier/verify.ts";
import type { Said } from "../src/worker/auditing.ts";

const CHECKS = ["14.1", "4.1", "8.2", "13.6"];
const OFFER: Offer = { address: "/vi/rounds/aa/bundle.zip", size: 4, sha256: "00" };
const bundle = new Blob(["zip!"]);
const passed = (check: string): Finding => ({ check, verdict: "passed", where: null, why: null });
const report: Report = {
  good: true,
  survey: "aa",
  title_vi: "t",
  title_en: "t",
  manifest: "01",
  board: "02",
  ballots: 3,
  cosigned: [{ trustee: 1, name: "Một", at: "2026-11-02T10:40:00Z" }],
  absent: [{ trustee: 2, name: "Hai" }],
  typeset: "99",
  findings: CHECKS.map(passed),
};

interface Told {
  heard: (said: Said) => void;
  stopped: number;
  aborted: boolean;
}

function flow(over: Partial<Ports> = {}): {
  readonly flow: Flow;
  readonly told: Told;
  readonly views: View[];
} {
  const told: Told = { heard: () => undefined, stopped: 0, aborted: false };
  const made = new Flow(
    {
      download: async (_, onBytes, stopped) => {
        stopped.addEventListener("abort", () => (told.aborted = true));
        onBytes(2, 4);
        return bundle;
      },
      verify: (_, heard) => {
        told.heard = heard;
        return { stop: () => void told.stopped++ };
      },
      hash: async () => "99",
      ...over,
    },
    CHECKS,
  );
  const views: View[] = [];
  made.onChange = () => views.push(made.view);
  return { flow: made, told, views };
}

test("a file leads over its findings to its report", () => {
  const { flow: made, told, views } = flow();
  made.verify(bundle, "a.zip");
  for (const check of CHECKS) told.heard({ kind: "finding", finding: passed(check) });
  told.heard({ kind: "progress", check: "8.2", done: 1, total: 2 });
  const shares = views.map((view) => (view.at === "verify" ? view.share : 1));
  assert.ok(shares.every((share) => share >= 0 && share <= 1));
  told.heard({ kind: "report", report, sha256: "ab" });
  assert.deepEqual(made.view, {
    at: "done",
    outcome: { name: "a.zip", report, sha256: "ab", typeset: null },
  });
});

test("the bar goes forward with the checks, and most of the way with the ballots", () => {
  const { flow: made, told } = flow();
  made.verify(bundle, "a.zip");
  const at = (check: string, done: number): number => {
    told.heard({ kind: "progress", check, done, total: 100 });
    return (made.view as View & { at: "verify" }).share;
  };
  const way = [
    at("14.1", 0),
    at("14.1", 50),
    at("4.1", 0),
    at("8.2", 0),
    at("8.2", 50),
    at("8.2", 100),
    at("13.6", 0),
  ];
  assert.deepEqual(
    [...way].sort((a, b) => a - b),
    way,
  );
  assert.ok(at("8.2", 100) - at("8.2", 0) > 0.6);
});

test("the offered bundle is downloaded with a bar and then verified", async () => {
  const { flow: made, views } = flow();
  await made.fetch(OFFER);
  assert.deepEqual(views.slice(0, 2), [
    { at: "download", done: 0, all: 4 },
    { at: "download", done: 2, all: 4 },
  ]);
  assert.equal(made.view.at, "verify");
});

test("what cannot be downloaded, is empty or is interrupted leads back, and to no verdict", async () => {
  const refused = flow({ download: async () => Promise.reject(new NotOffered("status 403")) });
  await refused.flow.fetch(OFFER);
  assert.equal((refused.flow.view as View & { at: "start" }).problem?.name, "NotOffered");
  const lost = flow({ download: async () => Promise.reject(new TypeError("network")) });
  await lost.flow.fetch(OFFER);
  assert.equal((lost.flow.view as View & { at: "start" }).problem?.name, "Offline");
  const { flow: made, told } = flow();
  made.verify(new Blob([]), "empty.zip");
  assert.equal((made.view as View & { at: "start" }).problem?.name, "empty");
  made.verify(bundle, "a.zip");
  told.heard({ kind: "broken", why: "gone" });
  assert.deepEqual(made.view, { at: "start", problem: { name: "broken", why: "gone" } });
});

test("a verification that was stopped is told so, and its late report is not shown", () => {
  const { flow: made, told } = flow();
  made.verify(bundle, "a.zip");
  made.start();
  assert.equal(told.stopped, 1);
  told.heard({ kind: "report", report, sha256: "ab" });
  assert.deepEqual(made.view, { at: "start", problem: null });
});

test("a report that comes after another file was chosen is not shown for it", () => {
  const { flow: made, told } = flow();
  made.verify(bundle, "first.zip");
  const late = told.heard;
  made.verify(bundle, "second.zip");
  assert.equal(told.stopped, 1);
  late({ kind: "report", report, sha256: "ab" });
  assert.equal(made.view.at, "verify");
});

test("a download that was stopped verifies nothing", async () => {
  let give: (blob: Blob) => void = () => undefined;
  const { flow: made, told } = flow({
    download: (_, __, stopped) =>
      new Promise((done) => {
        give = done;
        stopped.addEventListener("abort", () => {
          told.aborted = true;
        });
      }),
  });
  const fetching = made.fetch(OFFER);
  made.start();
  give(bundle);
  await fetching;
  assert.equal(told.aborted, true);
  assert.equal(made.view.at, "start");
});

test("a file of the minutes is compared with what the minutes name", async () => {
  for (const [hash, said] of [
    [async () => "99", "same"],
    [async () => "98", "different"],
    [async () => Promise.reject(new Error("gone")), "unreadable"],
  ] as const) {
    const { flow: made, told } = flow({ hash });
    await made.compare(bundle);
    made.verify(bundle, "a.zip");
    told.heard({ kind: "report", report, sha256: "ab" });
    await made.compare(bundle);
    const view: View = made.view;
    assert.equal(view.at === "done" ? view.outcome.typeset : "", said);
  }
});

test(
  "the report is a document of its own: facts, hash of the file, every check with its title in both " +
    "languages",
  () => {
    const written = JSON.parse(reportJson({ name: "a.zip", report, sha256: "ab", typeset: null }, WORDS));
    assert.deepEqual(Object.keys(written), [
      "good",
      "survey",
      "title_vi",
      "title_en",
      "manifest",
      "board",
      "ballots",
      "cosigned",
      "absent",
      "signatures",
      "bundle_sha256",
      "checks",
    ]);
    assert.deepEqual(written.checks[2], {
      check: "8.2",
      title: WORDS.en["check_8.2"],
      title_vi: WORDS.vi["check_8.2"],
      verdict: "passed",
      where: null,
      why: null,
    });
  },
);
