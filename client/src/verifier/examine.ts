// The checks of 14.2 on members that were handed over one by one, before there is a bundle
// (docs/protocol.md 11.3, 13.6).
//
// A member of the committee makes them before it signs. The first that does not hold ends it: nothing is
// signed then.

import { alone, type Labour } from "./board.ts";
import type { Bytes } from "./bytes.ts";
import { Case, NotReached, type Progress } from "./case.ts";
import { CHECKS } from "./checks.ts";
import { Refused, refuse } from "./refused.ts";
import type { Member, Members } from "./zip.ts";

export class HeldMembers implements Members {
  private readonly _held = new Map<string, Bytes>();

  put(name: Member, raw: Bytes): void {
    this._held.set(name, raw);
  }

  size(name: Member): number {
    return this.read(name).length;
  }

  *pieces(name: Member): Generator<Bytes, void> {
    yield this.read(name);
  }

  read(name: Member): Bytes {
    return this._held.get(name) ?? refuse(name, "was not handed over");
  }
}

/** A check that does not hold, by its number. */
export class NotHeld extends Error {
  readonly check: string;
  readonly where: string;
  readonly why: string;

  constructor(check: string, where: string, why: string) {
    super(`check ${check} failed at ${where}: ${why}`);
    this.check = check;
    this.where = where;
    this.why = why;
  }
}

/** The members came in no zip, and the committee has not cosigned yet. */
const LATER = ["14.1", "10.4"];

export interface Options {
  readonly labour?: Labour;
  readonly progress?: Progress;
}

export function begin(
  members: Members,
  { labour = alone(), progress = () => undefined }: Options = {},
): Case {
  const nowhere = { size: 0, read: (): Bytes => refuse("bundle", "is none") };
  const on = new Case(nowhere, labour, progress);
  on.leave("archive", members);
  return on;
}

/**
 * Every check after `after` (from the first, where null) up to `last`. Throws NotHeld by the first that
 * does not hold.
 */
export async function check(on: Case, after: string | null, last: string): Promise<void> {
  const numbers = CHECKS.map(([number]) => number);
  const wanted = CHECKS.slice(after === null ? 0 : numbers.indexOf(after) + 1, numbers.indexOf(last) + 1);
  for (const [number, run] of wanted) {
    if (LATER.includes(number)) continue;
    on.progress(number, 0, 1);
    try {
      await run(on);
    } catch (error) {
      if (error instanceof Refused) throw new NotHeld(number, error.where, error.why);
      if (error instanceof NotReached) throw new NotHeld(number, error.message, "is not known");
      throw error;
    }
  }
}
