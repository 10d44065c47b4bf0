"""`surveys prepare`, `surveys slips …` and `surveys client-hash`: a round from its terms to slips in hand, on
the command line.
"""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from surveys.accounts.links import Purpose, make_link
from surveys.accounts.staff_log import COMMAND_LINE, Act
from surveys.commands.bars import bars
from surveys.commands.instance import warning
from surveys.commands.kit import (
    address_option,
    contact_option,
    instance_option,
    log_of,
    opened,
    refusals,
    settings_for,
)
from surveys.commands.paper_options import paper_options
from surveys.disk import put_in_place
from surveys.errors import SurveysError
from surveys.instance.mailing_job import writer
from surveys.instants import Instant, from_local
from surveys.letters import mailings as letters
from surveys.letters.delivery import delivery
from surveys.mail.bounces import read_bounces, reasons
from surveys.mail.smtp import Mailer
from surveys.names import PersonCode, RoundId
from surveys.protocol.definition import Slips, Visibility
from surveys.protocol.manifest import Definition, decode_manifest
from surveys.protocol.stationery import Stationery
from surveys.roll.errors import UnknownVoter
from surveys.roll.listing import Entry
from surveys.roll.slip_sheets import PaperSlip, paper_slip, printed, sheets
from surveys.roll.slips import make_slips
from surveys.rounds import drafts, ledger
from surveys.rounds.contests import warnings, without_look_up
from surveys.rounds.definition import LOOK_UP, MOST_LOOK_UP, Terms
from surveys.rules.atoms import DEFAULT_K, FLOOR
from surveys.rules.preset import DEFAULT, Preset, names
from surveys.stages import preparing
from surveys.stores.store import Stores
from surveys.web.clients import FOLDER, built_clients

DAYS_OF_A_LINK = 14


class Moment(click.ParamType[datetime]):
    """A local date and time, `YYYY-MM-DD HH:MM`."""

    name = "YYYY-MM-DD HH:MM"

    def convert(
        self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """The moment, without a zone: that is another option's."""
        if isinstance(value, datetime):
            return value
        try:
            return datetime.strptime(value, "%Y-%m-%d %H:%M")  # noqa: DTZ007  (its zone is --zone)
        except ValueError:
            self.fail(f"{value!r} is not a date and time like 2026-12-01 08:00", param, ctx)


@click.command("prepare")
@click.option("--preset", default=DEFAULT, show_default=True, help=f"The rule: {', '.join(names())}.")
@click.option("--year", type=click.IntRange(1900, 9999), required=True)
@click.option("--title-vi", required=True)
@click.option("--title-en", required=True)
@click.option("--opens", type=Moment(), required=True)
@click.option("--closes", type=Moment(), required=True)
@click.option("--zone", help="Time zone of the two (default: TIN_NHIEM_TIME_ZONE).")
@click.option(
    "--trustee", "trustees", multiple=True, required=True, help="A member of the committee, the head first."
)
@click.option("--threshold", type=click.IntRange(2, 14), default=2, show_default=True)
@click.option("--k", type=click.IntRange(FLOOR, 1000), default=DEFAULT_K, show_default=True)
@click.option(
    "--look-up",
    type=click.IntRange(0, MOST_LOOK_UP),
    default=LOOK_UP,
    show_default=True,
    metavar="MINUTES",
    help="So long after sealing nothing is opened, and voters look their ballots up.",
)
@click.option(
    "--visibility",
    type=click.Choice([each.value for each in Visibility]),
    default=Visibility.SUBJECT.value,
    show_default=True,
)
@paper_options
@click.option("--one-ballot", is_flag=True, help="A ballot cannot be replaced by a later one.")
@click.option(
    "--mailed", is_flag=True, help="Slips go by e-mail: the server knows the codes, and the manifest says so."
)
@click.option(
    "--in-browser",
    is_flag=True,
    help="Slips are made in the organizer's browser: print the personal link to it.",
)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Where the slips to print go (.html)."
)
@contact_option
@address_option
@instance_option
def prepare(
    preset: str,
    year: int,
    title_vi: str,
    title_en: str,
    opens: datetime,
    closes: datetime,
    zone: str | None,
    trustees: Sequence[str],
    threshold: int,
    k: int,
    look_up: int,
    visibility: str,
    papers: Callable[[str], Stationery],
    one_ballot: bool,
    mailed: bool,
    in_browser: bool,
    out: Path | None,
    contact: str | None,
    address: str,
    instance: Path | None,
) -> None:
    """Prepare a round of the imported organisation: slips, token keys, frozen roll.

    The slips are written before anything is frozen; if it is stopped in between, they are worthless and it is
    simply run again.
    """
    if not 2 <= threshold < len(trustees):
        raise click.UsageError(
            "at least three --trustee are needed, and --threshold must be below their number"
        )
    if mailed + in_browser + (out is not None) != 1:
        raise click.UsageError("one of --mailed, --in-browser, or --out for the slips to print")
    if out is not None:
        _must_be_new(out)
    settings = settings_for(instance)
    zone = zone or settings.time_zone
    with opened(settings) as stores:
        terms = Terms(
            survey=secrets.token_bytes(16),
            title_vi=title_vi,
            title_en=title_en,
            number="",
            place="",
            year=year,
            opens=_instant(opens, zone),
            closes=_instant(closes, zone),
            preset=Preset.load(preset),
            trustees=tuple(trustees),
            threshold=threshold,
            k=k,
            look_up=look_up,
            time_zone=zone,
            revoting=not one_ballot,
            slips=Slips.MAILED if mailed else Slips.PRINTED,
            visibility=Visibility(visibility),
            clients=built_clients().named,
            papers=papers(settings.letterhead),
        )
        round_id = terms.round_id
        drafts.save_draft(stores.app, terms)
        here = preparing.prepared(stores, round_id)
        for danger in warnings(here.electorate, k, trustees) + without_look_up(look_up):
            click.echo(warning(danger, k), err=True)
        if in_browser:
            with _acting(stores, round_id, Act.ROUND_LINK, purpose="slips"):
                token = make_link(
                    stores.engines.app, round_id, Purpose.OFFICE, 0, datetime.now(UTC), DAYS_OF_A_LINK
                )
            click.echo(
                f"Make the slips here (good for {DAYS_OF_A_LINK} days): "
                f"{address.rstrip('/')}/o/{round_id}/#{token}"
            )
            return
        with bars() as shown:
            shown.begin("keys", len(here.electorate.panels))
            jobs = os.cpu_count() or 1
            size = {"voters": len(here.invited), "contests": len(here.electorate.contests)}
            entries = (
                None
                if out is None
                else _print_slips(here, out, address, settings.contact if contact is None else contact)
            )
            with _acting(stores, round_id, Act.ROUND_FROZEN, **size):
                if entries is None:
                    preparing.freeze_mailed(stores, round_id, jobs, shown.step)
                else:
                    preparing.freeze_round(stores, round_id, entries, jobs, shown.step)
    click.echo(
        f"Round {round_id} is frozen: {len(here.invited)} voters, {len(here.electorate.contests)} leaders."
    )
    if out is not None:
        click.echo(
            f"Slips to print: {out}. Whoever has this file can vote for everybody: print it, then destroy it."
        )


