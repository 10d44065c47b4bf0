// Whether a document is written in its one form (docs/protocol.md 3.1, RFC 8785), told from its bytes alone:
// before anything is made of them, so that a document of many small things costs no more than its length.
//
// Danger: whatever passes here must be exactly what `writeDocument` writes; the vectors of 3.1 hold both to
// that.

import type { Bytes } from "./bytes.ts";
import { hold, refuse } from "./refused.ts";

/** Arrays and objects inside one another. */
export const DEEPEST = 32;

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a] as const;
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d] as const;
const [MINUS, ZERO, NINE, LETTER_U] = [0x2d, 0x30, 0x39, 0x75] as const;
/** `"`, `\\`, b, f, n, r, t: what is escaped by one letter. */
const ESCAPED = new Set([0x22, 0x5c, 0x62, 0x66, 0x6e, 0x72, 0x74]);
/** The controls that have a letter of their own: 8, 9, 10, 12, 13. */
const WITH_LETTER = new Set([8, 9, 10, 12, 13]);
const WORDS = ["true", "false", "null"].map((word) =>
  Uint8Array.from(word, (letter) => letter.charCodeAt(0)),
);

/** The bytes, which are UTF-8, are one canonical document. Throws Refused. */
export function checkForm(raw: Bytes, where: string): void {
  const reader = new Reader(raw, where);
  reader.value(0);
  reader.end();
}

class Reader {
  private readonly _raw: Bytes;
  private readonly _where: string;
  private _at = 0;

  constructor(raw: Bytes, where: string) {
    this._raw = raw;
    this._where = where;
  }

  end(): void {
    hold(this._at === this._raw.length, this._where, "goes on behind its value");
  }

  value(depth: number): void {
    const first = this._raw[this._at];
    if (first === QUOTE) this._text();
    else if (first === OPEN_LIST) this._list(depth);
    else if (first === OPEN_OBJECT) this._object(depth);
    else if (first === MINUS || isDigit(first)) this._number();
    else this._word();
  }

  private _refuse(): never {
    refuse(this._where, `is not written in its one form (RFC 8785) at byte ${this._at}`);
  }

  private _take(byte: number): void {
    if (this._raw[this._at] !== byte) this._refuse();
    this._at++;
  }

  private _enter(depth: number): void {
    hold(depth < DEEPEST, this._where, `holds more than ${DEEPEST} objects and lists inside one another`);
    this._at++;
  }

  /** Whether this byte ends what was entered; otherwise a comma must stand here. */
  private _ends(close: number): boolean {
    if (this._raw[this._at] === close) {
      this._at++;
      return true;
    }
    this._take(COMMA);
    return false;
  }

  private _list(depth: number): void {
    this._enter(depth);
    if (this._raw[this._at] === CLOSE_LIST) {
      this._at++;
      return;
    }
    do this.value(depth + 1);
    while (!this._ends(CLOSE_LIST));
  }

  private _object(depth: number): void {
    this._enter(depth);
    if (this._raw[this._at] === CLOSE_OBJECT) {
      this._at++;
      return;
    }
    let [last, end] = [-1, -1];
    do {
      const from = this._at + 1;
      this._text();
      if (last >= 0 && !this._ascend(last, end, from, this._at - 1)) this._refuse();
      last = from;
      end = this._at - 1;
      this._take(COLON);
      this.value(depth + 1);
    } while (!this._ends(CLOSE_OBJECT));
  }

  /**
   * Whether the name from `second` to `secondEnd` comes after the one from `first` to `firstEnd` in the order
   * of UTF-16 units, and is another. Nothing is made for it: a document may hold a hundred thousand names.
   */
  private _ascend(first: number, firstEnd: number, second: number, secondEnd: number): boolean {
    const raw = this._raw;
    for (let i = 0; second + i < secondEnd; i++) {
      if (first + i === firstEnd) return true;
      const [a, b] = [raw[first + i] as number, raw[second + i] as number];
      // Among letters of ASCII the bytes tell; escapes and other letters are compared as the text they are.
      if (a === BACKSLASH || b === BACKSLASH || a > 0x7f || b > 0x7f)
        return textOf(raw.subarray(first, firstEnd)) < textOf(raw.subarray(second, secondEnd));
      if (a !== b) return a < b;
    }
    return false;
  }

  private _text(): void {
    this._take(QUOTE);
    for (;;) {
      const byte = this._raw[this._at];
      if (byte === undefined || byte < 0x20) this._refuse();
      this._at++;
      if (byte === QUOTE) return;
      if (byte === BACKSLASH) this._escape();
    }
  }

  private _escape(): void {
    const letter = this._raw[this._at];
    if (letter === undefined) this._refuse();
    if (ESCAPED.has(letter)) {
      this._at++;
      return;
    }
    if (letter !== LETTER_U) this._refuse();
    // Only controls without a letter of their own, in small hexadecimal digits.
    const digits = String.fromCharCode(...this._raw.subarray(this._at + 1, this._at + 5));
    const control = /^00[01][0-9a-f]$/.test(digits) ? Number.parseInt(digits, 16) : -1;
    if (control < 0 || WITH_LETTER.has(control)) this._refuse();
    this._at += 5;
  }

  private _number(): void {
    const from = this._at;
    const negative = this._raw[from] === MINUS;
    if (negative) this._at++;
    const first = this._at;
    while (isDigit(this._raw[this._at])) this._at++;
    const digits = this._at - first;
    const zero = this._raw[first] === ZERO;
    if (digits < 1 || digits > 16 || (zero && (digits > 1 || negative))) this._refuse();
    // Fifteen digits are always below 2^53: a text is made only of the longest.
    const small =
      digits < 16 ||
      Number.isSafeInteger(Number(String.fromCharCode(...this._raw.subarray(first, this._at))));
    hold(small, this._where, "holds a number that is no integer of at most 2^53 − 1");
  }

  private _word(): void {
    const word = WORDS.find((each) => each.every((letter, i) => this._raw[this._at + i] === letter));
    if (word === undefined) this._refuse();
    this._at += word.length;
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

function textOf(inside: Bytes): string {
  return JSON.parse(
    `"${new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(inside)}"`,
  ) as string;
}
