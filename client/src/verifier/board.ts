// The sealed board, walked once and never held whole (docs/protocol.md §10): cut into ballots, shared out in
// slices, gathered in order.

import { placeOfRow, type Question } from "./ballot.ts";
import { type Bytes, concat, key, order, readU32 } from "./bytes.ts";
import { POINT, plus } from "./curve.ts";
import {
  type BallotCheck,
  type Findings,
  Hand,
  type PanelSums,
  type Refusal,
  type Requests,
  type Slice,
} from "./hand.ts";
import { Tree } from "./merkle.ts";
import type { Limbs } from "./products.ts";
import { refuse } from "./refused.ts";

/** Who does the long work: one hand here, or many in workers. */
export interface Labour {
  readonly hands: number;
  begin(question: Question): Promise<void>;
  ballots(slice: Slice): Promise<Findings>;
  requests(requests: Requests): Promise<Refusal | null>;
  /** The sums of each hand. */
  sums(): Promise<readonly PanelSums[]>;
}

/** One hand, here. */
export function alone(): Labour {
  let hand: Hand | null = null;
  const held = (): Hand => hand ?? refuse("labour", "has not begun");
  return {
    hands: 1,
    begin: async (question) => {
      hand = new Hand(question);
    },
    ballots: async (slice) => held().ballots(slice),
    requests: async (requests) => held().requests(requests),
    sums: async () => [held().sums],
  };
}

export interface Board {
  readonly size: number;
  readonly root: Bytes;
  readonly byPanel: readonly number[];
  readonly sums: PanelSums;
  /** The first ballot that each check refuses. */
  readonly refusals: Readonly<Partial<Record<BallotCheck | "10.1" | "8.6", Refusal>>>;
}

const SLICE = 48;
/** A ballot without a row (8.1): whatever is shorter is no ballot, and a board of such is not cut (10.1). */
const SHORTEST = 76 + 256 + 64;

/** Cut pieces into ballots, u32(length) ‖ ballot each. Throws Refused where that cannot be done. */
export function* cut(pieces: Iterable<Bytes>, size: number): Generator<Bytes, void> {
  let held: Bytes = new Uint8Array(0);
  let [at, passed, index] = [0, 0, 0];
  for (const piece of pieces) {
    held = at === held.length ? piece : concat(held.subarray(at), piece);
    at = 0;
    while (held.length - at >= 4) {
      const length = readU32(held, at);
      if (length > size - passed - 4) refuse(`board[${index}]`, "is longer than what is left of the board");
      if (length < SHORTEST) refuse(`board[${index}]`, "is shorter than any ballot");
      if (held.length - at - 4 < length) break;
      yield held.slice(at + 4, at + 4 + length);
      at += 4 + length;
      passed += 4 + length;
      index++;
    }
  }
  if (passed !== size) refuse(`board[${index}]`, "is cut off");
}

/**
 * Walk over the whole board. A board that cannot be cut refuses 8.2 (Refused); everything else is in
 * `refusals`.
 */
export async function walk(
  pieces: Iterable<Bytes>,
  size: number,
  question: Question,
  labour: Labour,
  onDone: (bytes: number) => void,
): Promise<Board> {
  const gathered = new Gathering(question);
  const underWay: Promise<Findings>[] = [];
  const slices: Slice[] = [];
  let done = 0;
  const gather = async (): Promise<void> => {
    const findings = await (underWay.shift() as Promise<Findings>);
    const slice = slices.shift() as Slice;
    gathered.take(slice, findings);
    done += slice.ballots.reduce((sum, raw) => sum + raw.length + 4, 0);
    onDone(done);
  };
  const begin = async (slice: Slice): Promise<void> => {
    if (underWay.length >= 2 * labour.hands) await gather();
    const promised = labour.ballots(slice);
    // It is awaited in its turn; until then a failure of it must not count as one that nobody looks at.
    promised.catch(() => undefined);
    underWay.push(promised);
    slices.push(slice);
  };
  let [first, ballots] = [0, [] as Bytes[]];
  for (const raw of cut(pieces, size)) {
    ballots.push(raw);
    if (ballots.length < SLICE) continue;
    await begin({ first, ballots });
    first += ballots.length;
    ballots = [];
  }
  if (ballots.length > 0) await begin({ first, ballots });
  while (underWay.length > 0) await gather();
  return gathered.board(await labour.sums());
}

