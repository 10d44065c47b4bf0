// Which panels are opened together (docs/protocol.md 11.1, 11.5): the contests of one person are cut alike,
// since people mark a person alike in all of them.
//
// Danger: two contests that are cut differently open, by their difference, a group that neither of them
// shows.

/** Panels' indices, ascending. */
export type Atom = readonly number[];

/** What the plan follows from, beside the numbers of ballots. */
export interface Electorates {
  readonly k: number;
  readonly units: readonly { readonly code: string; readonly parent: string | null }[];
  readonly panels: readonly { readonly unit: string }[];
  readonly contests: readonly { readonly person: string; readonly panels: Uint32Array }[];
}

/**
 * The contests that are not withheld with their atoms by 11.1, person by person: no more is held than is
 * asked for.
 */
export function* planned(
  vote: Electorates,
  byPanel: readonly number[],
): Generator<readonly [number, readonly Atom[]]> {
  const ofPerson = new Map<string, number[]>();
  vote.contests.forEach(({ person }, c) => {
    const known = ofPerson.get(person);
    if (known === undefined) ofPerson.set(person, [c]);
    else known.push(c);
  });
  const tree = new Tree(vote, byPanel);
  for (const contests of ofPerson.values()) yield* planPerson(contests, vote, byPanel, tree);
}

/** Panels that the same kept contests list, and the ballots they returned together. */
interface Class {
  readonly contests: readonly number[];
  readonly panels: number[];
  ballots: number;
}

/** 11.1: the contests of one person that are not withheld, with their atoms. */
function* planPerson(
  contests: readonly number[],
  vote: Electorates,
  byPanel: readonly number[],
  tree: Tree,
): Generator<readonly [number, readonly Atom[]]> {
  const electorate = (c: number): Uint32Array => (vote.contests[c] as { panels: Uint32Array }).panels;
  const returned = new Map(
    contests.map((c) => [c, electorate(c).reduce((sum, p) => sum + (byPanel[p] as number), 0)]),
  );
  const returnedBy = (c: number): number => returned.get(c) as number;
  const lists = new Lists(
    contests.filter((c) => returnedBy(c) >= vote.k),
    electorate,
  );
  const voted = lists.panels.flatMap((p, i) => ((byPanel[p] as number) > 0 ? [i] : []));
  for (;;) {
    // Classes stand in the order of their first panels.
    const small = lists.classes(voted, byPanel).find(({ ballots }) => ballots < vote.k);
    if (small === undefined) break;
    const out = lists.beside(small.contests).reduce((a, b) => {
      const fewer = returnedBy(b) - returnedBy(a);
      return fewer < 0 || (fewer === 0 && b > a) ? b : a;
    });
    lists.takeOut(out);
  }
  const cut = lists.classes([...lists.panels.keys()], byPanel).map((each) => ({
    ...each,
    groups: each.ballots === 0 ? [] : tree.cut(each.panels),
  }));
  const ofContest = new Map(lists.kept().map((c) => [c, [] as (typeof cut)[number][]]));
  for (const each of cut) for (const c of each.contests) ofContest.get(c)?.push(each);
  for (const [c, own] of ofContest) {
    const groups = own.flatMap((each) => each.groups);
    // A class that returned nothing lowers an atom's first index at most, so the one it joins stays the same.
    const joining = own.filter((each) => each.ballots === 0).flatMap((each) => each.panels);
    const smallest = groups.reduce(smaller);
    const atoms = groups.map(({ panels }) =>
      panels === smallest.panels ? [...panels, ...joining] : [...panels],
    );
    for (const atom of atoms) atom.sort((a, b) => a - b);
    yield [c, atoms.sort((a, b) => (a[0] as number) - (b[0] as number))];
  }
}

/**
 * Which panel lists which of a person's contests, as a bit for each: a person has at most a hundred contests
 * (4.2), but they may be on many thousand panels.
 */
class Lists {
  /** Ascending. */
  readonly panels: readonly number[];
  private readonly _contests: readonly number[];
  private readonly _words: number;
  private readonly _bits: Uint32Array;
  /** What has not been taken out. */
  private readonly _kept: Uint32Array;
  /** For each contest those that some panel lists beside it. */
  private readonly _beside: Uint32Array;

  constructor(contests: readonly number[], electorate: (c: number) => Uint32Array) {
    const found = new Set<number>();
    contests.forEach((c) => {
      electorate(c).forEach((p) => found.add(p));
    });
    this.panels = [...found].sort((a, b) => a - b);
    this._contests = contests;
    const words = Math.ceil(contests.length / 32);
    this._words = words;
    this._bits = new Uint32Array(this.panels.length * words);
    this._kept = new Uint32Array(words);
    this._beside = new Uint32Array(contests.length * words);
    const places = new Map(this.panels.map((p, i) => [p, i]));
    // `forEach`, not `for … of`: a step of that makes an object, and there may be a million and a half.
    contests.forEach((c, place) => {
      set(this._kept, 0, place);
      electorate(c).forEach((p) => set(this._bits, (places.get(p) as number) * words, place));
    });
    contests.forEach((c, place) => {
      electorate(c).forEach((p) => {
        const at = (places.get(p) as number) * words;
        for (let w = 0; w < words; w++) this._beside[place * words + w]! |= this._bits[at + w] as number;
      });
    });
  }

  kept(): readonly number[] {
    return this._named(this._kept, 0);
  }

  takeOut(contest: number): void {
    const place = this._contests.indexOf(contest);
    this._kept[place >> 5]! &= ~(1 << (place & 31));
  }

