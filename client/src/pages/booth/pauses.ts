// The pauses between two tries, ever longer, which somebody can cut short.

const LONGEST = 15_000;

export class Pauses {
  readonly #wait: (milliseconds: number) => Promise<void>;
  #wake: (() => void) | null = null;

  constructor(wait: (milliseconds: number) => Promise<void>) {
    this.#wait = wait;
  }

  /** After so many tries in vain. */
  async after(tries: number): Promise<void> {
    const woken = new Promise<void>((wake) => (this.#wake = wake));
    await Promise.race([this.#wait(Math.min(LONGEST, 1000 * 2 ** (tries - 1))), woken]);
    this.#wake = null;
  }

  /** Try again now. */
  hurry(): void {
    this.#wake?.();
  }
}