/** What is known of the ballots that have been looked at, in their order. */
class Gathering {
  private readonly _question: Question;
  private readonly _tree = new Tree();
  private readonly _byPanel: number[];
  private readonly _trackers = new Set<string>();
  /** By panel: ballot keys, and all points α and β. */
  private readonly _keys = new Map<number, Set<string>>();
  private readonly _points = new Map<number, Set<string>>();
  private readonly _refusals: Partial<Record<BallotCheck | "10.1" | "8.6", Refusal>> = {};
  private _last: Bytes | null = null;

  constructor(question: Question) {
    this._question = question;
    this._byPanel = question.contests.map(() => 0);
  }

  take({ first, ballots }: Slice, { digests, leaves, panels, refusals }: Findings): void {
    for (const check of ["8.2", "8.3", "8.4", "8.5"] as const) {
      const found = refusals[check];
      if (found !== undefined) this._refusals[check] ??= found;
    }
    ballots.forEach((raw, i) => {
      const [where, digest, panel] = [`board[${first + i}]`, digests[i] as Bytes, panels[i] as number | null];
      this._tree.addHash(leaves[i] as Bytes);
      this._inOrder(digest, where);
      if (panel === null) return;
      this._byPanel[panel]!++;
      this._unique(raw, panel, where);
    });
  }

  /** 10.1: order of digests, distinct digests and trackers. */
  private _inOrder(digest: Bytes, where: string): void {
    const tracker = key(digest.subarray(0, 10));
    if (this._last !== null && order(this._last, digest) >= 0)
      this._refusals["10.1"] ??= { where, why: "is not after the ballot before it" };
    if (this._trackers.has(tracker))
      this._refusals["10.1"] ??= { where, why: "has the tracker of another ballot" };
    this._trackers.add(tracker);
    this._last = digest;
  }

  /** 8.6, within a panel. */
  private _unique(raw: Bytes, panel: number, where: string): void {
    const { levels, contests } = this._question;
    if (!isNew(this._keys, panel, raw.subarray(40, 72)))
      this._refusals["8.6"] ??= { where, why: "has the ballot key of another ballot of its panel" };
    const rows = contests[panel]?.length ?? 0;
    for (let row = 0; row < rows; row++) {
      const at = placeOfRow(row, levels);
      for (const from of [at, at + 32]) {
        if (isNew(this._points, panel, raw.subarray(from, from + 32))) continue;
        this._refusals["8.6"] ??= {
          where: `${where}.rows[${row}]`,
          why: "has a point of another row of its panel",
        };
      }
    }
  }

  board(sums: readonly PanelSums[]): Board {
    return {
      size: this._tree.size,
      root: this._tree.root(),
      byPanel: this._byPanel,
      sums: added(sums),
      refusals: this._refusals,
    };
  }
}

function isNew(sets: Map<number, Set<string>>, panel: number, raw: Bytes): boolean {
  const set = sets.get(panel) ?? new Set<string>();
  sets.set(panel, set);
  const [before, name] = [set.size, key(raw)];
  return set.add(name).size > before;
}

/** Sums by panel over all hands. */
function added(parts: readonly PanelSums[]): PanelSums {
  const whole = new Map<number, Limbs>();
  for (const part of parts) {
    for (const [panel, sums] of part) {
      const held = whole.get(panel);
      if (held === undefined) whole.set(panel, sums.slice());
      else for (let at = 0; at < sums.length; at += POINT) plus(held, at, held, at, sums, at);
    }
  }
  return whole;
}
