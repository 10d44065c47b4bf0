// A hash in words that people read out to each other: twelve Vietnamese syllables (docs/protocol.md 1.5).
// Twin of words.py. Danger: whoever makes two boards may try to make their words alike; the 120 bits are
// what stands against it.

import type { Octets } from "./octets.ts";

const BEGINNINGS = "b c ch đ g h kh l m ng nh ph t th v x".split(" ");
const RHYMES = [
  "a à á ạ",
  "am àm ám ạm",
  "anh ành ánh ạnh",
  "ao ào áo ạo",
  "ăng ằng ắng ặng",
  "âm ầm ấm ậm",
  "âu ầu ấu ậu",
  "ây ầy ấy ậy",
  "iên iền iến iện",
  "ô ồ ố ộ",
  "ôi ồi ối ội",
  "ông ồng ống ộng",
  "ơi ời ới ợi",
  "ơn ờn ớn ợn",
  "ưa ừa ứa ựa",
  "ương ường ướng ượng",
].map((row) => row.split(" "));
const BEFORE_I: Readonly<Record<string, string>> = { c: "k", g: "gh", ng: "ngh" };
const WORDS = 12;
const BITS = 10;

/** The syllable of a number of 10 bits. */
function syllable(number: number): string {
  const [beginning, rhyme] = [
    BEGINNINGS[number >> 6] as string,
    RHYMES[(number >> 2) & 15]?.[number & 3] as string,
  ];
  return (rhyme.startsWith("i") ? (BEFORE_I[beginning] ?? beginning) : beginning) + rhyme;
}

/** The twelve syllables of the first 120 bits. */
export function wordsOf(hash: Octets): string[] {
  return Array.from({ length: WORDS }, (_, i) => {
    let number = 0;
    for (let bit = BITS * i; bit < BITS * (i + 1); bit++) {
      number = 2 * number + (((hash[bit >> 3] as number) >> (7 - (bit & 7))) & 1);
    }
    return syllable(number);
  });
}

/** As they are written: four groups of three. */
export function inWords(hash: Octets): string {
  const words = wordsOf(hash);
  return [0, 3, 6, 9].map((i) => words.slice(i, i + 3).join(" ")).join(" · ");
}
