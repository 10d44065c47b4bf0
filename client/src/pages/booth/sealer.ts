// The worker that seals ballots, loaded with the page: from the review to the cast nothing is fetched. A
// worker that is missing, fails or stays silent is replaced by the same program in the page itself, loaded
// before as well.

import type { Sealed, SealJob } from "../../worker/sealing.ts";

const PATIENCE = 60_000;

export class Sealer {
  readonly #address: string;
  readonly #here: string;
  #worker: Worker | null = null;

  /** `address` is the worker's, `here` that of the same program as a module. */
  constructor(address: string, here: string) {
    this.#address = address;
    this.#here = here;
    try {
      this.#ready();
    } catch {
      void this.#inPage(); // no workers here: load what takes its place
    }
  }

  async seal(job: SealJob): Promise<Sealed> {
    try {
      return await this.#byWorker(job);
    } catch {
      this.#worker?.terminate();
      this.#worker = null;
      const { sealed } = await this.#inPage();
      return sealed(job);
    }
  }

  #ready(): Worker {
    this.#worker ??= new Worker(this.#address);
    return this.#worker;
  }

  #byWorker(job: SealJob): Promise<Sealed> {
    return new Promise((done, failed) => {
      const at = this.#ready();
      const silent = setTimeout(() => failed(new Error("the worker is silent")), PATIENCE);
      const over = (): void => clearTimeout(silent);
      at.onmessage = (event: MessageEvent<Sealed>) => {
        over();
        done(event.data);
      };
      at.onerror = (event) => {
        over();
        failed(new Error(event.message));
      };
      at.postMessage(job);
    });
  }

  #inPage(): Promise<{ readonly sealed: (job: SealJob) => Sealed }> {
    return import(this.#here) as Promise<{ readonly sealed: (job: SealJob) => Sealed }>;
  }
}
