"""Texts that look alike and are not: a type checker keeps a round's id from standing where a unit's code is
asked for.
"""

from __future__ import annotations

from typing import NewType

RoundId = NewType("RoundId", str)
"""A round: 32 lowercase hex digits (docs/protocol.md 4.1, `survey`)."""

NO_ROUND = RoundId("")
"""No round is meant: where a reader asks without naming one, the newest."""

UnitCode = NewType("UnitCode", str)
"""A unit of the organisation, by the code that its spreadsheet gives it (docs/protocol.md 4.1)."""

PersonCode = NewType("PersonCode", str)
"""A person of the organisation, by the code that its spreadsheet gives them: a leader, a voter, whoever signs
in.
"""

NO_UNIT = UnitCode("")
"""No unit is meant: a round over the whole organisation, a search everywhere."""
