"""The numbered checks of docs/protocol.md 14.2, in that order, over one bundle and nothing else.

Each check is a function that raises `Rejected`; what it needs from earlier checks it takes from the `Case`.
Danger: the bundle is foreign. No input may end in a traceback: a check that breaks in a way nobody foresaw
has failed, never passed, and the verdict says so.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from surveys.audit import (
    checks_agreement,
    checks_board,
    checks_ceremony,
    checks_count,
    checks_minutes,
    checks_results,
    checks_roll,
)
from surveys.audit.bundle import Bundle, read_bundle
from surveys.audit.case import Case, NotReached, Progress, Signature, Workforce
from surveys.audit.checks_minutes import absent_of
from surveys.audit.sharing import Helpers, HelpersFailed
from surveys.audit.titles import ASKED, TITLES
from surveys.instants import Instant
from surveys.protocol.errors import Rejected

Check = Callable[[Case], None]
UNFORESEEN = "the check itself broke on this bundle"


class Verdict(Enum):
    """What came of a check."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_REACHED = "not reached"


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict on one check; `where` and `why` are empty unless it failed."""

    check: str
    title: str
    title_vi: str
    verdict: Verdict
    where: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the committee; `at` is when it cosigned by its own clock (11.3), None of one that is named
    absent.
    """

    trustee: int
    name: str
    at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """All findings in the order of 14.2, and what the bundle is about as far as that could be established.

    `facts` holds `survey`, `title_vi`, `title_en`, `manifest`, `board` (hex) and `ballots`; None where not
    established. `cosigned` is who agreed and when, None unless 11.3 has passed; `absent` whom the valid
    shares name absent, None unless 12.2 has; `signatures` those on the typeset minutes, None unless 13.7 has.
    """

    findings: tuple[Finding, ...]
    facts: Mapping[str, str | int | None]
    cosigned: tuple[Member, ...] | None = None
    absent: tuple[Member, ...] | None = None
    signatures: tuple[Signature, ...] | None = None

    @property
    def good(self) -> bool:
        """Every check has passed."""
        return all(finding.verdict is Verdict.PASSED for finding in self.findings)

    @property
    def failed(self) -> tuple[str, ...]:
        """The numbers of the failed checks, in order."""
        return tuple(finding.check for finding in self.findings if finding.verdict is Verdict.FAILED)


def _open(case: Case) -> None:
    if case.path is None:
        raise NotReached
    case.bundle = read_bundle(case.path)


CHECKS: Mapping[str, Check] = {
    "14.1": _open,
    "4.1": checks_ceremony.manifest_form,
    "4.2": checks_ceremony.consistency,
    "5.1": checks_ceremony.record_form,
    "5.2": checks_ceremony.commits,
    "5.3": checks_ceremony.deals,
    "5.4": checks_ceremony.possession,
    "5.5": checks_ceremony.election_key,
    "5.6": checks_ceremony.confirmations,
    "5.7": checks_ceremony.rehearsal,
    "6.3": checks_roll.roll,
    "6.4": checks_roll.replaced,
    "7.1": checks_roll.token_keys,
    "7.5": checks_roll.issuance,
    "7.3": checks_roll.blinded,
    "7.2": checks_roll.requests,
    "8.2": checks_board.decoding,
    "10.1": checks_board.order,
    "8.6": checks_board.uniqueness,
    "8.3": checks_board.tokens,
    "8.4": checks_board.signatures,
    "8.5": checks_board.proofs,
    "10.5": checks_board.at_most_issued,
    "10.2": checks_board.checkpoint,
    "10.3": checks_board.box_signature,
    "10.4": checks_board.cosignatures,
    "11.1": checks_count.plan,
    "11.2": checks_count.atoms,
    "11.3": checks_agreement.agreement,
    "12.1": checks_count.sums,
    "12.3": checks_count.shares,
    "12.2": checks_agreement.opened_after_agreement,
    "12.4": checks_count.enough_shares,
    "12.5": checks_count.counts,
    "13.1": checks_results.attendance,
    "13.2": checks_results.results,
    "13.3": checks_results.outcomes_hold,
    "13.4": checks_minutes.minutes,
    "13.5": checks_minutes.text,
    "13.6": checks_minutes.certificate,
}