  /** The kept contests that have a panel in common with one of these. */
  beside(contests: readonly number[]): readonly number[] {
    const near = new Uint32Array(this._words);
    for (const c of contests)
      for (let w = 0; w < this._words; w++)
        near[w]! |= this._beside[this._contests.indexOf(c) * this._words + w] as number;
    return this._named(near, 0);
  }

  /** The classes of these panels, by ascending place, in the order of their first panels. */
  classes(places: readonly number[], byPanel: readonly number[]): readonly Class[] {
    const found = new Map<string, Class>();
    for (const i of places) {
      let name = "";
      let any = 0;
      for (let w = 0; w < this._words; w++) {
        const word = (this._bits[i * this._words + w] as number) & (this._kept[w] as number);
        name += `${word},`;
        any |= word;
      }
      if (any === 0) continue;
      const panel = this.panels[i] as number;
      const known = found.get(name);
      if (known === undefined) {
        const contests = this._named(this._bits, i * this._words);
        found.set(name, { contests, panels: [panel], ballots: byPanel[panel] as number });
      } else {
        known.panels.push(panel);
        known.ballots += byPanel[panel] as number;
      }
    }
    return [...found.values()];
  }

  /** The kept contests whose bits are set in the words from `at` on. */
  private _named(bits: Uint32Array, at: number): readonly number[] {
    return this._contests.filter((_, place) => {
      const w = place >> 5;
      return (((bits[at + w] as number) & (this._kept[w] as number)) >>> (place & 31)) % 2 === 1;
    });
  }
}

function set(bits: Uint32Array, at: number, place: number): void {
  bits[at + (place >> 5)]! |= 1 << (place & 31);
}

/** Panels counted together; the lowest of them. */
class Group {
  readonly panels: number[];
  ballots: number;
  lowest: number;

  constructor(panels: number[], ballots: number, lowest: number) {
    this.panels = panels;
    this.ballots = ballots;
    this.lowest = lowest;
  }

  take(other: Group): void {
    for (const panel of other.panels) this.panels.push(panel);
    this.ballots += other.ballots;
    this.lowest = Math.min(this.lowest, other.lowest);
  }
}

/**
 * The one with fewer ballots, of equals the one with the lower first panel: panels are in the order of codes.
 */
function smaller(a: Group, b: Group): Group {
  return b.ballots < a.ballots || (b.ballots === a.ballots && b.lowest < a.lowest) ? b : a;
}

/** The tree of units, which stand in the order of their codes. */
class Tree {
  private readonly _k: number;
  private readonly _byPanel: readonly number[];
  private readonly _parents: readonly (number | null)[];
  private readonly _depths: readonly number[];
  private readonly _unitOf: readonly number[];

  constructor({ k, units, panels }: Electorates, byPanel: readonly number[]) {
    const places = new Map(units.map(({ code }, u) => [code, u]));
    this._k = k;
    this._byPanel = byPanel;
    this._parents = units.map(({ parent }) => (parent === null ? null : (places.get(parent) as number)));
    this._depths = units.map((_, u) => {
      let depth = 0;
      for (let at = this._parents[u] ?? null; at !== null; at = this._parents[at] ?? null) depth++;
      return depth;
    });
    this._unitOf = panels.map(({ unit }) => places.get(unit) as number);
  }

  /** 11.5: a class of at least k ballots, cut from the leaves of the tree. */
  cut(panels: readonly number[]): readonly Group[] {
    const own = new Map(panels.map((p) => [this._unitOf[p] as number, p]));
    const children = new Map<number, number[]>();
    for (const unit of own.keys()) {
      if (children.has(unit)) continue;
      children.set(unit, []);
      let at = unit;
      for (let above = this._parents[at] ?? null; above !== null; above = this._parents[at] ?? null) {
        const known = children.get(above);
        if (known !== undefined) {
          known.push(at);
          break;
        }
        children.set(above, [at]);
        at = above;
      }
    }
    const upward = [...children.keys()].sort(
      (a, b) => (this._depths[b] as number) - (this._depths[a] as number) || a - b,
    );
    const branches = new Map<number, Branch>();
    let last: Branch = { atoms: [], left: null };
    for (const unit of upward) {
      const below = (children.get(unit) as number[]).sort((a, b) => a - b);
      last = this._gather(
        own.get(unit),
        below.map((child) => branches.get(child) as Branch),
      );
      branches.set(unit, last);
      for (const child of below) branches.delete(child);
    }
    return last.atoms;
  }

  /** What a unit's own panel and what is left over below it come to. */
  private _gather(own: number | undefined, below: readonly Branch[]): Branch {
    const k = this._k;
    const atoms = joined(below.map((each) => each.atoms));
    const groups = below.flatMap(({ left }) => (left === null ? [] : [left]));
    if (own !== undefined) groups.unshift(new Group([own], this._byPanel[own] as number, own));
    let gathered: Group | null = null;
    for (const group of groups) {
      if (gathered === null) gathered = group;
      else gathered.take(group);
      if (gathered.ballots < k) continue;
      atoms.push(gathered);
      gathered = null;
    }
    if (gathered === null || atoms.length === 0) return { atoms, left: gathered };
    atoms.reduce(smaller).take(gathered);
    return { atoms, left: null };
  }
}

interface Branch {
  readonly atoms: Group[];
  readonly left: Group | null;
}

/** All in one list; the longest is kept, so that a deep tree does not copy it at each level. */
function joined(lists: readonly Group[][]): Group[] {
  const longest = lists.reduce<Group[]>((a, b) => (b.length > a.length ? b : a), []);
  for (const each of lists) if (each !== longest) for (const atom of each) longest.push(atom);
  return longest;
}
