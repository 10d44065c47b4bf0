"""`surveys staff …`: the first administrator, who there is, the staff log checked and exported."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from surveys.accounts import invitations, register
from surveys.accounts.errors import BadGrant
from surveys.accounts.roles import EVERYWHERE, Grant, Role
from surveys.accounts.staff_log import COMMAND_LINE, Act, check_written, written_out
from surveys.errors import SurveysError
from surveys.organisation.commands import log_of, open_stores, refuse, settings_for
from surveys.organisation.register import unit_tree
from surveys.results.exports import write_whole
from surveys.settings import MAIL_ADDRESS
from surveys.stages import demo_accounts

_instance = click.option(
    "--instance", type=click.Path(path_type=Path, file_okay=False), help="The folder of stores and keys."
)


def _now() -> datetime:
    return datetime.now(UTC)


@click.group("staff")
def staff() -> None:
    """Accounts of staff, and the log of what they did."""


@staff.command("invite")
@click.argument("email")
@click.option("--name", required=True, help="The person's name.")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.ADMINISTRATOR.value,
    show_default=True,
)
@click.option(
    "--unit", default=EVERYWHERE, show_default=True, help="The unit that the role is over, with all below it."
)
@click.option("--person", help="A leader's code in the organisation.")
@click.option("--address", required=True, metavar="URL", help="The site's address: https://…")
@_instance
def invite(
    email: str, name: str, role: str, unit: str, person: str | None, address: str, instance: Path | None
) -> None:
    """Make an account, or a new invitation for one that exists, and print its link. This is how the first administrator comes in.

    The link is good once, for a week; it goes to its person only. An existing account keeps its roles.
    """
    if not MAIL_ADDRESS.fullmatch(email):
        raise click.UsageError(f"{email!r} is no mail address")
    try:
        stores, keyring = open_stores(settings_for(instance))
        log = log_of(stores, keyring)
        grant = Grant(Role(role), unit)
        held = register.account_by(stores.app, keyring, email=email)
        if unit != EVERYWHERE and unit not in unit_tree(stores.app):
            raise BadGrant(f"there is no unit {unit!r}")
        if grant.role is Role.LEADER and not person:
            raise BadGrant("a leader's account names the leader's code in the organisation: --person")
        facts = {"role": role, "email": email, "person": person or ""} if held is None else {"email": email}
        with log.acting(
            COMMAND_LINE, Act.ACCOUNT_INVITED, unit=None if unit == EVERYWHERE else unit, **facts
        ):
            if held is None:
                register.add_account(
                    stores.app, keyring, name=name, email=email, person=person, given=(grant,)
                )
                held = register.account_by(stores.app, keyring, email=email)
            assert held is not None
            token = invitations.invite(stores.app, held.staff.id, _now())
        stores.close()
    except SurveysError as error:
        refuse(error)
    click.echo(f"{address.rstrip('/')}/s/vi/invitation/{token}")


@staff.command("list")
@_instance
def list_(instance: Path | None) -> None:
    """Who has an account, with which roles."""
    try:
        stores, keyring = open_stores(settings_for(instance))
        table = Table("name", "address", "roles", "state")
        for each in register.all_staff(stores.app, keyring):
            account = register.find_account(stores.app, keyring, each.id)
            roles = "\n".join(f"{grant.role.value} {grant.unit}" for grant in each.grants)
            state = (
                "ended" if not each.active else "invited" if account.secrets.password is None else "active"
            )
            table.add_row(Text(each.name), Text(each.email), Text(roles), state)
        stores.close()
    except SurveysError as error:
        refuse(error)
    Console().print(table)


@staff.command("log")
@click.option(
    "--export",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write every entry to this file, a line of JSON each.",
)
@click.option(
    "--seen",
    metavar="NUMBER:HASH",
    help="Number and hash of an entry noted earlier: the log must still hold it.",
)
@_instance
def log_(export: Path | None, seen: str | None, instance: Path | None) -> None:
    """Check the whole chain of the staff log; print the number and hash of its last entry, to be noted elsewhere."""
    try:
        stores, keyring = open_stores(settings_for(instance))
        log = log_of(stores, keyring)
        count = log.check()
        entries = tuple(reversed(log.entries()))
        stores.close()
    except SurveysError as error:
        refuse(error)
    if seen is not None and not any(f"{each.number}:{each.hash.hex()}" == seen for each in entries):
        click.echo(f"The log does not hold the entry {seen}: it was changed since that was noted.", err=True)
        sys.exit(1)
    if export is not None:
        write_whole(export, written_out(entries).encode())
    head = f"{entries[-1].number}:{entries[-1].hash.hex()}" if entries else "0:"
    click.echo(f"The chain of {count} entries holds. Its head: {head}")


@staff.command("check-log")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def check_log(file: Path) -> None:
    """Recompute the chain of a whole log that was exported, without the instance."""
    try:
        count, last = check_written(file.read_text("utf-8"))
    except SurveysError as error:
        refuse(error)
    except UnicodeDecodeError:
        click.echo(f"{file} is no exported staff log: it is not UTF-8.", err=True)
        sys.exit(1)
    click.echo(f"The chain of {count} entries holds. Its head: {count}:{last.hex()}")


@staff.command("codes")
@_instance
def codes(instance: Path | None) -> None:
    """The codes that the demo's accounts sign in with, at this moment. Only for the accounts of a demo."""
    settings = settings_for(instance)
    try:
        stores, keyring = open_stores(settings)
        found = demo_accounts.codes(stores, keyring, settings.instance)
        stores.close()
    except SurveysError as error:
        refuse(error)
    if not found:
        click.echo("This instance has no demo accounts.", err=True)
        sys.exit(1)
    for email, code, seconds in found:
        click.echo(f"{code}  {email}  (good for {seconds} s more)")
