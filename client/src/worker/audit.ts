// The verifier in a browser: coordinator or hand, as it is told (docs/protocol.md §14). It has the file and no network: the page's policy is its own.
//
// Danger: a hand that breaks must not look like one that found nothing. Every job is answered or ends the verification without a verdict.

import type { Question } from "../verifier/ballot.ts";
import type { Labour } from "../verifier/board.ts";
import { hex } from "../verifier/bytes.ts";
import { type Findings, Hand, type PanelSums, type Refusal, type Requests, type Slice } from "../verifier/hand.ts";
import { sha256 } from "../verifier/hashing.ts";
import { Interrupted, verify } from "../verifier/verify.ts";
import type { Source } from "../verifier/zip.ts";
import type { Done, Job, Said, Task } from "./auditing.ts";

/** A file of the platform, read as pieces are asked for. */
function sourceOf(bundle: Blob): Source {
  const reader = new FileReaderSync();
  return {
    size: bundle.size,
    read: (at, length) => {
      try {
        return new Uint8Array(reader.readAsArrayBuffer(bundle.slice(at, at + length)));
      } catch (error) {
        throw new Interrupted(`the file cannot be read any more (${String(error)})`);
      }
    },
  };
}

const PIECE = 1 << 20;

function hashOf(source: Source): string {
  const hash = sha256.create();
  for (let at = 0; at < source.size; at += PIECE) hash.update(source.read(at, Math.min(PIECE, source.size - at)));
  return hex(hash.digest());
}

/** A hand in another worker; answers come in the order of jobs. */
class Far {
  readonly #port: MessagePort;
  readonly #waiting: { readonly done: (answer: Done) => void; readonly failed: (error: Error) => void }[] = [];

  constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = (event: MessageEvent<Done>): void => {
      const next = this.#waiting.shift();
      if (event.data.did === "broke") next?.failed(new Error(event.data.why));
      else next?.done(event.data);
    };
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  ask<D extends Done["did"]>(job: Job, did: D): Promise<Extract<Done, { readonly did: D }>> {
    return new Promise((done, failed) => {
      this.#waiting.push({ done: (answer) => (answer.did === did ? done(answer as Extract<Done, { readonly did: D }>) : failed(new Error("another answer"))), failed });
      this.#port.postMessage(job);
    });
  }
}

/** Hands in other workers: each job goes to the one that has the least to do. `stillWanted` throws where nobody waits any more. */
function together(ports: readonly MessagePort[], stillWanted: () => void): Labour {
  const hands = ports.map((port) => new Far(port));
  const freest = (): Far => {
    stillWanted();
    return hands.reduce((a, b) => (b.waiting < a.waiting ? b : a));
  };
  return {
    hands: hands.length,
    begin: async (question: Question): Promise<void> => void (await Promise.all(hands.map((hand) => hand.ask({ do: "begin", question }, "begin")))),
    ballots: async (slice: Slice): Promise<Findings> => (await freest().ask({ do: "ballots", slice }, "ballots")).findings,
    requests: async (requests: Requests): Promise<Refusal | null> => (await freest().ask({ do: "requests", requests }, "requests")).refusal,
    sums: async (): Promise<readonly PanelSums[]> => (await Promise.all(hands.map((hand) => hand.ask({ do: "sums" }, "sums")))).map((answer) => answer.sums),
  };
}

function say(said: Said): void {
  postMessage(said);
}

const EVERY = 100;

/** One verification. */
interface Run {
  stopped: boolean;
}

async function coordinate(bundle: Blob, ports: readonly MessagePort[], run: Run): Promise<void> {
  const source = sourceOf(bundle);
  let last = 0;
  const stillWanted = (): void => {
    if (run.stopped) throw new Interrupted("stopped");
  };
  const progress = (check: string, done: number, total: number): void => {
    stillWanted();
    const now = Date.now();
    if (now - last < EVERY) return;
    last = now;
    say({ kind: "progress", check, done, total });
  };
  const report = await verify(source, { labour: together(ports, stillWanted), progress, onFinding: (finding) => !run.stopped && say({ kind: "finding", finding }) });
  if (!run.stopped) say({ kind: "report", report, sha256: hashOf(source) });
  for (const port of ports) port.close();
}

function serve(port: MessagePort): void {
  let hand: Hand | null = null;
  const work = (job: Job): Done => {
    if (job.do === "begin") {
      hand = new Hand(job.question);
      return { did: "begin" };
    }
    if (hand === null) throw new Error("a hand was asked before it knew the question");
    if (job.do === "ballots") return { did: "ballots", findings: hand.ballots(job.slice) };
    if (job.do === "requests") return { did: "requests", refusal: hand.requests(job.requests) };
    return { did: "sums", sums: hand.sums };
  };
  port.onmessage = (event: MessageEvent<Job>): void => {
    let answer: Done;
    try {
      answer = work(event.data);
    } catch (error) {
      answer = { did: "broke", why: String(error) };
    }
    port.postMessage(answer);
  };
}

function hashFor(file: Blob): void {
  try {
    say({ kind: "hash", sha256: hashOf(sourceOf(file)) });
  } catch (error) {
    say({ kind: "broken", why: String(error) });
  }
}

let last: Run = { stopped: true };

onmessage = (event: MessageEvent<Task>): void => {
  const task = event.data;
  if (task.be === "hand") return serve(task.port);
  if (task.be === "hasher") return hashFor(task.file);
  // One verification at a time: whatever ran before is not wanted any more.
  last.stopped = true;
  if (task.be === "stopped") return;
  const run: Run = { stopped: false };
  last = run;
  coordinate(task.bundle, task.hands, run).catch((error: unknown) => {
    if (!run.stopped) say({ kind: "broken", why: String(error) });
  });
};
