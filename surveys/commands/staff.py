"""`surveys staff …`: the first administrator, who there is, the staff log checked and exported."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from surveys.accounts import invitations
from surveys.accounts import keeping as register
from surveys.accounts.errors import BadGrant
from surveys.accounts.roles import EVERYWHERE, Grant, Role
from surveys.accounts.staff_log import COMMAND_LINE, Act, check_written, written_out
from surveys.commands.kit import address_option, instance_option, log_of, now, opened, refusals, settings_for
from surveys.names import PersonCode, UnitCode
from surveys.organisation.register import unit_tree
from surveys.rehearsal import demo_accounts
from surveys.results.exports import write_whole
from surveys.settings import MAIL_ADDRESS


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
@address_option
@instance_option
def invite(
    email: str,
    name: str,
    role: str,
    unit: UnitCode,
    person: PersonCode | None,
    address: str,
    instance: Path | None,
) -> None:
    """Make an account, or a new invitation for one that exists, and print its link. This is how the first
    administrator comes in.

    The link is good once, for a week; it goes to its person only. An existing account keeps its roles.
    """
    if not MAIL_ADDRESS.fullmatch(email):
        raise click.UsageError(f"{email!r} is no mail address")
    with opened(settings_for(instance)) as stores:
        log = log_of(stores)
        grant = Grant(Role(role), unit)
        held = register.account_by(stores.app, email=email)
        if unit != EVERYWHERE and unit not in unit_tree(stores.engines.app):
            raise BadGrant(f"there is no unit {unit!r}")
        if grant.role is Role.LEADER and not person:
            raise BadGrant("a leader's account names the leader's code in the organisation: --person")
        facts = {"role": role, "email": email, "person": person or ""} if held is None else {"email": email}
        with log.acting(
            COMMAND_LINE, Act.ACCOUNT_INVITED, unit=None if unit == EVERYWHERE else unit, **facts
        ):
            if held is None:
                register.add_account(stores.app, name=name, email=email, person=person, given=(grant,))
                held = register.account_by(stores.app, email=email)
            assert held is not None
            token = invitations.invite(stores.engines.app, held.staff.id, now())
    click.echo(f"{address.rstrip('/')}/s/vi/invitation/{token}")


@staff.command("list")
@instance_option
def list_(instance: Path | None) -> None:
    """Who has an account, with which roles."""
    with opened(settings_for(instance)) as stores:
        table = Table("name", "address", "roles", "state")
        for each in register.all_staff(stores.app):
            account = register.find_account(stores.app, each.id)
            roles = "\n".join(f"{grant.role.value} {grant.unit}" for grant in each.grants)
            state = (
                "ended" if not each.active else "invited" if account.secrets.password is None else "active"
            )
            table.add_row(Text(each.name), Text(each.email), Text(roles), state)
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
@instance_option
def log_(export: Path | None, seen: str | None, instance: Path | None) -> None:
    """Check the whole chain of the staff log; print the number and hash of its last entry, to be noted
    elsewhere.
    """
    with opened(settings_for(instance)) as stores:
        log = log_of(stores)
        count = log.check()
        entries = tuple(reversed(log.entries()))
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
        with refusals():
            count, last = check_written(file.read_text("utf-8"))
    except UnicodeDecodeError:
        click.echo(f"{file} is no exported staff log: it is not UTF-8.", err=True)
        sys.exit(1)
    click.echo(f"The chain of {count} entries holds. Its head: {count}:{last.hex()}")


@staff.command("codes")
@instance_option
def codes(instance: Path | None) -> None:
    """The codes that the demo's accounts sign in with, at this moment. Only for the accounts of a demo."""
    settings = settings_for(instance)
    with opened(settings) as stores:
        found = demo_accounts.codes(stores, settings.instance)
    if not found:
        click.echo("This instance has no demo accounts.", err=True)
        sys.exit(1)
    for email, code, seconds in found:
        click.echo(f"{code}  {email}  (good for {seconds} s more)")
