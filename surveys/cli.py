"""`surveys …`: the command group. Each command loads its own rooms when it is called, so `surveys verify`
needs no server.

Exit status: 0 done, 1 refused (one sentence says what and where), 2 a wrong call.
"""

from __future__ import annotations

import importlib
from pkgutil import resolve_name

import click

SITE = "app:serve"
# Command → (module, object); the help lines stand here so that listing them loads nothing.
COMMANDS = {
    "demo": (
        "surveys.commands.organisation",
        "demo",
        "Make the demo organisation as an .xlsx file and import it.",
    ),
    "organisation": (
        "surveys.commands.organisation",
        "organisation",
        "Import, compare or export an organisation.",
    ),
    "keys": ("surveys.commands.instance", "keys", "Look after the keys of the encrypted columns."),
    "prepare": (
        "surveys.commands.preparing",
        "prepare",
        "Prepare a round: slips, token keys, frozen roll.",
    ),
    "slips": ("surveys.commands.preparing", "slips", "Send slips by e-mail; see what came back."),
    "committee": (
        "surveys.commands.committee",
        "committee",
        "Links for the counting committee; the ceremony again.",
    ),
    "trustee": (
        "surveys.commands.trustee",
        "trustee",
        "A committee member on the command line: ceremony, count, certificate.",
    ),
    "staff": (
        "surveys.commands.staff",
        "staff",
        "Accounts of staff (the first administrator), the log of what they did.",
    ),
    "round": ("surveys.commands.committee", "round_", "Open and close the polls of a round."),
    "client-hash": (
        "surveys.commands.preparing",
        "client_hash",
        "Recompute the hashes of the programs that voters load.",
    ),
    "rehearse": (
        "surveys.commands.instance",
        "rehearse",
        "Run a whole vote, from a spreadsheet to verified totals.",
    ),
    "setup": ("surveys.commands.serving", "setup", "Ask what a new installation decides for itself."),
    "check": ("surveys.commands.serving", "check", "Look for what is missing or unsafe in an installation."),
    "serve": ("surveys.commands.serving", "serve", "Serve the site of an instance."),
    "backup": ("surveys.commands.backups", "backup", "Copy an instance into one encrypted file."),
    "restore": ("surveys.commands.backups", "restore", "Put a backup back."),
    "room": (
        "surveys.commands.room",
        "room",
        "Serve a meeting without internet: certificate, QR codes, one laptop.",
    ),
    "run": ("surveys.commands.instance", "run", "Prepare the demo (first time) and serve the site."),
    "check-ballot": ("surveys.commands.verify", "check_ballot", "Show what a challenged ballot contained."),
    "check-receipt": (
        "surveys.commands.verify",
        "check_receipt",
        "Judge a voter's receipt with the sealed board.",
    ),
    "minutes": (
        "surveys.commands.minutes",
        "minutes",
        "Set the minutes anew from an audit bundle, and compare; other papers and tables.",
    ),
    "verify": ("surveys.commands.verify", "verify", "Check a whole vote from its audit bundle, offline."),
}


class LazyGroup(click.Group):
    """Finds its commands by name in `COMMANDS` and imports them only when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        command = getattr(importlib.import_module(module), name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}.{name} is not a command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in COMMANDS.items()])


def _serve(*instance: object) -> None:
    """Serve an instance (settings, stores). The site is put together outside this package and found by its
    name, as servers do.
    """
    resolve_name(SITE)(*instance)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "obj": _serve})
@click.version_option(package_name="tin-nhiem")
def main() -> None:
    """Tín Nhiệm: anonymous annual confidence votes that anybody can check."""
