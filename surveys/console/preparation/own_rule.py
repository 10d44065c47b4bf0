"""A round's own rule: a preset copied and edited, or a file brought in (docs/operations.md, "The rule of a
round").

Until freezing the rule may be decided again and again; each time stands in the staff log. Danger: two
organizers may edit at once; who decides second is told so, and nothing of the first is overwritten unseen.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from surveys.accounts.roles import Staff
from surveys.console.preparation.drafting import Drafting
from surveys.names import RoundId
from surveys.rounds import drafts
from surveys.rounds.definition import Terms
from surveys.rules.copies import check_own, copy_of
from surveys.rules.preset import Preset, names
from surveys.stages.errors import RuleChanged


@dataclass(frozen=True, slots=True)
class Editing:
    """The rule to begin with, and a mark of the one that it will replace."""

    rule: Preset
    seen: str


def rule_to_edit(terms: Terms, of: str = "") -> Editing:
    """The round's own rule, or a copy of a preset: of the one named, or of the one that is chosen. Raises
    NoSuchPreset.
    """
    rule = Preset.load(of) if of else terms.preset
    return Editing(copy_of(rule) if rule.name in names() else rule, mark(terms.preset))


def decide_rule(desk: Drafting, by: Staff, round_id: RoundId, rule: Preset, seen: str | None = None) -> None:
    """Make this the round's rule. One transaction.

    Order: that it does not pass for a preset, that the rule is still the one that was `seen`, then
    `Drafting.decide`. Raises BadRule, RuleChanged, NoSuchDraft or StillFreezing; nothing is stored then.
    """
    check_own(rule)
    before = drafts.load_draft(desk.stores.app, round_id).preset
    if seen is not None and mark(before) != seen:
        raise RuleChanged("the rule was decided anew meanwhile")
    desk.decide(by, round_id, "rule", seen=None if seen is None else before, preset=rule)


def bring_rule(desk: Drafting, by: Staff, round_id: RoundId, raw: bytes) -> None:
    """Make the rule of a TOML file the round's. Raises BadRule with the place, and what `decide_rule`
    refuses.
    """
    decide_rule(desk, by, round_id, Preset.from_bytes(raw, "rule"))


def mark(rule: Preset) -> str:
    """A short hash that is another one for another rule."""
    return hashlib.sha256(json.dumps(rule.as_json(), sort_keys=True).encode()).hexdigest()[:16]
