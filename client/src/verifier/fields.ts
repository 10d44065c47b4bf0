// Reading a document's fields strictly: exactly the fields that are named, each of its type and within its bounds (docs/protocol.md 1.4, 3.2).

import { type Bytes, unhex } from "./bytes.ts";
import { type Json, readDocument } from "./json.ts";
import { hold, refuse } from "./refused.ts";

/** One value of a document, and where it stands. */
export class Field {
  readonly value: Json;
  readonly where: string;

  constructor(value: Json, where: string) {
    this.value = value;
    this.where = where;
  }

  static document(raw: Bytes, where: string): Field {
    return new Field(readDocument(raw, where), where);
  }

  /** An object with these fields and no others. */
  object<N extends string>(...names: readonly N[]): Readonly<Record<N, Field>> {
    const { value, where } = this;
    const holder = this.table();
    for (const name of names) hold(Object.hasOwn(holder, name), `${where}.${name}`, "is missing");
    const more = Object.keys(holder).find((name) => !(names as readonly string[]).includes(name));
    if (more !== undefined) refuse(where, `has a field ${JSON.stringify(more)} that nobody named`);
    return Object.fromEntries(names.map((name) => [name, new Field((value as Record<string, Json>)[name] as Json, `${where}.${name}`)])) as Record<N, Field>;
  }

  /** An object with any fields. */
  table(): Readonly<Record<string, Json>> {
    const { value } = this;
    if (value === null || typeof value !== "object" || Array.isArray(value)) refuse(this.where, "is no object");
    return value as Readonly<Record<string, Json>>;
  }

  list(least = 0, most = Infinity): readonly Field[] {
    const { value } = this;
    if (!Array.isArray(value)) refuse(this.where, "is no list");
    const items = value as readonly Json[];
    hold(items.length >= least && items.length <= most, this.where, `has ${items.length} entries`);
    return items.map((each, i) => new Field(each, `${this.where}[${i}]`));
  }

  /** Text by 1.4, in characters. */
  text(least: number, most = Infinity): string {
    const { value } = this;
    if (typeof value !== "string") refuse(this.where, "is no text");
    const length = [...value].length;
    hold(length >= least && length <= most, this.where, `has ${length} characters`);
    hold(!/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value), this.where, "holds a control character or a line break");
    hold(value.normalize("NFC") === value, this.where, "is not in Unicode normal form C");
    return value;
  }

  integer(low: number, high = Number.MAX_SAFE_INTEGER): number {
    const { value } = this;
    if (typeof value !== "number") refuse(this.where, "is no number");
    hold(Number.isSafeInteger(value) && value >= low && value <= high, this.where, `is not from ${low} to ${high}`);
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
    hold(this.value === wanted, this.where, `is not ${JSON.stringify(wanted)}`);
  }

  oneOf<W extends string>(...words: readonly W[]): W {
    const found = words.find((word) => word === this.value);
    return found ?? refuse(this.where, `is not one of ${words.join(", ")}`);
  }

  orNull<T>(read: (field: Field) => T): T | null {
    return this.value === null ? null : read(this);
  }
}

const MOMENT = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})Z$/;

/** `YYYY-MM-DDThh:mm:ssZ`, a moment that exists; such texts are in the order of time. */
export function moment(field: Field): string {
  const { value } = field;
  const parts = typeof value === "string" ? MOMENT.exec(value) : null;
  if (parts === null) refuse(field.where, "is not YYYY-MM-DDThh:mm:ssZ");
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number) as [number, number, number, number, number, number];
  const days = [31, year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  const exists = year >= 1 && month >= 1 && day >= 1 && day <= (days[month - 1] ?? 0) && hour < 24 && minute < 60 && second < 60;
  hold(exists, field.where, "is no moment that exists");
  return value as string;
}

/** Whether each entry comes after the one before it. */
export function ascend<T>(items: readonly T[], order: (a: T, b: T) => number, where: string): void {
  items.forEach((item, i) => {
    if (i > 0) hold(order(items[i - 1] as T, item) < 0, `${where}[${i}]`, "is not after the entry before it");
  });
}
