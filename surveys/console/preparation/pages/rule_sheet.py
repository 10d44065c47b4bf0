"""What a browser sent of a rule's form, and the steps that add, move and remove parts of it: everything as it
was typed.

Danger: field names come from the browser, and WTForms trusts the numbers in them; only names are kept that a
form of ours could have.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from surveys.rules.preset import MOST, Preset

MOST_CONDITIONS = 4
_NAME = re.compile(r"[a-z_]+(-([0-9]{1,2}|[a-z_]+))*")
_PART = re.compile(r"(outcomes|watch)-([0-9]{1,2})-(?:all-([0-9]{1,2})-)?([a-z-]+)")
_STEP = re.compile(r"(add|remove|up|down)-(outcomes|watch)(?:-([0-9]{1,2}))?(-all)?(?:-([0-9]{1,2}))?")
_STEMS = {"outcomes": "outcome", "watch": "flag"}


@dataclass(slots=True)
class Entry:
    """An outcome or watch flag as it was typed."""

    fields: dict[str, str]
    conditions: list[dict[str, str]]


class Sheet:
    """The fields of the form; outcomes and watch flags as lists."""

    def __init__(self, sent: MultiDict[str, str]) -> None:
        self._rest: dict[str, str] = {}
        found: dict[str, dict[int, dict[str, str]]] = {"outcomes": {}, "watch": {}}
        inside: dict[tuple[str, int], dict[int, dict[str, str]]] = {}
        for name, value in sent.items():
            part = _PART.fullmatch(name)
            if part is None:
                if _NAME.fullmatch(name):
                    self._rest[name] = value
                continue
            kind, i = part[1], int(part[2])
            fields = found[kind].setdefault(i, {})
            if part[3] is not None:
                fields = inside.setdefault((kind, i), {}).setdefault(int(part[3]), {})
            fields[part[4]] = value
        # Gaps in the numbers are closed: who sends number 99 alone sends the first.
        self.lists = {
            kind: [
                Entry(entries[i], [each for _, each in sorted(inside.get((kind, i), {}).items())])
                for i in sorted(entries)
            ]
            for kind, entries in found.items()
        }

    def fields(self) -> MultiDict[str, str]:
        """Everything as fields of a form."""
        sent: MultiDict[str, str] = MultiDict(self._rest)
        for kind, entries in self.lists.items():
            for i, entry in enumerate(entries):
                sent.update({f"{kind}-{i}-{name}": value for name, value in entry.fields.items()})
                for j, condition in enumerate(entry.conditions):
                    sent.update({f"{kind}-{i}-all-{j}-{name}": value for name, value in condition.items()})
        return sent

    def step(self, name: str, base: Preset) -> bool:
        """Take a step: add-outcomes, up-watch-1, remove-outcomes-0, add-outcomes-0-all,
        remove-outcomes-0-all-1. False where it cannot be taken.
        """
        read = _STEP.fullmatch(name)
        if read is None:
            return False
        what, entries, at = read[1], self.lists[read[2]], None if read[3] is None else int(read[3])
        if at is None:
            return what == "add" and read[4] is None and self._add(read[2], base)
        if at >= len(entries):
            return False
        if read[4] is not None:
            return _step_inside(entries[at].conditions, what, None if read[5] is None else int(read[5]), base)
        if what == "remove":
            del entries[at]
            return True
        other = {"up": at - 1, "down": at + 1}.get(what, -1)
        if not 0 <= other < len(entries):
            return False
        entries[at], entries[other] = entries[other], entries[at]
        return True

    def _add(self, kind: str, base: Preset) -> bool:
        if len(self.lists[kind]) >= MOST:
            return False
        taken = {entry.fields.get("id") for entries in self.lists.values() for entry in entries}
        ids = (f"{_STEMS[kind]}_{number}" for number in range(1, 2 * MOST + 2))
        new = next(id for id in ids if id not in taken)
        source = {f"source-{each}": self._rest.get(f"source-{each}", "") for each in ("vi", "en")}
        self.lists[kind].append(Entry({"id": new, "vi": "", "en": "", **source}, [_condition(base)]))
        return True


def _step_inside(conditions: list[dict[str, str]], what: str, at: int | None, base: Preset) -> bool:
    if what == "add" and at is None and len(conditions) < MOST_CONDITIONS:
        conditions.append(_condition(base))
    elif what == "remove" and at is not None and at < len(conditions):
        del conditions[at]
    else:
        return False
    return True


def _condition(base: Preset) -> dict[str, str]:
    """What a new condition begins with: more than half say the last level."""
    return {"level": base.level_ids[-1], "op": ">", "of": "1", "times": "2", "year": "this"}
