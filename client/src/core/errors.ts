// Refusals of the protocol, twin of surveys/protocol/errors.py: clause, place, reason. The names are those of
// the vectors.

export class Rejected extends Error {
  readonly check: string;
  readonly where: string;
  readonly why: string;

  constructor(check: string, where: string, why: string) {
    super(`check ${check} failed at ${where}: ${why}`);
    this.check = check;
    this.where = where;
    this.why = why;
    this.name = new.target.name;
  }
}

/** Bytes that are not an encoding the clause allows. */
export class Malformed extends Rejected {}
/** Well-formed values that do not belong together. */
export class Inconsistent extends Rejected {}
/** Something that must be there is not. */
export class Missing extends Rejected {}
/** Something that must occur once occurs twice. */
export class Duplicate extends Rejected {}
/** A signature or token that does not hold. */
export class BadSignature extends Rejected {}
/** A zero-knowledge proof that does not hold. */
export class BadProof extends Rejected {}

/** A trustee's own check of what it should sign or open has failed; nothing was signed. */
export class RefusedByTrustee extends Error {
  constructor(what: string) {
    super(`the trustee signs nothing: ${what}`);
    this.name = new.target.name;
  }
}

/**
 * Fewer members than needed have cosigned this board: `missing` are to be called, and named absent if they
 * cannot come.
 */
export class TooFewCosigned extends Error {
  readonly missing: readonly number[];

  constructor(missing: readonly number[]) {
    super(`too few members have cosigned this board; call member ${missing.join(", ")}`);
    this.name = new.target.name;
    this.missing = missing;
  }
}

/** Voters may still look their ballots up: nothing is opened before that time is over. */
export class LookUpTime extends Error {
  readonly seconds: number;

  constructor(seconds: number) {
    super(`voters look their ballots up for another ${Math.ceil(seconds)} seconds`);
    this.name = new.target.name;
    this.seconds = seconds;
  }
}
