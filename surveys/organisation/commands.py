"""`surveys demo` and `surveys organisation …`: the organisation on the command line."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from surveys.accounts.staff_log import COMMAND_LINE, Act, StaffLog
from surveys.errors import SurveysError
from surveys.organisation.bars import bars
from surveys.organisation.demo import SEED, demo_organisation
from surveys.organisation.difference import Difference, altered_fields
from surveys.organisation.errors import BadSheets
from surveys.organisation.export import template, write_csv_zip, write_workbook
from surveys.organisation.parts import subtree
from surveys.organisation.preview import SecondLook, counted, second_look
from surveys.organisation.register import (
    compare,
    import_compared,
    import_organisation,
    load_held,
    load_organisation,
)
from surveys.organisation.sheets import read_organisation
from surveys.organisation.values import Organisation
from surveys.settings import Settings, read_settings
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores

MOST_SHOWN = 200
_instance = click.option(
    "--instance", type=click.Path(path_type=Path, file_okay=False), help="The folder of stores and keys."
)


def settings_for(instance: Path | None) -> Settings:
    """The settings of the environment, for another instance folder where one is given."""
    settings = read_settings()
    if instance is None:
        return settings
    return replace(settings, instance=instance, keyring=instance / "keyring.json")


def open_stores(settings: Settings, *, alone: bool = False) -> tuple[Stores, Keyring]:
    """The stores of an instance, made where they are missing; held until the process ends or `stores.close`.

    Raises InstanceBusy when somebody holds it alone, or, with `alone`, when anybody else holds it.
    """
    stores = Stores(settings.stores)
    stores.hold(alone=alone)
    keyring = Keyring.load_or_create(settings.keyring)
    stores.migrate_app()
    return stores, keyring


def refuse(error: SurveysError) -> None:
    """Print why, and end with status 1. Errors of a file are listed, each with its cell."""
    console = Console(stderr=True)
    if isinstance(error, BadSheets):
        table = Table("sheet", "row", "column", "what is wrong, and what to write instead")
        for each in error.errors:
            # As plain text: what a cell holds may look like the markup of this library.
            table.add_row(each.sheet, str(each.row or ""), each.column, Text(f"{each.en}\n{each.vi}"))
        console.print(table)
        many = "1 error" if error.count == 1 else f"{error.count} errors"
        if not error.all_counted:
            many = f"{error.count} errors or more"
        if error.count > len(error.errors):
            many += f" (the first {len(error.errors)} are listed)"
        click.echo(f"{error.name} has {many}; nothing was imported.", err=True)
    else:
        click.echo(f"Refused: {error}", err=True)
    sys.exit(1)


@click.command("demo")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Where the .xlsx goes.")
@click.option("--seed", type=int, default=SEED, show_default=True, help="Another seed, another organisation.")
@_instance
def demo(out: Path | None, seed: int, instance: Path | None) -> None:
    """Make the demo organisation (57 committees, 410 cells, 5 000 voters, invented names) and import it."""
    settings = settings_for(instance)
    path = out or settings.instance / "demo.xlsx"
    try:
        _write(path, demo_organisation(seed))
        organisation_of_file = read_organisation(path)
        stores, keyring = open_stores(settings)
        changes = import_organisation(stores.app, keyring, organisation_of_file, confirmed=False)
        stores.close()
    except SurveysError as error:
        refuse(error)
    _summary(organisation_of_file)
    click.echo(f"{path} is imported: {changes.number} records are new or changed.")


@click.group("organisation")
def organisation() -> None:
    """The organisation: units, people, posts, grading, history."""


@organisation.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@click.option("--yes", is_flag=True, help="Import a file that changes what is stored, without asking.")
@_instance
def import_(file: Path, yes: bool, instance: Path | None) -> None:
    """Import FILE: an .xlsx, .zip or .csv file, or a folder of .csv files. What it changes is shown first.

    Of .csv files any may be left out: those sheets stay as they are stored.
    """
    opened: list[tuple[Stores, Keyring]] = []

    def store() -> tuple[Stores, Keyring]:
        # Opened, and on a new instance made, only when it is needed: a file with errors leaves nothing behind.
        if not opened:
            opened.append(open_stores(settings_for(instance)))
        return opened[0]

    def stored() -> Organisation | None:
        stores, keyring = store()
        held = load_held(stores.app, keyring).organisation
        return held if held.units else None

    try:
        with bars() as shown:
            read = read_organisation(file, stored, shown)
            stores, keyring = store()
            compared = compare(stores.app, keyring, read, shown)
        _show(compared.changes)
        for each in second_look(compared.before, compared.changes):
            click.echo(_warning(each), err=True)
        if compared.changes.number and not yes and not compared.first:
            click.confirm("Import this?", abort=True)
        if compared.changes.number:
            with bars() as shown, _logged(stores, keyring, file, compared.changes):
                import_compared(stores.app, keyring, compared, shown)
        stores.close()
    except SurveysError as error:
        refuse(error)
    _summary(read)
    number = compared.changes.number
    click.echo("Nothing has changed." if number == 0 else f"Records changed: {number}.")


@organisation.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--unit", help="Only this unit and everything below it, as an organisation of its own.")
@_instance
def export(file: Path, unit: str | None, instance: Path | None) -> None:
    """Write what is stored to FILE, in the format that is imported: .xlsx, or .zip with .csv files."""
    if file.suffix.lower() not in (".xlsx", ".zip"):
        raise click.UsageError("FILE must end with .xlsx or .zip")
    try:
        stores, keyring = open_stores(settings_for(instance))
        held = load_organisation(stores.app, keyring)
        part = held if unit is None else subtree(held, unit)
        facts: dict[str, Any] = {"form": file.suffix.lower().lstrip("."), "people": len(part.people)}
        with log_of(stores, keyring).acting(COMMAND_LINE, Act.ORGANISATION_EXPORTED, unit=unit, **facts):
            _write(file, part)
        stores.close()
    except SurveysError as error:
        refuse(error)
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


def log_of(stores: Stores, keyring: Keyring) -> StaffLog:
    """The staff log, for what is done on the command line (`COMMAND_LINE`)."""
    return StaffLog(stores.app, keyring, lambda: datetime.now(UTC))


def _logged(
    stores: Stores, keyring: Keyring, file: Path, changes: Difference
) -> AbstractContextManager[None]:
    """The import stands in the staff log, as one of the command line."""
    facts: dict[str, Any] = {
        kind: sum(each.of(kind) for each in counted(changes)) for kind in ("added", "changed", "removed")
    }
    return log_of(stores, keyring).acting(COMMAND_LINE, Act.ORGANISATION_IMPORTED, file=file.name, **facts)


def _summary(read: Organisation) -> None:
    voters = sum(person.votes for person in read.people)
    subjects = {(post.unit, post.person) for post in read.posts if post.subject}
    click.echo(
        f"{len(read.units)} units, {len(read.people)} people ({voters} vote), {len(subjects)} contests."
    )


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
