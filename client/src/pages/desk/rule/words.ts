// What stands around a rule's explanation, as in templates/components/rule.html.

import type { Language, Words } from "../../../dom/languages.ts";

export const WORDS: Readonly<Record<Language, Words>> = {
  vi: {
    applies: "Áp dụng {when}.",
    first: "“{first}” được xét trước khi cả hai cùng đủ điều kiện",
    last: "nếu chưa biết kết quả năm trước thì không áp dụng",
    incomplete: "Phần giải thích sẽ hiện ở đây khi các điều kiện đã đầy đủ.",
    doubts: "Hãy xem có đúng chủ ý không:",
    caption: "Mỗi hệ quả ứng với số phiếu nào",
    outcome: "Hệ quả",
    never: "không bao giờ",
    any: "dù ghi thế nào",
    returned: "trong {n} phiếu thu về",
    summoned: "trong {n} người được triệu tập",
    returnedOne: "trong {n} phiếu thu về",
    summonedOne: "trong {n} người được triệu tập",
  },
  en: {
    applies: "Applies {when}.",
    first: "“{first}” comes first where both apply",
    last: "where last year's figures are not known, it does not apply",
    incomplete: "It is explained here as soon as its conditions are complete.",
    doubts: "Have a look whether this is meant:",
    caption: "For which counts each outcome is given",
    outcome: "Outcome",
    never: "never",
    any: "whatever is marked",
    returned: "of {n} ballots returned",
    summoned: "of {n} persons summoned",
    returnedOne: "of {n} ballot returned",
    summonedOne: "of {n} person summoned",
  },
};
