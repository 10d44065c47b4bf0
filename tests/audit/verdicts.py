"""What the verifier says about altered members of a bundle, through a real file and all checks; the second
verifier must say the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from surveys.audit.ballots import Walk
from surveys.audit.bundle import write_bundle
from surveys.audit.case import Case
from surveys.audit.checks_board import decoding
from surveys.audit.frames import Frames
from surveys.audit.verifier import CHECKS, UNFORESEEN, Check, Report, verify
from surveys.protocol.errors import Rejected
from tests.client.second import agree

_walked: dict[tuple[bytes, bytes], Walk] = {}


def _walk_once(case: Case) -> None:
    """8.2; what was found on the very same manifest and board is not looked for again."""
    place = (case.bundle["board.bin"], case.manifest.encode())
    tokens = case.established(Case.token_keys) is not None
    if tokens and place in _walked:
        case.frames, case.ballots = Frames(lambda: [place[0]]), _walked[place]
        return
    decoding(case)
    if tokens:
        _walked[place] = case.ballots


QUICK: Mapping[str, Check] = {**CHECKS, "8.2": _walk_once}


class Blinded(dict[str, Check]):
    """Checks of which some refuse nothing."""

    numbers: tuple[str, ...] = ()


def without(*numbers: str) -> Blinded:
    """The checks of a broken verifier, in which these refuse nothing."""

    def blind(check: Check) -> Check:
        def look_away(case: Case) -> None:
            with suppress(Rejected):
                check(case)

        return look_away

    made = Blinded((number, blind(check) if number in numbers else check) for number, check in CHECKS.items())
    made.numbers = numbers
    return made


def report_on(members: Mapping[str, bytes], tmp_path: Path, checks: Mapping[str, Check] = CHECKS) -> Report:
    """The report on these members; a check that broke instead of refusing, or a second verifier that differs,
    fails the test.
    """
    path = tmp_path / "bundle.zip"
    write_bundle(path, members)
    report = verify(path, jobs=1, checks=checks)
    broken = [finding for finding in report.findings if finding.why.startswith(UNFORESEEN)]
    assert not broken, broken
    agree(path, report, checks.numbers if isinstance(checks, Blinded) else ())
    return report


def failed(
    members: Mapping[str, bytes], tmp_path: Path, checks: Mapping[str, Check] = CHECKS
) -> tuple[str, ...]:
    """The numbers of the failed checks, in order."""
    report = report_on(members, tmp_path, checks)
    assert report.good == (not report.failed)
    return report.failed
