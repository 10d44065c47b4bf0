"""`surveys demo` and `surveys organisation …`: the organisation on the command line."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from functools import cache
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from surveys.accounts.staff_log import COMMAND_LINE, Act
from surveys.commands.bars import bars
from surveys.commands.kit import instance_option, log_of, opened, refusals, settings_for
from surveys.names import UnitCode
from surveys.organisation.difference import Difference, altered_fields
from surveys.organisation.export import template, write_csv_zip, write_workbook
from surveys.organisation.notes import Note
from surveys.organisation.parts import subtree
from surveys.organisation.preview import SecondLook, counted, second_look
from surveys.organisation.register import (
    compare,
    import_compared,
    import_organisation,
    load_held,
    load_organisation,
)
from surveys.organisation.sheets import Letters, read_file, read_organisation
from surveys.organisation.values import Organisation
from surveys.rehearsal.demo_organisation import SEED, demo_organisation
from surveys.stores.store import Stores

MOST_SHOWN = 200


@click.command("demo")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Where the .xlsx goes.")
@click.option("--seed", type=int, default=SEED, show_default=True, help="Another seed, another organisation.")
@instance_option
def demo(out: Path | None, seed: int, instance: Path | None) -> None:
    """Make the demo organisation (57 committees, 410 cells, 5 000 voters, invented names) and import it."""
    settings = settings_for(instance)
    path = out or settings.instance / "demo.xlsx"
    with refusals():
        _write(path, demo_organisation(seed))
        organisation_of_file = read_organisation(path)
    with opened(settings) as stores:
        changes = import_organisation(stores.app, organisation_of_file, confirmed=False)
    _summary(organisation_of_file)
    click.echo(f"{path} is imported: {changes.number} records are new or changed.")


@click.group("organisation")
def organisation() -> None:
    """The organisation: units, people, posts, grading, history."""


@organisation.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--yes", is_flag=True, help="Import without asking what changes, with the notes that are printed."
)
@click.option(
    "--letters",
    type=click.Choice([Letters.CONVERT.value, Letters.KEEP.value]),
    help="What to do with text in old encodings (TCVN3, VNI …): convert it to Unicode, or keep it as it is.",
)
@instance_option
def import_(file: Path, yes: bool, letters: str | None, instance: Path | None) -> None:
    """Import FILE: an .xlsx, .xls, .ods, .zip or .csv file, or a folder of .csv files. What it changes is
    shown first.

    Of .csv files any may be left out: those sheets stay as they are stored. Whatever is not as it looks
    (hidden rows, columns that are left out, letters that are converted) is printed and confirmed, also at a
    first import.
    """
    with refusals(), ExitStack() as held_open:

        @cache
        def store() -> Stores:
            # Opened, and on a new instance made, only when it is needed: a file with errors leaves nothing
            # behind.
            return held_open.enter_context(opened(settings_for(instance)))

        def stored() -> Organisation | None:
            held = load_held(store().app).organisation
            return held if held.units else None

        with bars() as shown:
            read = read_file(file, stored, shown, Letters(letters or Letters.ASK))
        show_notes(read.notes)
        if read.old_letters and letters is None:
            _agree(
                "Convert these cells to Unicode?",
                "say --letters convert, or --letters keep to import them as they are",
            )
        with bars() as shown:
            stores = store()
            compared = compare(stores.app, read.organisation, shown)
        _show(compared.changes)
        for each in second_look(compared.before, compared.changes):
            click.echo(_warning(each), err=True)
        if compared.changes.number and not yes and (read.notes or not compared.first):
            _agree("Import this?", "say --yes to import it so")
        if compared.changes.number:
            with bars() as shown, _logged(stores, file, compared.changes):
                import_compared(stores.app, compared, shown)
    _summary(read.organisation)
    number = compared.changes.number
    click.echo("Nothing has changed." if number == 0 else f"Records changed: {number}.")


@organisation.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--unit", help="Only this unit and everything below it, as an organisation of its own.")
@instance_option
def export(file: Path, unit: UnitCode | None, instance: Path | None) -> None:
    """Write what is stored to FILE, in the format that is imported: .xlsx, or .zip with .csv files."""
    if file.suffix.lower() not in (".xlsx", ".zip"):
        raise click.UsageError("FILE must end with .xlsx or .zip")
    with opened(settings_for(instance)) as stores:
        held = load_organisation(stores.app)
        part = held if unit is None else subtree(held, unit)
        form, people = file.suffix.lower().lstrip("."), len(part.people)
        with log_of(stores).acting(
            COMMAND_LINE, Act.ORGANISATION_EXPORTED, unit=unit, form=form, people=people
        ):
            _write(file, part)
    click.echo(f"Written: {file}")


@organisation.command("template")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--language", type=click.Choice(["vi", "en"]), default="vi", show_default=True)
def template_(file: Path, language: str) -> None:
    """Write an empty workbook to be filled in to FILE (.xlsx), with every column explained."""
    try:
        file.write_bytes(template(language))
    except OSError:
        raise click.ClickException(f"{file} cannot be written") from None
    click.echo(f"Written: {file}")


def _write(path: Path, organisation: Organisation) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        (write_csv_zip if path.suffix.lower() == ".zip" else write_workbook)(path, organisation)
    except OSError:
        raise click.ClickException(f"{path} cannot be written") from None


def _logged(stores: Stores, file: Path, changes: Difference) -> AbstractContextManager[None]:
    """The import stands in the staff log, as one of the command line."""
    counts = counted(changes)
    return log_of(stores).acting(
        COMMAND_LINE,
        Act.ORGANISATION_IMPORTED,
        file=file.name,
        added=sum(each.added for each in counts),
        changed=sum(each.changed for each in counts),
        removed=sum(each.removed for each in counts),
    )


def _summary(read: Organisation) -> None:
    voters = sum(person.votes for person in read.people)
    subjects = {(post.unit, post.person) for post in read.posts if post.subject}
    click.echo(
        f"{len(read.units)} units, {len(read.people)} people ({voters} vote), {len(subjects)} contests."
    )


def _agree(question: str, otherwise: str) -> None:
    """Ask; end with status 1 and what else can be done where the answer is no, or nobody is there to
    answer.
    """
    try:
        agreed = click.confirm(question)
    except click.Abort:
        agreed = False
        click.echo()
    if not agreed:
        click.echo(f"Nothing was imported: {otherwise}.", err=True)
        sys.exit(1)


def show_notes(notes: Sequence[Note]) -> None:
    """Print what must be seen about a file, with cells and what they become."""
    for note in notes:
        click.echo(f"Note: {note.place}: {note.en}.\n      {note.vi}.", err=True)
        if len(note.examples) > 1:
            for each in note.examples:
                click.echo(f"        {each.cell}: {each.before} → {each.after}", err=True)
            if note.number > len(note.examples):
                click.echo(f"        … ({note.number - len(note.examples)})", err=True)


def _show(changes: Difference) -> None:
    table = Table("sheet", "added", "changed", "removed")
    for name, sheet in changes.sheets():
        table.add_row(name, str(len(sheet.added)), str(len(sheet.changed)), str(len(sheet.removed)))
    console = Console()
    console.print(table)
    shown = 0
    for name, sheet in changes.sheets():
        for before, after in sheet.changed:
            if shown < MOST_SHOWN:
                words = "; ".join(
                    f"{field}: {old} → {new}" for field, old, new in altered_fields(before, after)
                )
                console.print(f"{name} {', '.join(before.key)}: {words}", highlight=False, markup=False)
            shown += 1
    if shown > MOST_SHOWN:
        console.print(f"… and {shown - MOST_SHOWN} more")


def _warning(look: SecondLook) -> str:
    """What deserves a second look, in a sentence."""
    said = {
        "people_go": f"{look.number} of {look.total} people would be removed",
        "holders_go": f"{look.number} people who hold posts would be removed",
        "units_move": f"{look.number} units would move below another one",
        "names_change": f"{look.number} codes would belong to somebody of another name",
        "root_changes": "the root would be another unit",
        "history_goes": f"{look.number} results of earlier years would be removed",
    }[look.kind]
    more = ", …" if look.number > len(look.examples) else ""
    return f"Look twice: {said} ({', '.join(look.examples)}{more})."
