// Reading a document's fields strictly: exactly the fields that are named, each of its type and within its
// bounds (docs/protocol.md 1.4, 3.2).

import { type Bytes, unhex } from "./bytes.ts";
import { type Json, readDocument } from "./json.ts";
import { hold, refuse } from "./refused.ts";

/** Whether 1.4 allows this code point: its ranges follow no version of Unicode. */
function isAllowed(code: number): boolean {
  if (code < 0x7f) return code >= 0x20;
  if (code < 0x2028) return code >= 0xa0;
  if (code <= 0x2069) return code > 0x202e && code < 0x2066;
  return (
    !(code >= 0xd800 && code < 0xe000) && !(code >= 0xfdd0 && code < 0xfdf0) && (code & 0xfffe) !== 0xfffe
  );
}

/**
 * One value of a document, and where it stands: that is written only for who is refused, for a document may
 * hold a million values.
 */
export class Field {
  readonly value: Json;
  private readonly _step: string | number;
  private readonly _above: Field | null;

  /** A whole document of this name, or what is `above` has under a name or number. */
  constructor(value: Json, step: string | number, above: Field | null = null) {
    this.value = value;
    this._step = step;
    this._above = above;
  }

  static document(raw: Bytes, where: string): Field {
    return new Field(readDocument(raw, where), where);
  }

  get where(): string {
    if (this._above === null) return String(this._step);
    const above = this._above.where;
    return typeof this._step === "number" ? `${above}[${this._step}]` : `${above}.${this._step}`;
  }

  /** What stands in the table under this name, null where there is nothing. */
  at(name: string): Field {
    return new Field(this.table()[name] ?? null, name, this);
  }

  /** An object with these fields and no others. */
  object<N extends string>(...names: readonly N[]): Readonly<Record<N, Field>> {
    const holder = this.table();
    for (const name of names) if (!Object.hasOwn(holder, name)) refuse(`${this.where}.${name}`, "is missing");
    const more = Object.keys(holder).find((name) => !(names as readonly string[]).includes(name));
    if (more !== undefined) refuse(this.where, `has a field ${JSON.stringify(more)} that nobody named`);
    return Object.fromEntries(
      names.map((name) => [name, new Field(holder[name] as Json, name, this)]),
    ) as Record<N, Field>;
  }

  /** An object with any fields. */
  table(): Readonly<Record<string, Json>> {
    const { value } = this;
    if (value === null || typeof value !== "object" || Array.isArray(value))
      refuse(this.where, "is no object");
    return value as Readonly<Record<string, Json>>;
  }

  list(least = 0, most = Infinity): readonly Field[] {
    return this._items(least, most).map((each, i) => new Field(each, i, this));
  }

  /** A list of `least` to `most` whole numbers. */
  integers(least: number, most: number, low: number, high = Number.MAX_SAFE_INTEGER): readonly number[] {
    const items = this._items(least, most);
    items.forEach((each, i) => {
      if (!isWhole(each, low, high)) new Field(each, i, this).integer(low, high);
    });
    return items as readonly number[];
  }

  private _items(least: number, most: number): readonly Json[] {
    const { value } = this;
    if (!Array.isArray(value)) refuse(this.where, "is no list");
    const items = value as readonly Json[];
    if (items.length < least || items.length > most) refuse(this.where, `has ${items.length} entries`);
    return items;
  }

  /** Text by 1.4, in characters. */
  text(least: number, most = Infinity): string {
    const { value } = this;
    if (typeof value !== "string") refuse(this.where, "is no text");
    let length = 0;
    for (const letter of value) {
      if (!isAllowed(letter.codePointAt(0) as number))
        refuse(this.where, "holds what 1.4 keeps out of texts");
      length++;
    }
    if (length < least || length > most) refuse(this.where, `has ${length} characters`);
    return value;
  }

  integer(low: number, high = Number.MAX_SAFE_INTEGER): number {
    const { value } = this;
    if (typeof value !== "number") refuse(this.where, "is no number");
    if (!isWhole(value, low, high)) refuse(this.where, `is not from ${low} to ${high}`);
    return value;
  }

  boolean(): boolean {
    const { value } = this;
    if (typeof value !== "boolean") refuse(this.where, "is neither true nor false");
    return value;
  }

  /** So many bytes in hexadecimal; any number where none is named. */
  hex(length?: number): Bytes {
    const raw = typeof this.value === "string" ? unhex(this.value) : null;
    if (raw === null || (length !== undefined && raw.length !== length)) {
      refuse(this.where, `is not ${length === undefined ? "" : `${length} bytes of `}lowercase hexadecimal`);
    }
    return raw;
  }

  is(wanted: Json): void {
    if (this.value !== wanted) refuse(this.where, `is not ${JSON.stringify(wanted)}`);
  }

  oneOf<W extends string>(...words: readonly W[]): W {
    const found = words.find((word) => word === this.value);
    return found ?? refuse(this.where, `is not one of ${words.join(", ")}`);
  }

  orNull<T>(read: (field: Field) => T): T | null {
    return this.value === null ? null : read(this);
  }
}

function isWhole(value: Json, low: number, high: number): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= low && value <= high;
}

const MOMENT = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})Z$/;

/** `YYYY-MM-DDThh:mm:ssZ`, a moment that exists; such texts are in the order of time. */
export function moment(field: Field): string {
  const { value } = field;
  const parts = typeof value === "string" ? MOMENT.exec(value) : null;
  if (parts === null) refuse(field.where, "is not YYYY-MM-DDThh:mm:ssZ");
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const days = [
    31,
    year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28,
    31,
    30,
    31,
    30,
    31,
    31,
    30,
    31,
    30,
    31,
  ];
  const exists =
    year >= 1 &&
    month >= 1 &&
    day >= 1 &&
    day <= (days[month - 1] ?? 0) &&
    hour < 24 &&
    minute < 60 &&
    second < 60;
  hold(exists, field.where, "is no moment that exists");
  return value as string;
}

/** Whether each entry comes after the one before it. */
export function ascend<T>(items: readonly T[], order: (a: T, b: T) => number, where: string): void {
  items.forEach((item, i) => {
    if (i > 0 && order(items[i - 1] as T, item) >= 0)
      refuse(`${where}[${i}]`, "is not after the entry before it");
  });
}
