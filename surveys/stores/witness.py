"""The witness: what is kept outside the stores about the generation of every round, so that all three put
back together are recognised too (docs/decisions/0041).

One file, sealed as a whole under a key that only the keyring has, and always of a multiple of 4096 bytes.
Danger: kept on the stores' disk or in their backup it is put back with them and has shown nothing.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from surveys.disk import make_folder, write_whole
from surveys.errors import SurveysError
from surveys.names import RoundId
from surveys.stores.generations import Generation

_FORMAT = b"tin-nhiem/witness/1\n"
_NONCE_BYTES = 12
_BLOCK = 4096


class BadWitness(SurveysError):
    """The witness file is not one of this instance, or cannot be read or written."""

    def __init__(self, path: Path, why: str) -> None:
        self.path = path
        super().__init__(f"witness {path}: {why}")


class WitnessElsewhere(SurveysError):
    """Another host of the same database has the witness, and does alone what would have to be told to it."""

    def __init__(self) -> None:
        super().__init__(
            "this host only serves voters (TIN_NHIEM_SERVE=voter): rounds are opened, closed and counted on "
            "the host that does the background work, which has the witness. Nothing was changed"
        )


@dataclass(frozen=True, slots=True)
class Held:
    """What is known of a round: its generation, the one that is being entered, and how many papers and
    ballots each unit has at least, in coarse steps.
    """

    now: Generation
    next: Generation | None = None
    papers: tuple[int, ...] = ()
    ballots: tuple[int, ...] = ()

    @property
    def allowed(self) -> frozenset[Generation]:
        """The generations that a store may be of."""
        return frozenset({self.now} if self.next is None else {self.now, self.next})


@dataclass
class Book:
    """What the witness says of the rounds; `keep` makes changes last."""

    rounds: dict[RoundId, Held]
    _witness: Witness = field(repr=False)

    def keep(self, round_id: RoundId, held: Held) -> None:
        """Write it, for good: it is on the disk when this returns. Raises BadWitness."""
        self.rounds[round_id] = held
        self._witness.write(self.rounds)


class Witness:
    """The file of an instance; without a path it is kept in memory, and then it says nothing of what was
    before.
    """

    def __init__(self, path: Path | None = None, key: bytes = b"") -> None:
        self.path, self._key = path, key
        self._memory: dict[RoundId, Held] = {}
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"Witness({self.path})"

    @property
    def is_there(self) -> bool:
        """Whether anything was ever kept in it."""
        return bool(self._memory) if self.path is None else self.path.exists()

    @contextmanager
    def alone(self) -> Iterator[Book]:
        """What it says, while nobody else, in no process, reads or changes it. Raises BadWitness."""
        with self._lock, self._only_holder():
            yield Book(self._read(), self)

    def write(self, rounds: dict[RoundId, Held]) -> None:
        """All of it, in place of what was there. Raises BadWitness."""
        if self.path is None:
            self._memory = dict(rounds)
            return
        text = json.dumps({round_id: _as_json(held) for round_id, held in sorted(rounds.items())}).encode()
        padded = text.ljust(-(-len(text) // _BLOCK) * _BLOCK)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = _FORMAT + nonce + AESGCM(self._key).encrypt(nonce, padded, _FORMAT)
        try:
            write_whole(self.path.with_name(f"{self.path.name}.part"), self.path, sealed, 0o600)
        except OSError:
            raise BadWitness(self.path, "the file cannot be written") from None

    def _read(self) -> dict[RoundId, Held]:
        if self.path is None:
            return dict(self._memory)
        try:
            raw = self.path.read_bytes()
        except FileNotFoundError:
            return {}
        except OSError:
            raise BadWitness(self.path, "the file cannot be read") from None
        start = len(_FORMAT) + _NONCE_BYTES
        try:
            opened = AESGCM(self._key).decrypt(raw[len(_FORMAT) : start], raw[start:], raw[: len(_FORMAT)])
        except (InvalidTag, ValueError):
            raise BadWitness(self.path, "not the witness of this instance and keyring") from None
        return {RoundId(round_id): _of_json(held) for round_id, held in json.loads(opened).items()}

    @contextmanager
    def _only_holder(self) -> Iterator[None]:
        if self.path is None:
            yield
            return
        try:
            make_folder(self.path.parent, 0o700)
            lock = self.path.with_name(f"{self.path.name}.lock")
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            raise BadWitness(self.path, "its folder cannot be written to") from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


class AbsentWitness(Witness):
    """For a host that only serves voters: it says nothing and is told nothing."""

    def write(self, rounds: dict[RoundId, Held]) -> None:
        """Raises WitnessElsewhere."""
        raise WitnessElsewhere


def _as_json(held: Held) -> dict[str, object]:
    return {
        "now": held.now.encode().hex(),
        "next": None if held.next is None else held.next.encode().hex(),
        "papers": held.papers,
        "ballots": held.ballots,
    }


def _of_json(held: dict[str, object]) -> Held:
    now, following = held["now"], held["next"]
    papers, ballots = held["papers"], held["ballots"]
    assert isinstance(now, str)
    assert isinstance(papers, list)
    assert isinstance(ballots, list)
    found = Held(Generation.read(bytes.fromhex(now)), None, tuple(papers), tuple(ballots))
    if isinstance(following, str):
        return replace(found, next=Generation.read(bytes.fromhex(following)))
    return found
