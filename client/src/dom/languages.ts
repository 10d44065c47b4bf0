// Vietnamese and English on pages that run in the browser: switching loses nothing, for nothing is loaded
// again.

export type Language = "vi" | "en";
export type Words = Readonly<Record<string, string>>;

export interface Both {
  readonly vi: string;
  readonly en: string;
}

/**
 * The words of a page in one language. `say` fills {names}; a missing word is an error, never an empty place.
 */
export class Tongue {
  readonly language: Language;
  readonly #words: Words;

  constructor(language: Language, words: Readonly<Record<Language, Words>>) {
    this.language = language;
    this.#words = words[language];
  }

  say(name: string, values: Readonly<Record<string, string | number>> = {}): string {
    const text = this.#words[name];
    if (text === undefined) throw new Error(`no words for ${name}`);
    return text.replace(/\{(\w+)\}/g, (_, key: string) => String(values[key]));
  }

  knows(name: string): boolean {
    return name in this.#words;
  }

  both(texts: Both): string {
    return texts[this.language];
  }

  /** A moment in the vote's own time zone. Said to be that where the device lives by another time. */
  moment(instant: string, zone: string): string {
    const at = new Date(instant);
    const there = partsOf(at, zone);
    const { hour, minute, day, month, year } = there;
    const text =
      this.language === "vi"
        ? `${hour} giờ ${minute} ngày ${day}/${month}/${year}`
        : `${hour}:${minute} on ${Number(day)} ${MONTHS[Number(month) - 1]} ${year}`;
    const here = partsOf(at, undefined);
    if (here.hour === hour && here.minute === minute && here.day === day) return text;
    return `${text} (${this.language === "vi" ? "giờ nơi tổ chức" : "local time of the vote"})`;
  }
}

const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

function partsOf(at: Date, timeZone: string | undefined): Readonly<Record<string, string>> {
  const two = "2-digit" as const;
  const shape = { year: "numeric", month: two, day: two, hour: two, minute: two, hourCycle: "h23" } as const;
  const format = new Intl.DateTimeFormat("en-GB", timeZone === undefined ? shape : { ...shape, timeZone });
  return Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
}

/** What the browser asks for; Vietnamese unless it prefers English to Vietnamese. */
export function preferred(asked: readonly string[]): Language {
  const first = asked.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag === "vi" || tag === "en");
  return first === "en" ? "en" : "vi";
}
