// Under which letterhead a round's papers stand (docs/protocol.md 4.1), and how their text begins (13.5).

import type { Field } from "./fields.ts";

export type Letterhead = "party" | "state";

/** The form of `papers`; of it the verifier needs the letterhead alone. */
export function letterheadOf(papers: Field): Letterhead {
  const { letterhead, language, issued_at, superior, recipients } = papers.object(
    "letterhead",
    "language",
    "issued_at",
    "superior",
    "recipients",
  );
  language.oneOf("vi", "en");
  issued_at.text(0, 300);
  superior.text(0, 300);
  for (const each of recipients.list(0, 20)) each.text(1, 300);
  return letterhead.oneOf("party", "state");
}

export const FIRST_LINES: Readonly<Record<Letterhead, readonly string[]>> = {
  party: ["ĐẢNG CỘNG SẢN VIỆT NAM"],
  state: ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"],
};
