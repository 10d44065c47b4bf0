"""`surveys committee …` and `surveys round …`: links for the committee, the ceremony again, polls, what leaders show.

The verbs are the desk's, and each stands in the staff log as an act of the command line. Danger: whoever sits at the server needs
nobody's approval; so a round that asks for a second person is opened, and closed before its time, on the desk alone.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from surveys.accounts.staff_log import COMMAND_LINE
from surveys.errors import SurveysError
from surveys.organisation.commands import log_of, open_stores, refuse, settings_for
from surveys.rounds import ledger
from surveys.settings import Settings
from surveys.stages.committees import CommitteeDesk
from surveys.stages.conducting import PollsDesk
from surveys.stages.exhibiting import ExhibitDesk
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores

_instance = click.option(
    "--instance", type=click.Path(path_type=Path, file_okay=False), help="The folder of stores and keys."
)


@click.group("committee")
def committee() -> None:
    """The counting committee of a round."""


@committee.command("invite")
@click.argument("survey")
@click.option("--address", required=True, metavar="URL", help="The site's address: https://…")
@click.option("--trustee", type=click.IntRange(1, 15), help="Only this member (their earlier link ends).")
@click.option(
    "--days", type=click.IntRange(1, 365), default=14, show_default=True, help="How long links are good."
)
@_instance
def invite(survey: str, address: str, trustee: int | None, days: int, instance: Path | None) -> None:
    """Print each member's personal link. A new link ends the member's earlier one."""
    try:
        stores, keyring = open_stores(settings_for(instance))
        names = ledger.find(stores.app, keyring, survey).definition.trustees
        if trustee is not None and trustee > len(names):
            raise click.UsageError(f"this committee has {len(names)} members")
        desk = CommitteeDesk(stores, keyring, log_of(stores, keyring), _now)
        for number in range(1, len(names) + 1):
            if trustee in (None, number):
                name, token = desk.link(COMMAND_LINE, survey, number, days)
                click.echo(f"{number}. {name}: {address.rstrip('/')}/k/{survey}/#{token}")
        stores.close()
    except SurveysError as error:
        refuse(error)


@committee.command("restart")
@click.argument("survey")
@click.option(
    "--trustee",
    "trustees",
    multiple=True,
    help="The new committee, the head first; without it, the same one.",
)
@click.option("--threshold", type=click.IntRange(2, 14), help="How many of the new committee are needed.")
@_instance
def restart(survey: str, trustees: tuple[str, ...], threshold: int | None, instance: Path | None) -> None:
    """Begin the key ceremony again: after a complaint, when a member stays silent, or lost a sheet before the end.

    Possible until the ceremony is finished. With other members all links end; the slips stay good.
    """
    try:
        stores, keyring = open_stores(settings_for(instance))
        definition = ledger.find(stores.app, keyring, survey).definition
        names, needed = definition.trustees, definition.threshold
        if trustees:
            names, needed = trustees, threshold or needed
        desk = CommitteeDesk(stores, keyring, log_of(stores, keyring), _now)
        attempt = desk.restart(COMMAND_LINE, survey, names, needed)
        said = (
            "The members keep their links and their sheets."
            if (names, needed) == (definition.trustees, definition.threshold)
            else "All links have ended: make new ones."
        )
        stores.close()
    except SurveysError as error:
        refuse(error)
    click.echo(f"The ceremony begins again: attempt {attempt}. {said}")


@click.group("round")
def round_() -> None:
    """Open and close the polls of a round."""


@round_.command("open")
@click.argument("survey")
@_instance
def open_(survey: str, instance: Path | None) -> None:
    """Open the polls. Who counts as present stands in the round: everybody on the roll, or whoever was recorded on the desk."""
    settings = settings_for(instance)
    try:
        stores, keyring = open_stores(settings)
        _polls(settings, stores, keyring).open_at_the_server(survey)
        stores.close()
    except SurveysError as error:
        refuse(error)
    click.echo(f"The polls of {survey} are open.")


@round_.command("close")
@click.argument("survey")
@_instance
def close(survey: str, instance: Path | None) -> None:
    """Close the polls. The server seals the box by itself."""
    settings = settings_for(instance)
    try:
        stores, keyring = open_stores(settings)
        _polls(settings, stores, keyring).close_at_the_server(survey)
        stores.close()
    except SurveysError as error:
        refuse(error)
    click.echo(f"The polls of {survey} are closed.")


@round_.command("exhibit")
@click.argument("survey")
@click.argument("person")
@click.option("--unit", help="Where the person is voted on, if in two units.")
@click.option(
    "--photo", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="JPEG, PNG or WebP."
)
@click.option(
    "--report", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Self-report, PDF."
)
@_instance
def exhibit(
    survey: str, person: str, unit: str | None, photo: Path | None, report: Path | None, instance: Path | None
) -> None:
    """Show voters a leader's photo or self-report in the booth (PERSON is the code in the organisation)."""
    if photo is None and report is None:
        raise click.UsageError("give --photo, --report, or both")
    settings = settings_for(instance)
    try:
        stores, keyring = open_stores(settings)
        contests = ledger.find(stores.app, keyring, survey).definition.contests
        found = [c for c, each in enumerate(contests) if each.person == person and unit in (None, each.unit)]
        if len(found) != 1:
            raise click.UsageError(
                f"{person} is voted on in {len(found)} places" + ("; name one with --unit" if found else "")
            )
        for kind, file in (("photo", photo), ("report", report)):
            if file is not None:
                _exhibits(settings, stores, keyring).keep_at_the_server(
                    survey, found[0], kind, file.read_bytes()
                )
        stores.close()
    except SurveysError as error:
        refuse(error)
    click.echo(f"Shown in the booth: {contests[found[0]].name}.")


def _exhibits(settings: Settings, stores: Stores, keyring: Keyring) -> ExhibitDesk:
    return ExhibitDesk(stores, keyring, log_of(stores, keyring), settings.exhibits, _now)


def _polls(settings: Settings, stores: Stores, keyring: Keyring) -> PollsDesk:
    shown = _exhibits(settings, stores, keyring)
    return PollsDesk(stores, keyring, shown.log, _now, on_change=shown.tell)


def _now() -> datetime:
    return datetime.now(UTC)
