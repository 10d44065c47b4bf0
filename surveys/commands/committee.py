"""`surveys committee …` and `surveys round …`: links for the committee, the ceremony again, polls, what
leaders show.

The verbs are the desk's, and each stands in the staff log as an act of the command line. Danger: whoever sits
at the server needs nobody's approval; so a round that asks for a second person is opened, and closed before
its time, on the desk alone.
"""

from __future__ import annotations

from pathlib import Path

import click

from surveys.accounts.staff_log import COMMAND_LINE
from surveys.commands.kit import address_option, instance_option, log_of, now, opened, settings_for
from surveys.console.exhibits.exhibiting import Exhibiting
from surveys.console.polls.committees import Committees
from surveys.console.polls.conducting import Conducting
from surveys.names import PersonCode, RoundId, UnitCode
from surveys.rounds import ledger
from surveys.settings import Settings
from surveys.stores.store import Stores


@click.group("committee")
def committee() -> None:
    """The counting committee of a round."""


@committee.command("invite")
@click.argument("round_id", metavar="ROUND")
@address_option
@click.option("--trustee", type=click.IntRange(1, 15), help="Only this member (their earlier link ends).")
@click.option(
    "--days", type=click.IntRange(1, 365), default=14, show_default=True, help="How long links are good."
)
@instance_option
def invite(round_id: RoundId, address: str, trustee: int | None, days: int, instance: Path | None) -> None:
    """Print each member's personal link. A new link ends the member's earlier one."""
    settings = settings_for(instance)
    with opened(settings) as stores:
        names = ledger.find(stores.app, round_id).definition.trustees
        if trustee is not None and trustee > len(names):
            raise click.UsageError(f"this committee has {len(names)} members")
        desk = Committees(stores, log_of(stores), now)
        for number in range(1, len(names) + 1):
            if trustee in (None, number):
                name, token = desk.link(COMMAND_LINE, round_id, number, days)
                click.echo(f"{number}. {name}: {address.rstrip('/')}/k/{round_id}/#{token}")


@committee.command("restart")
@click.argument("round_id", metavar="ROUND")
@click.option(
    "--trustee",
    "trustees",
    multiple=True,
    help="The new committee, the head first; without it, the same one.",
)
@click.option("--threshold", type=click.IntRange(2, 14), help="How many of the new committee are needed.")
@instance_option
def restart(
    round_id: RoundId, trustees: tuple[str, ...], threshold: int | None, instance: Path | None
) -> None:
    """Begin the key ceremony again: after a complaint, when a member stays silent, or lost a sheet before the
    end.

    Possible until the ceremony is finished. With other members all links end; the slips stay good.
    """
    settings = settings_for(instance)
    with opened(settings) as stores:
        definition = ledger.find(stores.app, round_id).definition
        names, needed = definition.trustees, definition.threshold
        if trustees:
            names, needed = trustees, threshold or needed
        desk = Committees(stores, log_of(stores), now)
        attempt = desk.restart(COMMAND_LINE, round_id, names, needed)
        said = (
            "The members keep their links and their sheets."
            if (names, needed) == (definition.trustees, definition.threshold)
            else "All links have ended: make new ones."
        )
    click.echo(f"The ceremony begins again: attempt {attempt}. {said}")


@click.group("round")
def round_() -> None:
    """Open and close the polls of a round."""


@round_.command("open")
@click.argument("round_id", metavar="ROUND")
@instance_option
def open_(round_id: RoundId, instance: Path | None) -> None:
    """Open the polls. Who counts as present stands in the round: everybody on the roll, or whoever was
    recorded on the desk.
    """
    settings = settings_for(instance)
    with opened(settings) as stores:
        _polls(settings, stores).open_at_the_server(round_id)
    click.echo(f"The polls of {round_id} are open.")


@round_.command("close")
@click.argument("round_id", metavar="ROUND")
@instance_option
def close(round_id: RoundId, instance: Path | None) -> None:
    """Close the polls. The server seals the box by itself."""
    settings = settings_for(instance)
    with opened(settings) as stores:
        _polls(settings, stores).close_at_the_server(round_id)
    click.echo(f"The polls of {round_id} are closed.")


@round_.command("accept")
@click.argument("round_id", metavar="ROUND")
@click.option("--because", required=True, help="What happened; it stands in the minutes.")
@instance_option
def accept(round_id: RoundId, because: str, instance: Path | None) -> None:
    """Let a stopped round go on with its stores as they are, after a restore. Refused where papers or ballots
    may be missing.
    """
    settings = settings_for(instance)
    with opened(settings) as stores:
        _polls(settings, stores).accept_at_the_server(round_id, because)
    click.echo(f"The round {round_id} goes on; why stands in its minutes.")


@round_.command("exhibit")
@click.argument("round_id", metavar="ROUND")
@click.argument("person")
@click.option("--unit", help="Where the person is voted on, if in two units.")
@click.option(
    "--photo", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="JPEG, PNG or WebP."
)
@click.option(
    "--report", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Self-report, PDF."
)
@instance_option
def exhibit(
    round_id: RoundId,
    person: PersonCode,
    unit: UnitCode | None,
    photo: Path | None,
    report: Path | None,
    instance: Path | None,
) -> None:
    """Show voters a leader's photo or self-report in the booth (PERSON is the code in the organisation)."""
    if photo is None and report is None:
        raise click.UsageError("give --photo, --report, or both")
    settings = settings_for(instance)
    with opened(settings) as stores:
        contests = ledger.find(stores.app, round_id).definition.contests
        found = [c for c, each in enumerate(contests) if each.person == person and unit in (None, each.unit)]
        if len(found) != 1:
            raise click.UsageError(
                f"{person} is voted on in {len(found)} places" + ("; name one with --unit" if found else "")
            )
        for kind, file in (("photo", photo), ("report", report)):
            if file is not None:
                _exhibits(settings, stores).keep_at_the_server(round_id, found[0], kind, file.read_bytes())
    click.echo(f"Shown in the booth: {contests[found[0]].name}.")


def _exhibits(settings: Settings, stores: Stores) -> Exhibiting:
    return Exhibiting(stores, log_of(stores), settings.exhibits, now)


def _polls(settings: Settings, stores: Stores) -> Conducting:
    shown = _exhibits(settings, stores)
    return Conducting(stores, shown.log, now, on_change=shown.tell)
