// The sentences of the committee page, in both languages.

import type { Language, Words } from "../../dom/languages.ts";
import { EN } from "./words.en.ts";
import { VI } from "./words.vi.ts";

export const WORDS: Readonly<Record<Language, Words>> = { vi: VI, en: EN };