def _print_slips(here: preparing.Prepared, out: Path, address: str, contact: str) -> list[Entry]:
    slips = make_slips(here.terms.survey, [each.voter for each in here.invited])
    booth = f"{address.rstrip('/')}/b/{here.terms.survey.hex()}/"
    papers = [
        paper_slip(each.name, each.unit, each.voter.code, slip.code, booth)
        for each, slip in zip(here.invited, slips, strict=True)
    ]
    _write_sheets(here.terms, address, papers, out, contact)
    return [slip.entry for slip in slips]


def _must_be_new(out: Path) -> None:
    if out.exists():
        raise click.UsageError(f"{out} exists: it may hold slips that nobody can make again")


def _write_sheets(
    terms: Terms | Definition, address: str, papers: Sequence[PaperSlip], out: Path, contact: str
) -> None:
    client = dict(terms.clients)["booth"].hex()
    booths = f"{address.rstrip('/')}/b/"
    when = terms.opens, terms.closes, terms.time_zone
    page = sheets(terms.title_vi, booths, terms.survey, *when, client, papers, contact)
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=out.parent, delete=False
    ) as file:  # mode 0600
        file.write(printed(page))
        file.flush()
        os.fsync(file.fileno())
    put_in_place(Path(file.name), out)


@click.group("slips")
def slips() -> None:
    """Slips that go by e-mail, and slips that were lost."""


@slips.command("mail")
@click.argument("round_id", metavar="ROUND")
@address_option
@instance_option
def mail(round_id: RoundId, address: str, instance: Path | None) -> None:
    """Send every letter that waits, slips and reminders. Stopped half-way, it is simply run again."""
    settings = settings_for(instance)
    if settings.mail is None:
        raise click.UsageError("no mail server is set: see TIN_NHIEM_SMTP_HOST in docs/operations.md")
    with opened(settings) as stores:
        write = writer(stores.app, round_id, address)
        waiting = delivery(stores.engines.app, round_id).waiting
        with (
            _acting(stores, round_id, Act.ROUND_MAIL, what="send", letters=waiting),
            bars() as shown,
            Mailer(settings.mail).session() as session,
        ):
            letters.send(
                stores.app, round_id, session, write, lambda n: shown.begin("letters", n), shown.step
            )
        now = delivery(stores.engines.app, round_id)
        click.echo(
            f"Sent: {now.sent}; refused: {now.refused}; came back: {now.bounced}; waiting: {now.waiting}."
        )
        _undelivered(stores, round_id)


