// What the voters of one panel see, and the proof that this vote's manifest says so: the form
// (docs/protocol.md 4.6). Twin of surveys/protocol/form.py.
//
// Danger: what is shown of a form that was not checked is what somebody between said.

import { decode, Fields, type Json } from "./canonical.ts";
import {
  type Contest,
  contestJson,
  entryHash,
  formHash,
  MAX_PANELS,
  type Panel,
  panelJson,
  type Root,
  type Unit,
  unitJson,
} from "./definition.ts";
import { Inconsistent, Rejected } from "./errors.ts";
import { decodeHead, format, type Manifest, readContest, readPanel, readUnit } from "./manifest.ts";
import { checkInclusionOfHash } from "./merkle.ts";
import { type Octets, same } from "./octets.ts";

const FORM_FORMAT = "tin-nhiem/form/2";
const MOST = 100;

export interface Form {
  readonly panel: number;
  readonly entry: Panel;
  readonly path: readonly Octets[];
  readonly unit: Unit;
  readonly contests: readonly Contest[];
  /** The unit of each contest. */
  readonly units: readonly Unit[];
}

/** Parse strictly; whether it belongs to a head is `checkForm`. */
export function decodeForm(raw: Octets): Form {
  const fields = new Fields(decode(raw, "4.6", "form"), "4.6", "form");
  format(fields, FORM_FORMAT);
  const form = {
    panel: fields.integer("panel", 0, MAX_PANELS - 1),
    entry: readPanel(fields.object("entry")),
    path: fields.hexes("path", 64, 32),
    unit: readUnit(fields.object("unit")),
    contests: fields.objects("contests", MOST).map(readContest),
    units: fields.objects("units", MOST).map(readUnit),
  };
  fields.done();
  return form;
}

/** 4.6, against the root of the panels in the head. */
export function checkForm(form: Form, panels: Root): void {
  const need = (holds: boolean, where: string, why: string): void => {
    if (!holds) throw new Inconsistent("4.6", `form.${where}`, why);
  };
  const { entry, contests, units } = form;
  need(contests.length === entry.contests.length, "contests", "not those of the entry");
  need(units.length === contests.length, "units", "not one for each contest");
  need(form.unit.code === entry.unit, "unit", "not the unit of the entry");
  const seen = contests.flatMap((contest, i) => {
    const unit = units[i] as Unit;
    need(unit.code === contest.unit, `units[${i}]`, "not the unit of its contest");
    return [entryHash(contestJson(contest)), entryHash(unitJson(unit))];
  });
  const hash = formHash(entryHash(unitJson(form.unit) as Json), seen);
  need(same(hash, entry.form), "entry.form", "not the hash of this form");
  try {
    checkInclusionOfHash(entryHash(panelJson(entry)), form.panel, panels.size, form.path, panels.root);
  } catch (error) {
    need(!(error instanceof Rejected), "path", "does not lead to the root");
    throw error;
  }
}

/**
 * The head of a manifest alone (4.4), its lists empty. Its hash is M; `check` and `encode` are not for it.
 */
export function headsManifest(head: Octets): Manifest {
  return decodeHead(head, { units: [], panels: [], contests: [] });
}

/**
 * What a voter's client loads (4.6), checked: a manifest whose lists hold this panel, its contests and
 * their units, and have holes where everything else stands. Its hash is M; `check` and `encode` are not
 * for it.
 */
export function votersManifest(head: Octets, raw: Octets, panel: number): Manifest {
  const form = decodeForm(raw);
  if (form.panel !== panel) throw new Inconsistent("4.6", "form.panel", "not the panel that was asked for");
  const panels: Panel[] = [];
  const contests: Contest[] = [];
  panels[form.panel] = form.entry;
  form.entry.contests.forEach((c, i) => {
    const contest = form.contests[i];
    if (contest !== undefined) contests[c] = { ...contest, panels: [form.panel] };
  });
  const codes = new Map([form.unit, ...form.units].map((unit) => [unit.code, unit]));
  const manifest = decodeHead(head, { units: [...codes.values()], panels, contests });
  const { roots } = manifest.definition.terms;
  checkForm(form, roots.panels);
  panels.length = roots.panels.size;
  return manifest;
}
