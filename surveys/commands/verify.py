"""`surveys verify BUNDLE`, `surveys check-ballot FILE`, `surveys check-receipt RECEIPT BUNDLE`: checks that
need no server, no database and no network.

Exit status: 0 only if every check holds, 1 if one does not, 2 if there is nothing to verify.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from surveys.audit.openings import open_ballot, read_manifest
from surveys.audit.receipts import Verdict, find_receipt, judge, read_receipt, read_sealed_board
from surveys.audit.report import Language, as_json, print_judged, print_opened, print_report
from surveys.audit.sharing import Helpers, HelpersFailed
from surveys.audit.verifier import Report
from surveys.audit.verifier import verify as verify_bundle
from surveys.commands.cluster import helpers_at, scheduler_option
from surveys.errors import SurveysError
from surveys.protocol.receipt import PREFIX


@click.command("verify", short_help="Check a whole vote from its audit bundle, offline.")
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option("--json", "as_document", is_flag=True, help="Print one JSON document instead of a table.")
@click.option(
    "--jobs", type=click.IntRange(1, 256), help="Processes that share the work (default: one a processor)."
)
@click.option("--lang", "language", type=click.Choice(["en", "vi"]), default="en", show_default=True)
@click.option(
    "--minutes",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A file that must be the typeset minutes of this vote, signed or not (check 13.7).",
)
@click.option(
    "--authorities",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Certificates (PEM) of which one must vouch for everybody who signed the minutes.",
)
@scheduler_option
def verify(
    bundle: Path,
    as_document: bool,
    jobs: int | None,
    language: Language,
    minutes: Path | None,
    authorities: Path | None,
    scheduler: str | None,
) -> None:
    """Check every step of a vote from its audit bundle and print each numbered check with its verdict.

    \b
    BUNDLE is the bundle.zip that was published. The numbers are the clauses of
    docs/protocol.md. Exit status: 0 if all checks hold, 1 if not, 2 for a wrong call.
    """
    if not bundle.exists():
        raise click.UsageError(f"there is no file {str(bundle)!r}")
    if authorities is not None and minutes is None:
        raise click.UsageError("--authorities says whom to believe about --minutes")
    try:
        with helpers_at(scheduler) as helpers:
            report = _with_progress(bundle, jobs, minutes, authorities, helpers)
    except HelpersFailed as error:
        raise click.UsageError(str(error)) from None
    if as_document:
        click.echo(as_json(report))
    else:
        print_report(report, language, sys.stdout)
    sys.exit(0 if report.good else 1)


@click.command("check-ballot", short_help="Show what a challenged ballot contained.")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--manifest",
    "manifest_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    required=True,
    help="manifest.json or bundle.zip of the vote.",
)
@click.option("--lang", "language", type=click.Choice(["en", "vi"]), default="en", show_default=True)
def check_ballot(file: Path, manifest_file: Path, language: Language) -> None:
    """Encrypt anew what FILE (saved by "check" in the booth) says, compare, and print tracker and marks.

    Exit status: 0 if the ballot held exactly these marks, 1 if not, 2 for a wrong call.
    """
    try:
        opened = open_ballot(file, read_manifest(manifest_file))
    except (SurveysError, OSError) as error:
        click.echo(f"Refused: {error}", err=True)
        sys.exit(1)
    print_opened(opened, language, sys.stdout)


@click.command("check-receipt", short_help="Judge a voter's receipt with the sealed board.")
@click.argument("receipt")
@click.argument("bundle", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--lang", "language", type=click.Choice(["en", "vi"]), default="en", show_default=True)
def check_receipt(receipt: str, bundle: Path, language: Language) -> None:
    """Say whether what the box promised is on the board that it signed, and what to do where it is not.

    \b
    RECEIPT is the page that the booth saved, or the text of its QR code (TNR1.…).
    BUNDLE is the bundle.zip that was published.
    Exit status: 0 counted, 3 replaced by a later ballot of its voter, 1 missing, forged,
    of another vote or refused, 2 for a wrong call.
    """
    try:
        named = Path(receipt) if not receipt.startswith(PREFIX) else None
        promise = find_receipt(receipt) if named is None else read_receipt(named)
        judged = judge(promise, read_sealed_board(bundle))
    except (SurveysError, OSError) as error:
        click.echo(f"Refused: {error}", err=True)
        sys.exit(1)
    print_judged(judged, language, sys.stdout)
    sys.exit({Verdict.COUNTED: 0, Verdict.REPLACED: 3}.get(judged.verdict, 1))


def _with_progress(
    bundle: Path,
    jobs: int | None,
    minutes: Path | None,
    authorities: Path | None,
    helpers: Helpers | None,
) -> Report:
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("")

        def show(check: str, done: int, total: int) -> None:
            bar.update(task, description=check, completed=done, total=total)

        return verify_bundle(
            bundle, jobs=jobs, progress=show, minutes=minutes, authorities=authorities, helpers=helpers
        )
