// A check that does not hold says where and why; which check it is, the verifier knows that ran it
// (docs/protocol.md 14.2).

export class Refused extends Error {
  readonly where: string;
  readonly why: string;

  constructor(where: string, why: string) {
    super(`${where} ${why}`);
    this.name = "Refused";
    this.where = where;
    this.why = why;
  }
}

export function refuse(where: string, why: string): never {
  throw new Refused(where, why);
}

export function hold(condition: boolean, where: string, why: string): asserts condition {
  if (!condition) refuse(where, why);
}
