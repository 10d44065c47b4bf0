"""Mutants that no test can notice, each with the reason: equivalent to what stands there."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.mutants.running import Placed

EXCUSES = Path(__file__).with_name("equivalent.toml")


@dataclass(frozen=True, slots=True)
class Excuse:
    """`before` and `after` as the mutant tells them, in `line` of a module (its text, without margins);
    without these two, wherever it stands.
    """

    before: str
    after: str
    why: str
    module: str = ""
    line: str = ""


@cache
def excuses() -> tuple[Excuse, ...]:
    """All of equivalent.toml. Raises where one has no reason."""
    found = tuple(Excuse(**each) for each in tomllib.loads(EXCUSES.read_text("utf-8")).get("equivalent", []))
    for one in found:
        if len(one.why) < 20:
            raise ValueError(f"{one.module}: {one.line}: no reason is given")
    return found


def excuse(placed: Placed) -> Excuse | None:
    """The excuse of a mutant, if there is one."""
    return next((one for one in excuses() if _meets(one, placed)), None)


def _meets(one: Excuse, placed: Placed) -> bool:
    mutant = placed.mutant
    return (
        (one.before, one.after) == (mutant.before, mutant.after)
        and one.module in ("", placed.module)
        and one.line in ("", mutant.text)
    )
