// The group of docs/protocol.md §2: ristretto255 (RFC 9496) on noble. Twin of surveys/protocol/group.py.
// The only module that sees raw group bytes. Danger: noble accepts the identity; whether a clause allows it
// is decided here.

import { mulAddUnsafe, pippenger } from "@noble/curves/abstract/curve.js";
import { ristretto255, ristretto255_hasher } from "@noble/curves/ed25519.js";

import { Malformed } from "./errors.ts";
import { fromNumber, type Octets, reversed, same, toHex, toNumber } from "./octets.ts";

const Element = ristretto255.Point;
type Element = InstanceType<typeof Element>;

export const ORDER = Element.Fn.ORDER;
export const FIELD = 2n ** 255n - 19n;
const ZERO = new Uint8Array(32);
/** Up to so many points share one chain of doublings; with more of them, buckets are faster. Measured. */
const FEW = 16;

export type RandomBytes = (length: number) => Octets;

/** An integer mod ORDER. */
export class Scalar {
  readonly value: bigint;

  constructor(value: bigint) {
    if (value < 0n || value >= ORDER)
      throw new RangeError("a scalar is at least 0 and below the group order");
    this.value = value;
  }

  /** Any integer, reduced. */
  static of(value: bigint): Scalar {
    const rest = value % ORDER;
    return new Scalar(rest < 0n ? rest + ORDER : rest);
  }

  /** 32 bytes little-endian, below ORDER (2.2). */
  static decode(raw: Octets, check: string, where: string): Scalar {
    const value = toNumber(reversed(raw));
    if (raw.length !== 32 || value >= ORDER)
      throw new Malformed(check, where, "not a scalar below the group order");
    return new Scalar(value);
  }

  /** 64 bytes by wide reduction (2.3). */
  static reduce(raw: Octets): Scalar {
    if (raw.length !== 64) throw new RangeError("wide reduction takes 64 bytes");
    return new Scalar(toNumber(reversed(raw)) % ORDER);
  }

  static random(randomBytes: RandomBytes): Scalar {
    return Scalar.reduce(randomBytes(64));
  }

  encode(): Octets {
    return reversed(fromNumber(this.value, 32));
  }

  plus(other: Scalar): Scalar {
    return Scalar.of(this.value + other.value);
  }

  minus(other: Scalar): Scalar {
    return Scalar.of(this.value - other.value);
  }

  times(other: Scalar): Scalar {
    return Scalar.of(this.value * other.value);
  }

  /** 1/x. Throws for 0. */
  inverse(): Scalar {
    return new Scalar(Element.Fn.inv(this.value));
  }

  equals(other: Scalar): boolean {
    return this.value === other.value;
  }

  get isZero(): boolean {
    return this.value === 0n;
  }
}

/** A valid group element with its one encoding. Made by `decode` and by the operations only. */
export class Point {
  private readonly _element: Element;
  private _raw: Octets | null;

  private constructor(element: Element, raw: Octets | null) {
    this._element = element;
    this._raw = raw;
  }

  /** Strict RFC 9496 §4.3.1 (2.1); the identity only where the clause allows it. */
  static decode(raw: Octets, check: string, where: string, identity = false): Point {
    const high = raw[31] ?? 0x80;
    if (
      raw.length !== 32 ||
      (high & 0x80) !== 0 ||
      ((raw[0] ?? 1) & 1) !== 0 ||
      toNumber(reversed(raw)) >= FIELD
    ) {
      throw new Malformed(check, where, "not a canonical point");
    }
    if (same(raw, ZERO)) {
      if (identity) return IDENTITY;
      throw new Malformed(check, where, "the identity is not allowed here");
    }
    try {
      return new Point(Element.fromBytes(raw), raw.slice());
    } catch {
      throw new Malformed(check, where, "not a point of the group");
    }
  }

  static of(element: Element): Point {
    return new Point(element, null);
  }

  encode(): Octets {
    this._raw ??= this._element.toBytes();
    return this._raw;
  }

  get isIdentity(): boolean {
    return this._element.is0();
  }

  equals(other: Point): boolean {
    return this._element.equals(other._element);
  }

  plus(other: Point): Point {
    return new Point(this._element.add(other._element), null);
  }

  minus(other: Point): Point {
    return new Point(this._element.subtract(other._element), null);
  }

  /** scalar·this for a secret scalar: noble's multiplication does not branch on it. */
  times(scalar: Scalar): Point {
    return scalar.isZero ? IDENTITY : new Point(this._element.multiply(scalar.value), null);
  }

  /** scalar·this for public values only: faster, and its time depends on the scalar. */
  timesPublic(scalar: Scalar): Point {
    return new Point(this._element.multiplyUnsafe(scalar.value), null);
  }

  /** Σ scalar·point for public values only; scalars near 0 on either side are fast. */
  static combination(points: readonly Point[], scalars: readonly Scalar[]): Point {
    if (points.length !== scalars.length) throw new RangeError("not one scalar for each point");
    const negative = scalars.map((scalar) => scalar.value > ORDER / 2n);
    const elements = points.map((point, i) => (negative[i] ? point._element.negate() : point._element));
    const values = scalars.map((scalar, i) => (negative[i] ? ORDER - scalar.value : scalar.value));
    return new Point((points.length <= FEW ? mulAddUnsafe : pippenger)(Element, elements, values), null);
  }

  /**
   * A number for each point, the same exactly for equal points: x/y + y/x of any of its representatives,
   * which is what RFC 9496 §4.5 compares. One division for all of them, where each encoding would need a
   * square root.
   */
  static identify(points: readonly Point[]): bigint[] {
    const Fp = Element.Fp;
    const coordinates = points.map((point) => point._element["ep"]);
    const products = coordinates.map(({ X, Y }) => Fp.mul(X, Y));
    const inverses = Fp.invertBatch(products);
    return coordinates.map(({ X, Y }, i) =>
      products[i] === 0n ? -1n : Fp.mul(Fp.add(Fp.sqr(X), Fp.sqr(Y)), inverses[i] as bigint),
    );
  }

  toString(): string {
    return `Point(${toHex(this.encode())})`;
  }
}

export const IDENTITY = Point.of(Element.ZERO);
export const BASE = Point.of(Element.BASE);

export function baseMultiply(scalar: Scalar): Point {
  return BASE.times(scalar);
}

/** The element of 64 uniform bytes (RFC 9496 §4.3.4). */
export function hashToPoint(uniform: Octets): Point {
  if (uniform.length !== 64) throw new RangeError("hashing to the group takes 64 bytes");
  if (ristretto255_hasher.deriveToCurve === undefined)
    throw new RangeError("this noble cannot hash to the group");
  return Point.of(ristretto255_hasher.deriveToCurve(uniform) as Element);
}
