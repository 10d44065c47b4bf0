"""What the rules refuse."""

from __future__ import annotations

from enum import StrEnum

from surveys.errors import SurveysError


class Fault(StrEnum):
    """What kind of thing is wrong at a place of a rule: the pages have a sentence for each."""

    NOT_TOML = "not_toml"
    TOO_LARGE = "too_large"
    MISSING = "missing"
    UNKNOWN = "unknown"
    SHAPE = "shape"
    TOO_MANY = "too_many"
    TAKEN = "taken"
    ID = "id"
    TEXT = "text"
    LETTERS = "letters"
    NUMBER = "number"
    LEVELS = "levels"
    CHOICE = "choice"
    EVERYBODY = "everybody"
    CONDITIONS = "conditions"
    BORROWED = "borrowed"


class BadRule(SurveysError):
    """A rule that is not well-formed: `where` is the place in it, such as outcomes[1].all[0].op; `most` and
    `least` where a number has bounds.
    """

    def __init__(self, where: str, why: str, fault: Fault, *, least: int = 0, most: int = 0) -> None:
        self.where, self.why, self.fault, self.least, self.most = where, why, fault, least, most
        super().__init__(f"the rule is not usable: {where}: {why}")


class NoSuchPreset(SurveysError):
    """There is no preset with this name."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        self.name, self.known = name, known
        super().__init__(f"there is no preset {name}; there are {', '.join(known)}")


class AtomsRefused(SurveysError):
    """Atoms that overlap, leave a panel out, or are smaller than k."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"the atoms are not allowed: {why}")


class Leak(SurveysError):
    """Published figures from which a group of fewer than k ballots can be computed."""

    def __init__(self, panels: tuple[str, ...], ballots: int, k: int) -> None:
        self.panels, self.ballots, self.k = panels, ballots, k
        super().__init__(f"the figures isolate {ballots} ballots (k = {k}) of {', '.join(panels)}")


class Unproved(SurveysError):
    """Figures that overlap so much that trying all small groups would take too long; they must not be
    published.
    """

    def __init__(self, parts: int, k: int) -> None:
        self.parts, self.k = parts, k
        super().__init__(
            f"too many ways to combine {parts} small groups (k = {k}) to prove that none is isolated"
        )


class Tangled(SurveysError):
    """Outcomes that cut each other into more cases than can be told apart in words; caught where a rule is
    explained.
    """

    def __init__(self, most: int) -> None:
        super().__init__(f"the outcomes of the rule cut each other into more than {most} cases")
