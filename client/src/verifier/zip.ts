// The zip of docs/protocol.md 14.1: exactly its members, one after the other, with nothing before, between or
// behind them.
//
// Danger: readers of zips disagree on files that are two things at once; so every byte of this one has one
// place. Nothing is unpacked beyond the length that was announced, and nothing whole unless it is asked for:
// the board is read piece by piece.

import type { Bytes } from "./bytes.ts";
import { inflate } from "./inflate.ts";
import { hold, refuse } from "./refused.ts";

/** Where the bytes of a bundle are: in memory, or in a file that a worker reads piece by piece. */
export interface Source {
  readonly size: number;
  read(at: number, length: number): Bytes;
}

export const MEMBERS = [
  "manifest.json",
  "ceremony.json",
  "roll.json",
  "issuance.json",
  "board.bin",
  "checkpoint.txt",
  "plan.json",
  "agreement.json",
  "tally.json",
  "attendance.json",
  "results.json",
  "minutes.json",
  "minutes.txt",
  "certificate.json",
] as const;

/** Members by name, wherever they come from. Each throws Refused. */
export interface Members {
  size(name: Member): number;
  pieces(name: Member): Generator<Bytes, void>;
  read(name: Member): Bytes;
}

export type Member = (typeof MEMBERS)[number];

const [LOCAL, CENTRAL, END] = [0x04034b50, 0x02014b50, 0x06054b50] as const;
const [LOCAL_SIZE, CENTRAL_SIZE, END_SIZE] = [30, 46, 22] as const;
const [STORED, DEFLATED] = [0, 8] as const;
const MOST = 0xffffffff;
/** How hard the packer tried (bits 1 and 2), and that names are UTF-8 (bit 11). */
const HARMLESS = 0x0806;
const PIECE = 1 << 18;

/**
 * How much a member may unpack to (14.1): so many times its packed size, and so many bytes more. A file that
 * goes beyond was made to exhaust its reader.
 */
const [CIPHERTEXT, HEX, TEXT, ALIKE] = [
  [2, 65_536],
  [4, 65_536],
  [12, 262_144],
  // Results and minutes say nearly the same of each contest.
  [16, 4_194_304],
] as const;
const UNPACKED: Partial<Record<Member, readonly [number, number]>> = {
  "board.bin": CIPHERTEXT,
  "ceremony.json": HEX,
  "roll.json": HEX,
  "issuance.json": HEX,
  "tally.json": HEX,
  "results.json": ALIKE,
  "minutes.txt": ALIKE,
};

interface Entry {
  readonly name: Member;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly header: number;
}

export class Archive {
  private readonly _source: Source;
  private readonly _entries: ReadonlyMap<Member, Entry>;

  private constructor(source: Source, entries: ReadonlyMap<Member, Entry>) {
    this._source = source;
    this._entries = entries;
  }

  /** Read the directory and hold it against the members. Throws Refused. */
  static open(source: Source): Archive {
    const { offset, size } = endOf(source);
    const entries = directoryOf(source, offset, size);
    let at = 0;
    for (const entry of entries.values()) {
      hold(
        entry.header === at,
        entry.name,
        "does not begin where the member before it in the directory ends",
      );
      at = checkHeader(source, entry, offset);
    }
    hold(at === offset, "bundle", "has bytes between its members and its directory");
    return new Archive(source, entries);
  }

  size(name: Member): number {
    return this._entry(name).size;
  }

  private _entry(name: Member): Entry {
    return this._entries.get(name) ?? refuse(name, "is missing");
  }

  /** The member piece by piece; refused at its end where length or checksum are not as announced. */
  *pieces(name: Member): Generator<Bytes, void> {
    const entry = this._entry(name);
    const raw = packedOf(this._source, entry);
    const made = entry.method === STORED ? plain(raw) : inflate(raw, name);
    let [length, crc] = [0, 0xffffffff];
    for (const piece of made) {
      length += piece.length;
      hold(length <= entry.size, name, "holds more than announced");
      crc = checksum(crc, piece);
      yield piece;
    }
    hold(length === entry.size, name, "holds less than announced");
    hold((crc ^ 0xffffffff) >>> 0 === entry.crc, name, "has another checksum");
  }

  /** The whole member, laid where it stays: pieces beside it would take its length once more. */
  read(name: Member): Bytes {
    const whole = new Uint8Array(this.size(name));
    let at = 0;
    for (const piece of this.pieces(name)) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }
}

function view(source: Source, at: number, length: number, where: string): DataView {
  hold(at >= 0 && at + length <= source.size, where, "is cut off");
  const raw = source.read(at, length);
  return new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
}

