"""What the rules refuse."""

from __future__ import annotations

from surveys.errors import SurveysError


class BadRule(SurveysError):
    """A preset that is not well-formed: `where` is the place in it, such as outcomes[1].all[0].op."""

    def __init__(self, where: str, why: str) -> None:
        self.where, self.why = where, why
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
    """Figures that overlap so much that trying all small groups would take too long; they must not be published."""

    def __init__(self, parts: int, k: int) -> None:
        self.parts, self.k = parts, k
        super().__init__(
            f"too many ways to combine {parts} small groups (k = {k}) to prove that none is isolated"
        )
