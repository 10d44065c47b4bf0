"""What the queue refuses."""

from __future__ import annotations

from surveys.errors import SurveysError


class NoSuchJob(SurveysError):
    """There is no work of this kind."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(f"there is no work of the kind {kind!r}")
