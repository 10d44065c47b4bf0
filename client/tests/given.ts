// What a vector gives, with references resolved: the twin of Given in tests/vectors/reading.py.

import type { Octets } from "../src/core/octets.ts";

export interface Given {
  value(name: string): any;
  has(name: string): boolean;
  raw(name: string): Octets;
  raws(name: string): Octets[];
  document(name: string): Octets;
}

export type Readers = Readonly<Record<string, (given: Given) => unknown>>;
