"""Refusals of the protocol. Each names the clause of docs/protocol.md that failed, the place, and why, in
English.

This room knows no status and no language: `surveys/web/sentences.py` and `surveys/audit/report.py` speak to
people.
"""

from __future__ import annotations

from surveys.errors import SurveysError


class Rejected(SurveysError):
    """A check that failed: `check` is a clause number, `where` a place such as contests[3].alpha."""

    def __init__(self, *, check: str, where: str, why: str) -> None:
        self.check, self.where, self.why = check, where, why
        super().__init__(f"check {check} failed at {where}: {why}")

    def __reduce__(self) -> tuple[object, ...]:
        return (_again, (type(self), self.check, self.where, self.why))


class Malformed(Rejected):
    """Bytes that are not an encoding the clause allows."""


class Inconsistent(Rejected):
    """Well-formed values that do not belong together."""


class Missing(Rejected):
    """Something that must be there is not."""


class Duplicate(Rejected):
    """Something that must occur once occurs twice."""


class BadSignature(Rejected):
    """A signature or token that does not hold."""


class BadProof(Rejected):
    """A zero-knowledge proof that does not hold."""


class Fault(Rejected):
    """A private operation gave a wrong result (a hardware fault); nothing was released."""


def _again(kind: type[Rejected], check: str, where: str, why: str) -> Rejected:
    return kind(check=check, where=where, why=why)