@slips.command("replace")
@click.argument("round_id", metavar="ROUND")
@click.argument("voter")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Where the new slip goes."
)
@contact_option
@address_option
@instance_option
def replace(
    round_id: RoundId, voter: PersonCode, out: Path, contact: str | None, address: str, instance: Path | None
) -> None:
    """Print a new slip for a voter (by code) whose slip was lost, before the ballot paper is issued.

    The old slip is dead then; the audit bundle and the minutes tell of it.
    """
    _must_be_new(out)
    settings = settings_for(instance)
    with opened(settings) as stores:
        definition = ledger.find(stores.app, round_id).definition
        who = [each for each in preparing.invited_to(stores, definition) if each.voter.code == voter]
        if not who:
            raise UnknownVoter(f"nobody with the code {voter!r} votes in this round")
        (slip,) = make_slips(definition.survey, [who[0].voter])
        booth = f"{address.rstrip('/')}/b/{round_id}/"
        paper = paper_slip(who[0].name, who[0].unit, voter, slip.code, booth)
        _write_sheets(definition, address, [paper], out, settings.contact if contact is None else contact)
        try:
            with _acting(stores, round_id, Act.ROUND_SLIP):
                preparing.replace_lost_slip(stores, round_id, slip.entry)
        except SurveysError:
            out.unlink()
            raise
    click.echo(f"The new slip of {who[0].name}: {out}. The old one is dead.")


@slips.command("resend")
@click.argument("round_id", metavar="ROUND")
@click.argument("voter", nargs=-1)
@click.option("--all-undelivered", is_flag=True, help="Everybody whose letter was refused or came back.")
@instance_option
def resend(round_id: RoundId, voter: Sequence[str], all_undelivered: bool, instance: Path | None) -> None:
    """Let the letters of these voters (by code) wait again, with the same slip; then run `surveys slips
    mail`.
    """
    with opened(settings_for(instance)) as stores:
        again = [letters.of_voter(stores.app, round_id, PersonCode(code)).id for code in voter]
        if all_undelivered:
            again += [letter.id for letter in letters.undelivered(stores.app, round_id)]
        with _acting(stores, round_id, Act.ROUND_MAIL, what="again", letters=len(set(again))):
            letters.resend(stores.engines.app, round_id, dict.fromkeys(again))
    click.echo(f"Waiting again: {len(dict.fromkeys(again))}.")


@slips.command("bounces")
@click.argument("round_id", metavar="ROUND")
@click.argument("mailbox", type=click.Path(path_type=Path, exists=True))
@instance_option
def bounces(round_id: RoundId, mailbox: Path, instance: Path | None) -> None:
    """Read what came back (mbox file or folder of .eml files) and list who has no slip."""
    with opened(settings_for(instance)) as stores:
        bag = read_bounces(mailbox)
        with _acting(stores, round_id, Act.ROUND_MAIL, what="bounces", letters=len(bag.bounces)):
            ours = letters.bounced(stores.app, round_id, reasons(bag.bounces))
        click.echo(
            f"Came back: {ours} letters of this round; {bag.others} other messages, "
            f"{bag.unreadable} unreadable."
        )
        _undelivered(stores, round_id)


def _undelivered(stores: Stores, round_id: RoundId) -> None:
    missing = letters.undelivered(stores.app, round_id)
    if missing:
        table = Table("voter", "name", "unit", "e-mail", "what happened")
        for letter in missing:
            table.add_row(*map(Text, (letter.voter, letter.name, letter.unit, letter.email, letter.said)))
        Console().print(table)


@click.command("client-hash")
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), default=FOLDER, help="Built bundles."
)
@click.option(
    "--manifest",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Compare with the clients that this manifest.json names.",
)
def client_hash(folder: Path, manifest: Path | None) -> None:
    """Recompute the SHA-256 of the client's bundles, as the manifest and the booth name them."""
    with refusals():
        named = built_clients(folder).named
        wanted = {} if manifest is None else dict(decode_manifest(manifest.read_bytes()).definition.clients)
    for name, digest in named:
        click.echo(f"{digest.hex()}  {name}")
    if manifest is not None:
        other = sorted(
            name for name in wanted.keys() | dict(named).keys() if dict(named).get(name) != wanted.get(name)
        )
        if other:
            click.echo(f"Not the manifest's: {', '.join(other)}", err=True)
            sys.exit(1)
        click.echo("These are the clients of the manifest.")


def _instant(local: datetime, zone: str) -> Instant:
    try:
        return from_local(local, zone)
    except (KeyError, ValueError, OSError):
        raise click.UsageError(f"there is no time zone {zone!r}") from None


def _acting(stores: Stores, round_id: RoundId, act: Act, **facts: str | int) -> AbstractContextManager[None]:
    """The act stands in the staff log before it is done; a refusal in the block after it."""
    root = ledger.root_of(stores.engines.app, round_id) or None
    return log_of(stores).acting(COMMAND_LINE, act, unit=root, round_id=round_id, reason="", **facts)
