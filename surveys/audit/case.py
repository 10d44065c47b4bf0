"""What the checks of docs/protocol.md 14.2 hand to each other while one bundle is verified.

A check establishes values (the manifest, the ballots, the keys …) for the checks after it. A check that asks
for a value which no check has established is "not reached". Danger: a value may be set only when everything
that later checks take for granted about it has been shown; what is taken for granted stands beside each
value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar, overload

from surveys.audit.ballots import Walk
from surveys.audit.frames import Frames
from surveys.audit.members import Members
from surveys.audit.sharing import Helpers
from surveys.instants import Instant
from surveys.json_types import Json
from surveys.protocol.agreement import Cosignature
from surveys.protocol.ceremony import Ceremony, ElectionKeys
from surveys.protocol.checkpoint import SignedCheckpoint
from surveys.protocol.files import Act, Complained, Frozen, Results
from surveys.protocol.issuance import Issuances
from surveys.protocol.manifest import Definition, Manifest
from surveys.protocol.plan import Plan
from surveys.protocol.roll_list import Roll
from surveys.protocol.shares import Share
from surveys.protocol.tally import Sum

T = TypeVar("T")
Progress = Callable[[str, int, int], None]
"""Called with the number of the check, what is done and what there is to do."""


class NotReached(Exception):
    """The check needs a value that an earlier, failed check would have established."""


class Established(Generic[T]):
    """A value of a case that one check sets and later ones read; reading it unset raises NotReached."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = f"_{name}"

    @overload
    def __get__(self, case: None, owner: type) -> Established[T]: ...
    @overload
    def __get__(self, case: Case, owner: type) -> T: ...
    def __get__(self, case: Case | None, owner: type) -> T | Established[T]:
        if case is None:
            return self
        values = vars(case)
        if self.name not in values:
            raise NotReached(self.name[1:])
        value: T = values[self.name]
        return value

    def __set__(self, case: Case, value: T) -> None:
        vars(case)[self.name] = value


@dataclass(frozen=True, slots=True)
class Attendance:
    """attendance.json (13.1): `log`, `frozen` and `complaints` as they stand there, `excluded` the indices of
    `frozen`.
    """

    present: tuple[int, ...]
    head: str
    chair: str
    secretary: str
    custodian: str
    opened: Instant
    closed: Instant
    log: Sequence[Act]
    frozen: Sequence[Frozen]
    excluded: frozenset[int]
    incidents: tuple[str, ...]
    complaints: Sequence[Complained]


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature on the typeset minutes (13.7): all texts as the certificate has them, foreign;
    `certificate` is its SHA-256.

    `at` is the signer's own clock, unless `stamped`: then a time stamp that the authorities vouch for says
    it. `stamp` marks a time stamp of the whole document, whose signer is a service. `trusted` is whether the
    certificate leads to one of the authorities, None where none were given.
    """

    field: str
    signer: str
    issuer: str
    serial: str
    certificate: str
    at: Instant | None
    stamped: bool
    stamp: bool
    trusted: bool | None


@dataclass(frozen=True, slots=True)
class TallyFile:
    """Shares and counts as a tally file has them, of any kind."""

    shares: Sequence[Json]
    counts: Sequence[Json]


@dataclass(frozen=True, slots=True)
class Workforce:
    """How much of this machine may work, whom to tell how far it is, and who else works along."""

    jobs: int
    progress: Progress
    helpers: Helpers | None = None


class Case:
    """One bundle under verification."""

    bundle = Established[Members]()
    """The form of the zip holds (14.1), or the members were handed over one by one."""
    decoded = Established[Manifest]()
    """Well-formed (4.1), perhaps inconsistent."""
    manifest = Established[Manifest]()
    """Well-formed and consistent (4.1, 4.2)."""
    ceremony = Established[Ceremony]()
    """Each trustee once and in order in each round (5.1)."""
    sign_keys = Established[Sequence[bytes]]()
    """The trustees' signing keys, each shown to be its own (5.2)."""
    commits_hash = Established[bytes]()
    """K, once the commits hold and every deal has the right sizes (5.3)."""
    keys = Established[ElectionKeys]()
    """Y, verification keys and X, as the manifest has them (5.5)."""
    roll = Established[Roll]()
    """Well-formed, one list for each panel; that it is the frozen one is the verdict of 6.3."""
    token_keys = Established[bool]()
    """Every token key decodes (7.1)."""
    issuance = Established[Issuances]()
    """Well-formed, one list for each panel (7.5)."""
    frames = Established[Frames]()
    """The board, which can be cut into ballots."""
    ballots = Established[Walk]()
    """Every ballot decodes (8.2)."""
    root = Established[bytes]()
    """The tree head recomputed from the board (10.2)."""
    checkpoint = Established[SignedCheckpoint]()
    """The signed note, parsed (10.2)."""
    plan = Established[Plan]()
    """Well-formed, one entry for each contest, all panel indices exist (11.1)."""
    agreement = Established[Sequence[Cosignature]]()
    """Well-formed, in order; that each cosignature holds is the verdict of 11.3 (11.3)."""
    tally = Established[TallyFile]()
    """What a tally of the right form says; what is in it is not checked (12.1)."""
    sums = Established[Sequence[Sum]]()
    """The sums recomputed from board and plan (12.1)."""
    shares = Established[Sequence[Share]]()
    """The valid ones (12.3)."""
    opened = Established[Sequence[Share]]()
    """At least t valid shares of different trustees, ascending (12.4)."""
    counts = Established[Sequence[Sequence[int]]]()
    """For each sum L counts, at most its ballots together; that they were opened is the verdict of 12.5."""
    attendance = Established[Attendance]()
    """Well-formed, one number for each panel (13.1)."""
    results = Established[Results]()
    """results.json, equal to what follows from the counts except for outcome and watch (13.2)."""
    typeset = Established[bytes | None]()
    """SHA-256 of the typeset minutes as minutes.json names it, None where it names none (13.4)."""
    signatures = Established[Sequence[Signature]]()
    """Those behind the certified bytes of a file of the typeset minutes, each of which holds (13.7)."""

    def __init__(self, path: Path | None, workforce: Workforce) -> None:
        self.path = path
        self.workforce = workforce

    @property
    def definition(self) -> Definition:
        """The definition of the consistent manifest."""
        return self.manifest.definition

    def established(self, value: Established[T]) -> T | None:
        """A value or None: for the report only."""
        found: T | None = vars(self).get(value.name)
        return found
