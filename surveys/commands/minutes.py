"""`surveys minutes BUNDLE`: the papers and tables of a counted round, made anew from its audit bundle
(docs/protocol.md 13.7).

The bundle is verified first, so nothing is printed that does not follow from the ballots. Danger: the report
upward and one unit's minutes are restricted; whoever has a bundle can make them, so a bundle that is not
public is as restricted as they are.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from surveys.audit.bundle import read_bundle
from surveys.audit.report import closing
from surveys.audit.verifier import verify
from surveys.errors import SurveysError
from surveys.names import UnitCode
from surveys.papers.minutes_record import MinutesRecord, pdf_hash, read_record
from surveys.papers.typeset import Paper, fingerprint, one_unit, report, results_list, typeset, whole_round
from surveys.papers.typeset import notice as notice_to
from surveys.papers.word import editable
from surveys.papers.workbook import minutes_workbook
from surveys.results.errors import UncertifiedMinutes
from surveys.results.exports import results_csv, write_whole

Drawing = Callable[[MinutesRecord], Paper]
_file = click.Path(path_type=Path, dir_okay=False)


@click.command("minutes")
@click.argument("bundle", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--out", type=_file, metavar="FILE.pdf", help="Where the paper goes; FILE.docx is the same to be edited."
)
@click.option("--unit", metavar="CODE", help="Only this unit's minutes.")
@click.option(
    "--report",
    "report_on",
    metavar="CODE",
    help="The report upward of this unit and all below it (restricted).",
)
@click.option("--list", "list_of", metavar="CODE", help="The list of results of this unit and all below it.")
@click.option(
    "--notice", type=click.IntRange(1), metavar="N", help="The notice to the leader with this number."
)
@click.option("--xlsx", type=_file, metavar="FILE.xlsx", help="The minutes as a workbook.")
@click.option(
    "--csv", "table", type=_file, metavar="FILE.csv", help="The results as a table in UTF-8 with commas."
)
@click.option(
    "--json",
    "results",
    type=_file,
    metavar="FILE.json",
    help="The results file (docs/results.schema.json).",
)
@click.option(
    "--uncertified", is_flag=True, help="Write the minutes even if they are not the ones the bundle names."
)
@click.option("--jobs", type=click.IntRange(1, 256), help="Processes that verify (default: one a processor).")
def minutes(
    bundle: Path,
    out: Path | None,
    unit: UnitCode | None,
    report_on: UnitCode | None,
    list_of: UnitCode | None,
    notice: int | None,
    xlsx: Path | None,
    table: Path | None,
    results: Path | None,
    uncertified: bool,
    jobs: int | None,
) -> None:
    """Verify BUNDLE, set its counting minutes anew, and compare them with the hash that the committee
    certified.

    \b
    Nothing is written before everything is made. Exit status: 0 if the minutes are the
    certified ones (or only other papers were asked for), 1 if they are not or the bundle
    does not hold, 2 for a wrong call.
    """
    part = _part(unit, report_on, list_of, notice)
    if part is not None and out is None:
        raise click.UsageError("say with --out where the paper goes")
    written: dict[Path, bytes] = {}
    certified: UncertifiedMinutes | None = None
    try:
        with _steps() as step:
            _verify(bundle, jobs, step)
            with read_bundle(bundle) as members:
                record, named = read_record(members), pdf_hash(members)
                if results is not None:
                    written[results] = members["results.json"]
            if out is not None and (part is not None or out.suffix == ".docx"):
                step("typesetting", 0, 1)
                paper = whole_round(record) if part is None else part(record)
                written[out] = editable(paper) if out.suffix == ".docx" else typeset(paper)
            elif out is not None or not (xlsx or table or results):
                step("typesetting", 0, 1)
                pdf = typeset(whole_round(record))
                certified = _compare(pdf, named)
                if out is not None and (certified is None or uncertified):
                    written[out] = pdf
            written |= _tables(record, named, xlsx, table)
        for path, content in written.items():
            write_whole(path, content)
    except SurveysError as error:
        click.echo(f"Refused: {error}", err=True)
        sys.exit(1)
    except OSError as error:
        raise click.UsageError(f"cannot be written: {error.filename}: {error.strerror}") from error
    _tell(written, certified, named, part)


def _part(
    unit: UnitCode | None, report_on: UnitCode | None, list_of: UnitCode | None, notice: int | None
) -> Drawing | None:
    """The one paper besides the minutes that is asked for. Raises UsageError where there are several."""
    ways: tuple[Drawing | None, ...] = (
        None if unit is None else lambda record: one_unit(record, unit),
        None if report_on is None else lambda record: report(record, report_on),
        None if list_of is None else lambda record: results_list(record, list_of),
        None if notice is None else lambda record: notice_to(record, notice),
    )
    asked = [way for way in ways if way is not None]
    if len(asked) > 1:
        raise click.UsageError("--unit, --report, --list or --notice, one at a time")
    return asked[0] if asked else None


def _compare(pdf: bytes, named: bytes | None) -> UncertifiedMinutes | None:
    made = fingerprint(pdf)
    if made == named:
        return None
    return UncertifiedMinutes("none" if named is None else named.hex(), made.hex())


def _tables(
    record: MinutesRecord, named: bytes | None, xlsx: Path | None, table: Path | None
) -> Mapping[Path, bytes]:
    made = {}
    if xlsx is not None:
        made[xlsx] = minutes_workbook(record, named)
    if table is not None:
        made[table] = results_csv(record.book).encode()
    return made


def _tell(
    written: Mapping[Path, bytes],
    certified: UncertifiedMinutes | None,
    named: bytes | None,
    part: Drawing | None,
) -> None:
    for path in written:
        click.echo(f"Written: {path}")
    if certified is not None:
        if named is None:
            click.echo(
                "The bundle names no typeset minutes: nobody has certified a PDF of this vote.", err=True
            )
        else:
            click.echo(
                f"Not the certified minutes: this software sets them as {certified.made}, the bundle names"
                f" {certified.named}. Another version of the software set those; section VII of the "
                f"certified file says"
                " which. Compare that file itself with: surveys verify BUNDLE --minutes FILE",
                err=True,
            )
        sys.exit(1)
    if part is None and named is not None:
        click.echo(f"The bundle names the typeset minutes with SHA-256 {named.hex()}.")


def _verify(bundle: Path, jobs: int | None, step: Callable[[str, int, int], None]) -> None:
    found = verify(bundle, jobs=jobs, progress=lambda check, done, total: step(f"check {check}", done, total))
    if not found.good:
        click.echo(closing(found, "en"), err=True)
        sys.exit(1)


@contextmanager
def _steps() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on standard error; on a file or pipe nothing is drawn."""
    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("")

        def step(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        yield step
