// Codes that people read and type: slips, trackers, sheets (docs/protocol.md 6.2). Twin of
// surveys/protocol/codes.py.

import { Malformed } from "./errors.ts";
import { fromNumber, type Octets, toNumber } from "./octets.ts";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_BYTES = 10;
const SHEET_BYTES = 32;
const SHEET_GROUPS = 13;
const IGNORED = new Set([" ", "-", "\u00a0", "–", "—", "\n", "\t"]);

/** a·b in GF(2^5) with x^5 + x^2 + 1. */
function times(a: number, b: number): number {
  let product = 0;
  for (let left = a, right = b; right > 0; right >>= 1) {
    if (right & 1) product ^= left;
    left <<= 1;
    if (left & 32) left ^= 0b100101;
  }
  return product;
}

const ALPHA: readonly number[] = Array.from({ length: 31 }).reduce<number[]>(
  (powers) => [...powers, powers.length === 0 ? 1 : times(powers[powers.length - 1] as number, 2)],
  [],
);

function checkOf(values: readonly number[]): number {
  return values.reduce((total, value, i) => total ^ times(ALPHA[i + 1] as number, value), 0);
}

function groupCheck(number: number, four: readonly number[]): number {
  return checkOf(four) ^ times(ALPHA[5] as number, number);
}

function split(raw: Octets, characters: number): number[] {
  const number = toNumber(raw) << BigInt(5 * characters - 8 * raw.length);
  return Array.from({ length: characters }, (_, i) =>
    Number((number >> BigInt(5 * (characters - 1 - i))) & 31n),
  );
}

function merge(values: readonly number[], length: number, where: string): Octets {
  const number = values.reduce((total, value) => (total << 5n) | BigInt(value), 0n);
  const spare = BigInt(5 * values.length - 8 * length);
  if ((number & ((1n << spare) - 1n)) !== 0n) {
    throw new Malformed("6.2", where, "the last characters are not those of a code");
  }
  return fromNumber(number >> spare, length);
}

function letter(value: number): string {
  return ALPHABET[value] as string;
}

function digitOf(typed: string): number {
  // Only the letters themselves: other scripts have letters whose capital is one of ours.
  const upper = /^[a-z]$/.test(typed) ? typed.toUpperCase() : typed;
  const meant = upper === "O" ? "0" : upper === "I" || upper === "L" ? "1" : upper;
  return ALPHABET.indexOf(meant);
}

function read(text: string, characters: number, where: string): number[] {
  const letters = [...text].filter((typed) => !IGNORED.has(typed));
  const values = letters.map(digitOf);
  const unknown = values.indexOf(-1);
  if (unknown !== -1) throw new Malformed("6.2", where, `${letters[unknown]} does not occur in a code`);
  if (values.length !== characters) {
    throw new Malformed("6.2", where, `has ${values.length} characters, not ${characters}`);
  }
  return values;
}

/** The six characters by which a vote's booth can be typed. */
export function shortCode(survey: Octets): string {
  return split(survey, 26).slice(0, 6).map(letter).join("");
}

/** 10 bytes as XXXX-XXXX-XXXX-XXXXC. */
export function writeCode(raw: Octets): string {
  if (raw.length !== CODE_BYTES) throw new RangeError("a code has 10 bytes");
  const values = split(raw, 16);
  const letters = [...values, checkOf(values)].map(letter).join("");
  return `${letters.slice(0, 4)}-${letters.slice(4, 8)}-${letters.slice(8, 12)}-${letters.slice(12)}`;
}

/** The 10 bytes of a typed code. */
export function readCode(text: string, where = "code"): Octets {
  const values = read(text, 17, where);
  if (checkOf(values.slice(0, 16)) !== values[16]) {
    throw new Malformed("6.2", where, "the check character does not fit: a character is wrong");
  }
  return merge(values.slice(0, 16), CODE_BYTES, where);
}

/** 32 bytes as thirteen groups of four characters and their check character. */
export function writeSheet(seed: Octets): string[] {
  if (seed.length !== SHEET_BYTES) throw new RangeError("a seed has 32 bytes");
  const values = split(seed, 52);
  return Array.from({ length: SHEET_GROUPS }, (_, g) => {
    const four = values.slice(4 * g, 4 * g + 4);
    return [...four, groupCheck(g + 1, four)].map(letter).join("");
  });
}

/** Whether group number `g` (from 1) of a sheet is whole and its check character fits. */
export function groupHolds(g: number, text: string): boolean {
  try {
    const group = read(text, 5, "group");
    return groupCheck(g, group.slice(0, 4)) === group[4];
  } catch {
    return false;
  }
}

/** The 32 bytes of a typed sheet; a refusal names the group that is wrong. */
export function readSheet(text: string, where = "sheet"): Octets {
  const values = read(text, 5 * SHEET_GROUPS, where);
  const kept: number[] = [];
  for (let g = 0; g < SHEET_GROUPS; g++) {
    const group = values.slice(5 * g, 5 * g + 5);
    if (groupCheck(g + 1, group.slice(0, 4)) !== group[4]) {
      throw new Malformed("6.2", `${where}.group[${g + 1}]`, "a character is wrong, or groups are swapped");
    }
    kept.push(...group.slice(0, 4));
  }
  return merge(kept, SHEET_BYTES, where);
}
