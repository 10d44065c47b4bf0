"""What a member's client checks before it signs anything of a count: everything, on what the server gave
(docs/protocol.md 11.3, 13.6).

No ballot is left out: one that was never looked at could weigh the others, and the opened sum would tell each
of them. Danger: what is returned here is the only thing that `surveys.committee.trustee` signs from; it is
made of the members' bytes alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from surveys.audit.ballots import over
from surveys.audit.case import Case, Progress, Workforce
from surveys.audit.members import Content, HeldMembers
from surveys.audit.sharing import Helpers
from surveys.audit.verifier import CHECKS
from surveys.protocol.agreement import agreement_hash
from surveys.protocol.ceremony import Ceremony
from surveys.protocol.certificate import Certified
from surveys.protocol.checkpoint import Checkpoint
from surveys.protocol.manifest import Manifest
from surveys.protocol.plan import Plan
from surveys.protocol.tally import Sum

BOARD = (
    "manifest.json",
    "ceremony.json",
    "roll.json",
    "issuance.json",
    "board.bin",
    "checkpoint.txt",
    "plan.json",
)
PAPERS = ("agreement.json", "tally.json", "attendance.json", "results.json", "minutes.json", "minutes.txt")
# The cosignatures are not there yet; the members came one by one, in no zip.
_LATER = ("14.1", "10.4")


def _up_to(last: str) -> tuple[str, ...]:
    numbers = list(CHECKS)
    return tuple(number for number in numbers[: numbers.index(last) + 1] if number not in _LATER)


BEFORE_COSIGNING = _up_to("11.2")
BEFORE_CERTIFYING = _up_to("13.5")


@dataclass(frozen=True, slots=True)
class Examined:
    """A count that was checked whole and of which nothing is signed yet. `smallest` is the size of the
    smallest group to be opened.
    """

    manifest: Manifest
    ceremony: Ceremony
    checkpoint: Checkpoint
    plan: Plan
    sums: tuple[Sum, ...] = field(repr=False)
    ballots: int
    smallest: int
    case: Case = field(repr=False, compare=False)

    @property
    def agreed(self) -> bytes:
        """A of 11.3."""
        return agreement_hash(self.manifest.hash, self.checkpoint.root, self.plan.digest)


@dataclass(frozen=True, slots=True)
class ExaminedPapers:
    """Papers that follow from the board, the shares and what is stated: what their certificate signs.
    `typeset` is the hash that they name.
    """

    manifest: Manifest
    ceremony: Ceremony
    agreed: bytes
    certified: Certified
    typeset: bytes | None


def examine(
    members: Mapping[str, Content],
    *,
    jobs: int = 1,
    progress: Progress = lambda *_: None,
    helpers: Helpers | None = None,
) -> Examined:
    """Make every check of 14.2 up to 11.2 on these members (`BOARD`). Raises Rejected by the first that
    fails; stores nothing. `helpers` may look at what is public of it: a member who lets them believes them.
    """
    case = _checked(members, BEFORE_COSIGNING, Workforce(jobs, progress, helpers))
    by_panel = case.ballots.by_panel
    sizes = [sum(by_panel[p] for p in panels) for _, panels in case.plan.atoms()]
    return Examined(
        case.manifest,
        case.ceremony,
        case.checkpoint.checkpoint,
        case.plan,
        tuple(over(case.ballots.sums, contest, panels) for contest, panels in case.plan.atoms()),
        len(case.frames),
        min(sizes, default=0),
        case,
    )


def examine_papers(
    members: Mapping[str, Content],
    *,
    begun: Examined | None = None,
    jobs: int = 1,
    progress: Progress = lambda *_: None,
) -> ExaminedPapers:
    """Make every check of 14.2 before 13.6 on these members (`BOARD` and `PAPERS`). Raises Rejected by the
    first that fails.

    Where the same client has `begun` with the very same board, its checks of that stand and are not made
    again.
    """
    same = begun is not None and all(
        begun.case.bundle.digest(name) == HeldMembers(members).digest(name) for name in BOARD
    )
    case = _checked(
        members, BEFORE_CERTIFYING, Workforce(jobs, progress), begun.case if begun and same else None
    )
    files = (
        case.bundle.digest(name)
        for name in ("results.json", "attendance.json", "minutes.json", "minutes.txt")
    )
    manifest, board, plan = case.manifest.hash, case.root, case.plan.digest
    return ExaminedPapers(
        case.manifest,
        case.ceremony,
        agreement_hash(manifest, board, plan),
        Certified(manifest, board, plan, *files),
        case.typeset,
    )


def _checked(
    members: Mapping[str, Content],
    numbers: tuple[str, ...],
    workforce: Workforce,
    begun: Case | None = None,
) -> Case:
    case = Case(None, workforce)
    if begun is not None:
        vars(case).update({name: value for name, value in vars(begun).items() if name.startswith("_")})
        numbers = tuple(number for number in numbers if number not in BEFORE_COSIGNING)
    case.bundle = HeldMembers(members)
    for done, number in enumerate(numbers):
        workforce.progress(number, done, len(numbers))
        CHECKS[number](case)
    return case
