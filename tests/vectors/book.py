"""Where our own vectors are written down; each is carried out first, and must do what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import shake_256

from surveys.protocol.errors import Rejected
from tests.vectors.reading import OURS, READERS, Given, Values, Vector


def randomness(seed: str) -> Callable[[int], bytes]:
    """The stream SHAKE256(seed): the same bytes in each run."""
    taken = 0

    def take(length: int) -> bytes:
        nonlocal taken
        taken += length
        return shake_256(seed.encode()).digest(taken)[taken - length :]

    return take


class Book:
    """Collects vectors. `entries` is what vote.json holds."""

    def __init__(self, entries: Mapping[str, str]) -> None:
        self.entries = entries
        self.vectors: dict[str, Vector] = {}

    def good(self, folder: str, name: str, why: str, **given: object) -> Values:
        """A vector that is accepted; what it gives is returned and written down."""
        gives = READERS[folder](Given(given, self.entries))
        self._add(folder, name, why, "ok", "", given, gives)
        return gives

    def bad(self, folder: str, name: str, why: str, refusal: tuple[str, str], **given: object) -> None:
        """A vector that is refused with this error name under this check."""
        found = None
        try:
            READERS[folder](Given(given, self.entries))
        except Rejected as error:
            found = (type(error).__name__, error.check)
        assert found == refusal, f"{folder}/{name}: {found}"
        self._add(folder, name, why, refusal[0], refusal[1], given, {})

    def _add(
        self, folder: str, name: str, why: str, expect: str, check: str, given: Values, gives: Values
    ) -> None:
        path = f"{folder}/{name.replace(' ', '-')}.json"
        assert path not in self.vectors, path
        clause = folder.split("-", 1)[0]
        self.vectors[path] = Vector(path, clause, name, OURS, why, expect, check, given, gives)
