// The long work of a verification, shared out among workers: the verifier's page and the committee's use
// the same hands.
//
// Danger: a hand that breaks must not look like one that found nothing. Every job is answered or ends the
// work without a verdict.

import type { Question } from "../verifier/ballot.ts";
import type { Labour } from "../verifier/board.ts";
import {
  type Findings,
  Hand,
  type PanelSums,
  type Refusal,
  type Requests,
  type Slice,
} from "../verifier/hand.ts";
import type { Done, Job } from "./auditing.ts";

/** A hand in another worker; answers come in the order of jobs. */
class Far {
  readonly #port: MessagePort;
  readonly #waiting: { readonly done: (answer: Done) => void; readonly failed: (error: Error) => void }[] =
    [];

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
      this.#waiting.push({
        done: (answer) =>
          answer.did === did
            ? done(answer as Extract<Done, { readonly did: D }>)
            : failed(new Error("another answer")),
        failed,
      });
      this.#port.postMessage(job);
    });
  }
}

/**
 * Hands in other workers: each job goes to the one that has the least to do. `stillWanted` throws where
 * nobody waits any more.
 */
export function together(ports: readonly MessagePort[], stillWanted: () => void): Labour {
  const hands = ports.map((port) => new Far(port));
  const freest = (): Far => {
    stillWanted();
    return hands.reduce((a, b) => (b.waiting < a.waiting ? b : a));
  };
  return {
    hands: hands.length,
    begin: async (question: Question): Promise<void> =>
      void (await Promise.all(hands.map((hand) => hand.ask({ do: "begin", question }, "begin")))),
    ballots: async (slice: Slice): Promise<Findings> =>
      (await freest().ask({ do: "ballots", slice }, "ballots")).findings,
    requests: async (requests: Requests): Promise<Refusal | null> =>
      (await freest().ask({ do: "requests", requests }, "requests")).refusal,
    sums: async (): Promise<readonly PanelSums[]> =>
      (await Promise.all(hands.map((hand) => hand.ask({ do: "sums" }, "sums")))).map((answer) => answer.sums),
  };
}

/** Be a hand: answer what comes in at this port. */
export function serve(port: MessagePort): void {
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
