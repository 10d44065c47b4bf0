"""`surveys committee …` and `surveys round …`: links for the committee, the ceremony again, polls, what leaders show.

Each stands in the staff log as an act of the command line. Danger: whoever sits at the server needs nobody's approval; so a round that
asks for a second person is opened, and closed before its time, on the desk alone.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import click

from surveys.accounts.links import Purpose, end_links, make_link
from surveys.accounts.staff_log import Act
from surveys.errors import SurveysError
from surveys.organisation.commands import open_stores, refuse, settings_for
from surveys.protocol.manifest import Manifest
from surveys.rounds import conduct, ledger
from surveys.rounds.conduct import PollsAct
from surveys.rounds.errors import IllegalMove, SecondPersonNeeded, ShownNoMore
from surveys.rounds.questions import CHANGEABLE
from surveys.stages import closing, opening
from surveys.stages.by_command import acting
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores
from surveys.stores.exhibits import Exhibits

INSTANT = "%Y-%m-%dT%H:%M:%SZ"
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
        for number, name in enumerate(names, 1):
            if trustee in (None, number):
                with acting(stores, keyring, survey, Act.ROUND_LINK, purpose="committee", member=name):
                    token = make_link(stores.app, survey, Purpose.TRUSTEE, number, datetime.now(UTC), days)
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
        changed = replace(
            definition,
            trustees=trustees or definition.trustees,
            threshold=(threshold if trustees else None) or definition.threshold,
        )
        changed.check()
        with acting(
            stores,
            keyring,
            survey,
            Act.ROUND_COMMITTEE,
            members="; ".join(changed.trustees),
            threshold=changed.threshold,
        ):
            if trustees:
                attempt = ledger.change_committee(stores.app, keyring, changed)
                end_links(stores.app, survey, Purpose.TRUSTEE)
            else:
                attempt = ledger.next_attempt(stores.app, survey)
        said = (
            "All links have ended: make new ones."
            if trustees
            else "The members keep their links and their sheets."
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
    """Open the polls: everybody on the roll counts as present."""
    try:
        stores, keyring = open_stores(settings_for(instance))
        manifest, at = _manifest(stores, keyring, survey), datetime.now(UTC).strftime(INSTANT)
        _alone(stores, keyring, survey)
        present = [panel.voters for panel in manifest.definition.panels]
        with acting(stores, keyring, survey, Act.ROUND_OPENED, by="hand"):
            opening.open_polls(stores, manifest, present, at)
            conduct.note_act(stores.app, keyring, survey, PollsAct(at, "opened", "hand"))
        stores.close()
    except SurveysError as error:
        refuse(error)
    click.echo(f"The polls of {survey} are open.")


@round_.command("close")
@click.argument("survey")
@_instance
def close(survey: str, instance: Path | None) -> None:
    """Close the polls. The server seals the box by itself."""
    try:
        stores, keyring = open_stores(settings_for(instance))
        manifest, at = _manifest(stores, keyring, survey), datetime.now(UTC).strftime(INSTANT)
        facts = conduct.find(stores.app, keyring, survey).facts
        if at < (facts.extended_to or manifest.definition.closes):
            _alone(stores, keyring, survey)
        with acting(stores, keyring, survey, Act.ROUND_CLOSED, by="hand"):
            closing.close_polls(stores, manifest, at)
            conduct.note_act(stores.app, keyring, survey, PollsAct(at, "closed", "hand"))
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
        held = ledger.find(stores.app, keyring, survey)
        contests = held.definition.contests
        found = [c for c, each in enumerate(contests) if each.person == person and unit in (None, each.unit)]
        if len(found) != 1:
            raise click.UsageError(
                f"{person} is voted on in {len(found)} places" + ("; name one with --unit" if found else "")
            )
        if held.state not in CHANGEABLE:
            raise ShownNoMore(survey, held.state.value)
        exhibits = Exhibits(settings.exhibits / survey)
        for kind, file, keep in (
            ("photo", photo, exhibits.keep_photo),
            ("report", report, exhibits.keep_report),
        ):
            if file is not None:
                raw = file.read_bytes()
                made = sha256(raw).hexdigest()
                with acting(
                    stores, keyring, survey, Act.ROUND_EXHIBIT, contest=found[0], kind=kind, sha256=made
                ):
                    keep(found[0], raw)
        stores.close()
    except SurveysError as error:
        refuse(error)
    click.echo(f"Shown in the booth: {contests[found[0]].name}.")


def _alone(stores: Stores, keyring: Keyring, survey: str) -> None:
    if conduct.find(stores.app, keyring, survey).settings.four_eyes:
        raise SecondPersonNeeded(survey)


def _manifest(stores: Stores, keyring: Keyring, survey: str) -> Manifest:
    found = ledger.find(stores.app, keyring, survey)
    if found.manifest is None:
        raise IllegalMove(survey, found.state.value, "open before the ceremony is finished")
    return found.manifest
