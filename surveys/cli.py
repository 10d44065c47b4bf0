"""`surveys …`: the command group. Each command loads its own rooms when it is called, so `surveys verify` needs no server.

Exit status: 0 done, 1 refused (one sentence says what and where), 2 a wrong call.
"""

from __future__ import annotations

import importlib

import click

# Command → (module, object); the help lines stand here so that listing them loads nothing.
COMMANDS = {
    "demo": (
        "surveys.organisation.commands",
        "demo",
        "Make the demo organisation as an .xlsx file and import it.",
    ),
    "organisation": (
        "surveys.organisation.commands",
        "organisation",
        "Import, compare or export an organisation.",
    ),
    "keys": ("surveys.stages.commands", "keys", "Look after the keys of the encrypted columns."),
    "prepare": (
        "surveys.stages.commands_rounds",
        "prepare",
        "Prepare a round: slips, token keys, frozen roll.",
    ),
    "slips": ("surveys.stages.commands_rounds", "slips", "Send slips by e-mail; see what came back."),
    "committee": (
        "surveys.stages.commands_committee",
        "committee",
        "Links for the counting committee; the ceremony again.",
    ),
    "trustee": (
        "surveys.committee.commands",
        "trustee",
        "A committee member on the command line: ceremony, count, certificate.",
    ),
    "staff": (
        "surveys.stages.commands_staff",
        "staff",
        "Accounts of staff (the first administrator), the log of what they did.",
    ),
    "round": ("surveys.stages.commands_committee", "round_", "Open and close the polls of a round."),
    "client-hash": (
        "surveys.stages.commands_rounds",
        "client_hash",
        "Recompute the hashes of the programs that voters load.",
    ),
    "rehearse": (
        "surveys.stages.commands",
        "rehearse",
        "Run a whole vote, from a spreadsheet to verified totals.",
    ),
    "run": ("surveys.stages.commands", "run", "Prepare the demo (first time) and serve the site."),
    "check-ballot": ("surveys.audit.commands", "check_ballot", "Show what a challenged ballot contained."),
    "minutes": (
        "surveys.results.commands",
        "minutes",
        "Set the minutes anew from an audit bundle, and compare; other papers and tables.",
    ),
    "verify": ("surveys.audit.commands", "verify", "Check a whole vote from its audit bundle, offline."),
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


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tin-nhiem")
def main() -> None:
    """Tín Nhiệm: anonymous annual confidence votes that anybody can check."""
