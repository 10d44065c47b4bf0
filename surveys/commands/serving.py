"""`surveys setup`, `surveys check` and `surveys serve`: a real installation, from its first questions to its
service.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from surveys.accounts import invitations
from surveys.accounts import keeping as register
from surveys.accounts.roles import EVERYWHERE, Grant, Role
from surveys.accounts.staff_log import COMMAND_LINE, Act
from surveys.commands.kit import instance_option, log_of, now, opened, refusals, settings_for
from surveys.instance.checking import Finding, Standing, look
from surveys.instance.held import open_stores
from surveys.settings import (
    MAIL_ADDRESS,
    PREFIX,
    SETTINGS_FILE,
    BadSetting,
    Settings,
    is_loopback,
    read_settings,
    read_settings_file,
    write_settings_file,
)
from surveys.stores.origin import forbid_demonstration
from surveys.stores.store import Stores

Serve = Callable[[Settings, Stores], None]
# Variable → question; an empty answer leaves it out. Asked in this order, each judged at once.
QUESTIONS = {
    "ADDRESS": "The address under which people reach the site (https://vote.example.org)",
    "TIME_ZONE": "The time zone of the votes",
    "LETTERHEAD": "Whose letterhead papers have: party or state",
    "SMTP_HOST": "The mail server (empty: no mail is sent)",
    "SMTP_SECURITY": "How mail is protected on the way: starttls, tls, or plain on this machine",
    "SMTP_SENDER": "The address that mail comes from",
    "SMTP_USER": "The user name at the mail server (empty: none)",
    "SMTP_PASSWORD": "The password at the mail server",
    "KEYRING": "Where the keyring lies (a file apart from the stores)",
    "BACKUPS": "The folder of backups (on another disk)",
}


@click.command("setup")
@instance_option
def setup(instance: Path | None) -> None:
    """Ask for address, time zone, mail, keyring, backups and the first administrator; write `settings.env`
    into the instance.

    Asked again, it offers what was answered before. Nothing is written until every answer is sound.
    """
    with refusals():
        _set_up(instance)


@click.command("check")
@instance_option
def check(instance: Path | None) -> None:
    """Print what is missing or unsafe: address, https, proxies, mail, permissions, keyring, backups, disk,
    clock. Status 1 if anything is.
    """
    settings = settings_for(instance)
    with opened(settings) as stores:
        found = look(settings, stores)
    _show(found, Console())
    if any(each.standing is not Standing.GOOD for each in found):
        sys.exit(1)


@click.command("serve")
@instance_option
@click.pass_obj
def serve(run: Serve, instance: Path | None) -> None:
    """Serve the site until it is stopped; before its first start in a terminal, ask what `surveys setup`
    asks.

    Makes no demonstration data, and refuses an instance that the demonstration made.
    """
    with refusals():
        settings = settings_for(instance)
        if sys.stdin.isatty() and not (settings.instance / SETTINGS_FILE).exists() and not settings.address:
            settings = _set_up(instance)
        stores = open_stores(settings)
        forbid_demonstration(stores.engines.app)
        if settings.serve != "voter":
            stores.engines.serve_alone()
        found = look(settings, stores)
        _show([each for each in found if each.standing is not Standing.GOOD], Console(stderr=True))
        click.echo(
            f"Serving http://{settings.listen}:{settings.port}/, for {settings.address or 'this machine'}."
        )
        run(settings, stores)


def _set_up(instance: Path | None) -> Settings:
    """Ask, write, make the instance and invite its first administrator. Raises what reading the settings
    raises.
    """
    settings = settings_for(instance)
    path = settings.instance / SETTINGS_FILE
    answers = _ask(path, settings)
    write_settings_file(path, answers)
    click.echo(f"Written: {path}")
    settings = settings_for(instance)
    with opened(settings) as stores:
        forbid_demonstration(stores.engines.app)
        _first_administrator(settings, stores)
        _show(look(settings, stores), Console())
    return settings


def _ask(path: Path, settings: Settings) -> dict[str, str]:
    held = read_settings_file(path)
    usual = {
        "TIME_ZONE": settings.time_zone,
        "LETTERHEAD": settings.letterhead,
        "SMTP_SECURITY": "starttls",
        "KEYRING": str(settings.keyring),
    }
    answers = dict(held)
    for name, question in QUESTIONS.items():
        if name.startswith("SMTP_") and name != "SMTP_HOST" and not answers.get(f"{PREFIX}SMTP_HOST"):
            continue
        if name == "SMTP_PASSWORD" and not answers.get(f"{PREFIX}SMTP_USER"):
            continue
        before = held.get(PREFIX + name, usual.get(name, ""))
        secret = name == "SMTP_PASSWORD"
        answers[PREFIX + name] = click.prompt(
            question, default=before, show_default=bool(before) and not secret, hide_input=secret
        ).strip()
        _follow(answers, name)
    while True:
        try:
            read_settings(answers, instance=None)
            return answers
        except BadSetting as error:
            if error.name not in {PREFIX + name for name in QUESTIONS}:
                raise
            click.echo(str(error), err=True)
            answers[error.name] = click.prompt(QUESTIONS[error.name.removeprefix(PREFIX)], default="").strip()
            _follow(answers, error.name.removeprefix(PREFIX))


def _follow(answers: dict[str, str], name: str) -> None:
    """What an address implies: its host is answered, and https is spoken by a proxy in front."""
    if name != "ADDRESS":
        return
    address = answers[f"{PREFIX}ADDRESS"]
    host = address.rpartition("://")[2].split("/")[0].split(":")[0]
    if address.startswith("https://"):
        answers[f"{PREFIX}HTTPS"] = "yes"
        answers.setdefault(f"{PREFIX}PROXIES", "1")
    if host and not is_loopback(host):
        answers[f"{PREFIX}HOSTS"] = f"{host},localhost,127.0.0.1,[::1]"


def _first_administrator(settings: Settings, stores: Stores) -> None:
    """Invite somebody where nobody has an account yet. The invitation stands in the staff log, before it is
    made.
    """
    if register.all_staff(stores.app):
        return
    email = click.prompt(
        "The first administrator's mail address (empty: later)", default="", show_default=False
    ).strip()
    if not email:
        return
    while not MAIL_ADDRESS.fullmatch(email):
        email = click.prompt(f"{email!r} is no mail address; the first administrator's").strip()
    name = click.prompt("The administrator's name").strip()
    role = Role.ADMINISTRATOR.value
    with log_of(stores).acting(COMMAND_LINE, Act.ACCOUNT_INVITED, role=role, email=email, person=""):
        grant = Grant(Role.ADMINISTRATOR, EVERYWHERE)
        register.add_account(stores.app, name=name, email=email, person=None, given=(grant,))
        made = register.account_by(stores.app, email=email)
        assert made is not None
        token = invitations.invite(stores.engines.app, made.staff.id, now())
    address = settings.address or f"http://localhost:{settings.port}"
    click.echo(f"For {name} alone, good once, for a week: {address}/s/vi/invitation/{token}")


def _show(found: tuple[Finding, ...] | list[Finding], console: Console) -> None:
    if not found:
        return
    table = Table("what", "standing", "says")
    for each in found:
        table.add_row(each.what, each.standing.value, Text(each.says))
    console.print(table)
