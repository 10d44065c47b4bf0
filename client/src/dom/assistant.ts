// A worker that is asked one thing at a time. One that is missing, fails or stays silent ends the question
// with an error, and another takes its place at the next one: nobody waits for ever.

/** Seconds without a word, counted only while this page runs: a device that sleeps is not silent. */
const PATIENCE = 120;

interface Question<Said> {
  readonly hear: (said: Said) => void;
  readonly failed: (error: Error) => void;
}

export class Assistant<Job, Said> {
  readonly #make: () => Worker;
  readonly #patience: number;
  #worker: Worker | null = null;
  #asked: Question<Said> | null = null;

  constructor(make: () => Worker, patience = PATIENCE) {
    this.#make = make;
    this.#patience = patience;
  }

  /** Ask; everything that is said goes to `hear`, until it gives something back: the answer. */
  ask<Answer>(job: Job, given: Transferable[], hear: (said: Said) => Answer | null): Promise<Answer> {
    return new Promise((done, failed) => {
      let silent = 0;
      const ticking = setInterval(() => {
        silent += 1;
        if (silent > this.#patience) this.fail(new Error("the worker is silent"));
      }, 1000);
      const end = (): void => {
        clearInterval(ticking);
        this.#asked = null;
      };
      this.#asked = {
        hear: (said) => {
          silent = 0;
          const answer = hear(said);
          if (answer === null) return;
          end();
          done(answer);
        },
        failed: (error) => {
          end();
          failed(error);
        },
      };
      try {
        this.#ready().postMessage(job, given);
      } catch (error) {
        this.fail(error as Error);
      }
    });
  }

  /** What was asked has no answer; the next question goes to a new worker. */
  fail(error: Error): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#asked?.failed(error);
  }

  #ready(): Worker {
    if (this.#worker !== null) return this.#worker;
    const worker = this.#make();
    worker.onmessage = (event: MessageEvent<Said>) => this.#asked?.hear(event.data);
    worker.onerror = (event) => this.fail(new Error(event.message || "the worker did not start"));
    this.#worker = worker;
    return worker;
  }
}
