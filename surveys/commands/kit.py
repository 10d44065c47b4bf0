"""What commands have in common: where the instance lies, how it is opened and closed, and how a refusal is
printed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from surveys.accounts.staff_log import StaffLog
from surveys.errors import SurveysError
from surveys.instance.held import open_stores
from surveys.organisation.errors import BadSheets
from surveys.settings import MOST_CONTACT, Settings, read_settings
from surveys.stages.errors import BadMarks
from surveys.stores.store import Stores

MOST_MARKS = 1000
instance_option = click.option(
    "--instance", type=click.Path(path_type=Path, file_okay=False), help="The folder of stores and keys."
)


def _site_address(context: click.Context, _: click.Parameter, given: str | None) -> str:
    if given:
        return given
    try:
        address = read_settings(instance=context.params.get("instance")).address
    except SurveysError as error:
        raise click.UsageError(str(error)) from None
    if not address:
        raise click.UsageError("where do people reach the site? --address https://…, or TIN_NHIEM_ADDRESS")
    return address


# Read after --instance, whose settings file may hold the address.
address_option = click.option(
    "--address",
    callback=_site_address,
    metavar="URL",
    help="The site's address, as people reach it: https://… (default: TIN_NHIEM_ADDRESS).",
)


def _short_contact(_context: click.Context, _: click.Parameter, given: str | None) -> str | None:
    if given is not None and (len(given) > MOST_CONTACT or not given.isprintable()):
        raise click.UsageError(f"--contact is one line of at most {MOST_CONTACT} characters")
    return given


contact_option = click.option(
    "--contact",
    callback=_short_contact,
    metavar="TEXT",
    help="Who helps voters, with a telephone number: printed on the slips (default: TIN_NHIEM_CONTACT).",
)


@contextmanager
def opened(settings: Settings, *, alone: bool = False) -> Iterator[Stores]:
    """The instance's stores for one command, closed in the end. A refusal is printed and ends the command
    with status 1.
    """
    with refusals():
        stores = open_stores(settings, alone=alone)
        try:
            yield stores
        finally:
            stores.close()


@contextmanager
def refusals() -> Iterator[None]:
    """What is refused in the block is printed, and ends the command with status 1."""
    try:
        yield
    except SurveysError as error:
        refuse(error)


def settings_for(instance: Path | None) -> Settings:
    """The settings of the environment, for another instance folder where one is given. A bad one is
    refused.
    """
    with refusals():
        return read_settings(instance=instance)


def log_of(stores: Stores) -> StaffLog:
    """The staff log, for what is done on the command line (`COMMAND_LINE`)."""
    return StaffLog(stores.app, now)


def now() -> datetime:
    """The time of day, as the verbs take it."""
    return datetime.now(UTC)


def refuse(error: SurveysError) -> NoReturn:
    """Print why, and end with status 1. Errors of a file are listed, each with its place."""
    console = Console(stderr=True)
    if isinstance(error, BadSheets):
        table = Table("sheet", "cell", "column", "what is wrong, and what to write instead")
        for each in error.errors:
            # As plain text: what a cell holds may look like the markup of this library.
            table.add_row(
                each.sheet, each.cell or str(each.row or ""), each.column, Text(f"{each.en}\n{each.vi}")
            )
        console.print(table)
        many = "1 error" if error.count == 1 else f"{error.count} errors"
        if not error.all_counted:
            many = f"{error.count} errors or more"
        if error.count > len(error.errors):
            many += f" (the first {len(error.errors)} are listed)"
        click.echo(f"{error.name} has {many}; nothing was imported.", err=True)
    elif isinstance(error, BadMarks):
        table = Table("row", "column", "what is wrong")
        for mark in error.errors[:MOST_MARKS]:
            table.add_row(str(mark.row), mark.column, Text(f"{mark.en}\n{mark.vi}"))
        console.print(table)
        many = "1 error" if len(error.errors) == 1 else f"{len(error.errors)} errors"
        click.echo(f"{error.name} has {many}; nothing was written.", err=True)
    else:
        click.echo(f"Refused: {error}", err=True)
    sys.exit(1)
