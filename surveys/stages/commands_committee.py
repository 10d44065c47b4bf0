"""`surveys committee …` and `surveys round …`: links for the committee, the ceremony again, polls, what leaders show."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from surveys.accounts.links import Purpose, end_links, make_link
from surveys.errors import SurveysError
from surveys.organisation.commands import open_stores, refuse, settings_for
from surveys.protocol.manifest import Manifest
from surveys.rounds import ledger
from surveys.rounds.errors import IllegalMove
from surveys.stages import closing, opening
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
        if trustees:
            definition = ledger.find(stores.app, keyring, survey).definition
            changed = replace(definition, trustees=trustees, threshold=threshold or definition.threshold)
            changed.check()
            attempt = ledger.change_committee(stores.app, keyring, changed)
            end_links(stores.app, survey, Purpose.TRUSTEE)
            said = "All links have ended: make new ones."
        else:
            attempt = ledger.next_attempt(stores.app, survey)
            said = "The members keep their links and their sheets."
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
        manifest = _manifest(stores, keyring, survey)
        present = [panel.voters for panel in manifest.definition.panels]
        opening.open_polls(stores, manifest, present, datetime.now(UTC).strftime(INSTANT))
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
        manifest = _manifest(stores, keyring, survey)
        closing.close_polls(stores, manifest, datetime.now(UTC).strftime(INSTANT))
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
        stores.close()
        found = [c for c, each in enumerate(contests) if each.person == person and unit in (None, each.unit)]
        if len(found) != 1:
            raise click.UsageError(
                f"{person} is voted on in {len(found)} places" + ("; name one with --unit" if found else "")
            )
        exhibits = Exhibits(settings.exhibits / survey)
        if photo is not None:
            exhibits.keep_photo(found[0], photo.read_bytes())
        if report is not None:
            exhibits.keep_report(found[0], report.read_bytes())
    except SurveysError as error:
        refuse(error)
    click.echo(f"Shown in the booth: {contests[found[0]].name}.")


def _manifest(stores: Stores, keyring: Keyring, survey: str) -> Manifest:
    found = ledger.find(stores.app, keyring, survey)
    if found.manifest is None:
        raise IllegalMove(survey, found.state.value, "open before the ceremony is finished")
    return found.manifest
