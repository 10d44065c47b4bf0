// A hash in words that can be said and compared: proquints (D. S. Wilkerson, "A proposal for proquints", 2009), two bytes a word.

import type { Octets } from "../../core/octets.ts";

const CONSONANTS = "bdfghjklmnprstvz";
const VOWELS = "aiou";

/** The first sixteen bytes as eight words. */
export function inWords(hash: Octets): string[] {
  return Array.from({ length: 8 }, (_, i) => {
    const word = ((hash[2 * i] as number) << 8) | (hash[2 * i + 1] as number);
    const c = (shift: number): string => CONSONANTS[(word >> shift) & 15] as string;
    const v = (shift: number): string => VOWELS[(word >> shift) & 3] as string;
    return c(12) + v(10) + c(6) + v(4) + c(0);
  });
}
