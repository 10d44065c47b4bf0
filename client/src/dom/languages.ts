// Vietnamese and English on pages that run in the browser: switching loses nothing, for nothing is loaded again.

export type Language = "vi" | "en";
export type Words = Readonly<Record<string, string>>;

export interface Both {
  readonly vi: string;
  readonly en: string;
}

/** The words of a page in one language. `say` fills {names}; a missing word is an error, never an empty place. */
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

  /** A moment in the vote's own time zone, with the zone's name. */
  moment(instant: string, zone: string): string {
    const locale = this.language === "vi" ? "vi-VN" : "en-GB";
    const options: Intl.DateTimeFormatOptions = { dateStyle: "long", timeStyle: "short", timeZone: zone };
    return `${new Intl.DateTimeFormat(locale, options).format(new Date(instant))} (${zone})`;
  }
}

/** What the browser asks for; Vietnamese unless it prefers English to Vietnamese. */
export function preferred(asked: readonly string[]): Language {
  const first = asked.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag === "vi" || tag === "en");
  return first === "en" ? "en" : "vi";
}