def verify(
    path: Path,
    *,
    jobs: int | None = None,
    progress: Progress | None = None,
    checks: Mapping[str, Check] = CHECKS,
    minutes: Path | None = None,
    authorities: Path | None = None,
    helpers: Helpers | None = None,
) -> Report:
    """Verify a bundle. Reads the file, writes nothing, raises nothing about the bundle: all is in the report.

    `minutes` is a file that must be the typeset minutes of this bundle, or those with signatures: check 13.7,
    after all others. With `authorities`, a file of certificates, one of them must vouch for each signer.
    `jobs` processes (default: one for each processor) share the work on the ballots of a large board, or
    `helpers` do, and the work on the requests for papers. Raises HelpersFailed where these cannot be used.
    """
    case = Case(path, Workforce(jobs or os.cpu_count() or 1, progress or _quietly, helpers))
    findings = []
    if minutes is not None:
        checks = {**checks, "13.7": checks_minutes.typeset_file(minutes, authorities)}
    try:
        for done, (number, check) in enumerate(checks.items()):
            case.workforce.progress(number, done, len(checks))
            findings.append(_judge(number, check, case))
        case.workforce.progress("", len(checks), len(checks))
    finally:
        bundle = case.established(Case.bundle)
        if isinstance(bundle, Bundle):
            bundle.close()
    passed = {finding.check for finding in findings if finding.verdict is Verdict.PASSED}
    return Report(
        tuple(findings),
        _facts(case),
        _cosigned(case) if "11.3" in passed else None,
        _absent(case) if "12.2" in passed else None,
        tuple(case.signatures) if "13.7" in passed else None,
    )


def _judge(number: str, check: Check, case: Case) -> Finding:
    title, title_vi = TITLES[number] if number in TITLES else ASKED[number]
    try:
        check(case)
    except NotReached:
        return Finding(number, title, title_vi, Verdict.NOT_REACHED)
    except Rejected as refusal:
        return Finding(number, title, title_vi, Verdict.FAILED, refusal.where, refusal.why)
    except HelpersFailed:
        raise
    except Exception as error:
        # No input should come here (fuzzed); if one does, a verdict is worth more to an auditor than a
        # traceback.
        return Finding(
            number, title, title_vi, Verdict.FAILED, number, f"{UNFORESEEN}: {type(error).__name__}: {error}"
        )
    return Finding(number, title, title_vi, Verdict.PASSED)


def _facts(case: Case) -> dict[str, str | int | None]:
    manifest, frames = case.established(Case.manifest), case.established(Case.frames)
    root = case.established(Case.root)
    definition = None if manifest is None else manifest.definition
    return {
        "survey": None if definition is None else definition.survey.hex(),
        "title_vi": None if definition is None else definition.title_vi,
        "title_en": None if definition is None else definition.title_en,
        "manifest": None if manifest is None else manifest.hash.hex(),
        "board": None if root is None else root.hex(),
        "ballots": None if frames is None else len(frames),
    }


def _cosigned(case: Case) -> tuple[Member, ...] | None:
    given = case.established(Case.agreement)
    return None if given is None else tuple(_member(case, each.trustee, each.at) for each in given)


def _absent(case: Case) -> tuple[Member, ...] | None:
    shares = case.established(Case.shares)
    return None if shares is None else tuple(_member(case, i) for i in absent_of(shares))


def _member(case: Case, trustee: int, at: Instant | None = None) -> Member:
    names = case.definition.trustees
    return Member(trustee, names[trustee - 1] if trustee <= len(names) else "?", at)


def _quietly(check: str, done: int, total: int) -> None:
    pass