function endOf(source: Source): { readonly offset: number; readonly size: number } {
  hold(source.size >= END_SIZE && source.size <= MOST, "bundle", "is no zip without extensions");
  const end = view(source, source.size - END_SIZE, END_SIZE, "bundle");
  hold(
    end.getUint32(0, true) === END && end.getUint16(20, true) === 0,
    "bundle",
    "does not end as a zip without a comment",
  );
  hold(end.getUint16(4, true) === 0 && end.getUint16(6, true) === 0, "bundle", "is a part of several");
  const [here, all] = [end.getUint16(8, true), end.getUint16(10, true)];
  hold(
    here === MEMBERS.length && all === MEMBERS.length,
    "bundle",
    `does not hold ${MEMBERS.length} members`,
  );
  const [size, offset] = [end.getUint32(12, true), end.getUint32(16, true)];
  hold(offset + size === source.size - END_SIZE, "bundle", "has bytes before or behind its directory");
  return { offset, size };
}

function directoryOf(source: Source, offset: number, size: number): ReadonlyMap<Member, Entry> {
  const entries = new Map<Member, Entry>();
  const raw = view(source, offset, size, "directory");
  let at = 0;
  for (let i = 0; i < MEMBERS.length; i++) {
    hold(at + CENTRAL_SIZE <= size && raw.getUint32(at, true) === CENTRAL, `directory[${i}]`, "is no entry");
    const length = raw.getUint16(at + 28, true);
    hold(at + CENTRAL_SIZE + length <= size, `directory[${i}]`, "is cut off");
    const name = nameIn(raw, at + CENTRAL_SIZE, length);
    hold(!entries.has(name), name, "stands in the bundle twice");
    hold(
      raw.getUint16(at + 30, true) === 0 && raw.getUint16(at + 32, true) === 0,
      name,
      "has an extra field or a comment",
    );
    hold(raw.getUint16(at + 34, true) === 0, name, "is on another disk");
    const entry = {
      name,
      flags: raw.getUint16(at + 8, true),
      method: raw.getUint16(at + 10, true),
      crc: raw.getUint32(at + 16, true),
      packed: raw.getUint32(at + 20, true),
      size: raw.getUint32(at + 24, true),
      header: raw.getUint32(at + 42, true),
    };
    checkEntry(entry);
    entries.set(name, entry);
    at += CENTRAL_SIZE + length;
  }
  hold(at === size, "directory", "has bytes behind its entries");
  return entries;
}

function checkEntry({ name, flags, method, packed, size, header }: Entry): void {
  hold((flags & ~HARMLESS) === 0, name, "is encrypted, or its lengths stand behind it");
  hold(method === STORED || method === DEFLATED, name, "is neither stored nor deflated");
  hold(packed < MOST && size < MOST && header < MOST, name, "is as large as only zip64 can say");
  hold(method !== STORED || packed === size, name, "is stored in another length than its own");
  const [times, free] = UNPACKED[name] ?? TEXT;
  hold(size <= times * packed + free, name, "unpacks to implausibly much");
}

function nameIn(raw: DataView, at: number, length: number): Member {
  let text = "";
  for (let i = 0; i < Math.min(length, 64); i++) text += String.fromCharCode(raw.getUint8(at + i));
  const found = MEMBERS.find((name) => name === text && name.length === length);
  return found ?? refuse("bundle", `holds a member ${JSON.stringify(text)} that no bundle has`);
}

/** The local header says the same as the directory; where the member ends. */
function checkHeader(source: Source, entry: Entry, offset: number): number {
  const { name, header } = entry;
  const raw = view(source, header, LOCAL_SIZE + name.length, name);
  const says: readonly (readonly [number, number])[] = [
    [raw.getUint32(0, true), LOCAL],
    [raw.getUint16(6, true), entry.flags],
    [raw.getUint16(8, true), entry.method],
    [raw.getUint32(14, true), entry.crc],
    [raw.getUint32(18, true), entry.packed],
    [raw.getUint32(22, true), entry.size],
    [raw.getUint16(26, true), name.length],
    [raw.getUint16(28, true), 0],
  ];
  hold(
    says.every(([said, wanted]) => said === wanted) && nameIn(raw, LOCAL_SIZE, name.length) === name,
    name,
    "has a header that differs from the directory",
  );
  const end = header + LOCAL_SIZE + name.length + entry.packed;
  hold(end <= offset, name, "reaches into the directory");
  return end;
}

function packedOf(source: Source, entry: Entry): () => Bytes | null {
  let at = entry.header + LOCAL_SIZE + entry.name.length;
  const end = at + entry.packed;
  return () => {
    if (at === end) return null;
    const piece = source.read(at, Math.min(PIECE, end - at));
    at += piece.length;
    return piece;
  };
}

function* plain(next: () => Bytes | null): Generator<Bytes, void> {
  for (let piece = next(); piece !== null; piece = next()) yield piece;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let i = 0; i < 8; i++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n;
});

/** CRC-32 as zips have it, going on from what it was. */
function checksum(crc: number, raw: Bytes): number {
  for (let i = 0; i < raw.length; i++) crc = TABLE[(crc ^ raw[i]!) & 0xff]! ^ (crc >>> 8);
  return crc;
}
