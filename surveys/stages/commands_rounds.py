"""`surveys prepare`, `surveys slips …` and `surveys client-hash`: a round from its terms to slips in hand, on the command line."""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from surveys.accounts.links import Purpose, make_link
from surveys.accounts.staff_log import COMMAND_LINE, Act
from surveys.errors import SurveysError
from surveys.mail.bounces import read_bounces, reasons
from surveys.mail.smtp import Mailer
from surveys.organisation.bars import bars
from surveys.organisation.commands import log_of, open_stores, refuse, settings_for
from surveys.protocol.manifest import Definition, decode_manifest
from surveys.roll import letters
from surveys.roll.errors import UnknownVoter
from surveys.roll.letters.delivery import delivery
from surveys.roll.listing import Entry
from surveys.roll.slip_sheets import PaperSlip, paper_slip, printed, sheets
from surveys.roll.slips import make_slips
from surveys.rounds import drafts, ledger
from surveys.rounds.contests import warnings
from surveys.rounds.definition import Terms
from surveys.rules.atoms import DEFAULT_K, FLOOR
from surveys.rules.preset import DEFAULT, Preset, names
from surveys.settings import read_settings
from surveys.stages import preparing
from surveys.stages.commands import warning
from surveys.stages.mailing import writer
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores
from surveys.stores.instants import INSTANT
from surveys.web.clients import FOLDER, built_clients

DAYS_OF_A_LINK = 14
_instance = click.option(
    "--instance", type=click.Path(path_type=Path, file_okay=False), help="The folder of stores and keys."
)


def _site_address(_: click.Context, __: click.Parameter, given: str | None) -> str:
    address = given or read_settings().address
    if not address:
        raise click.UsageError("where do voters reach the site? --address https://…, or TIN_NHIEM_ADDRESS")
    return address


_address = click.option(
    "--address",
    callback=_site_address,
    metavar="URL",
    help="The site's address, as voters reach it: https://… (default: TIN_NHIEM_ADDRESS).",
)


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
@click.option("--zone", default="Asia/Ho_Chi_Minh", show_default=True, help="Time zone of the two.")
@click.option(
    "--trustee", "trustees", multiple=True, required=True, help="A member of the committee, the head first."
)
@click.option("--threshold", type=click.IntRange(2, 14), default=2, show_default=True)
@click.option("--k", type=click.IntRange(FLOOR, 1000), default=DEFAULT_K, show_default=True)
@click.option(
    "--visibility",
    type=click.Choice(["subject", "heads", "unit", "public"]),
    default="subject",
    show_default=True,
)
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
@_address
@_instance
def prepare(
    preset: str,
    year: int,
    title_vi: str,
    title_en: str,
    opens: datetime,
    closes: datetime,
    zone: str,
    trustees: Sequence[str],
    threshold: int,
    k: int,
    visibility: str,
    one_ballot: bool,
    mailed: bool,
    in_browser: bool,
    out: Path | None,
    address: str,
    instance: Path | None,
) -> None:
    """Prepare a round of the imported organisation: slips, token keys, frozen roll.

    The slips are written before anything is frozen; if it is stopped in between, they are worthless and it is simply run again.
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
    try:
        stores, keyring = open_stores(settings)
        terms = Terms(
            survey=secrets.token_bytes(16),
            title_vi=title_vi,
            title_en=title_en,
            number="",
            place="",
            year=year,
            opens=_utc(opens, zone),
            closes=_utc(closes, zone),
            preset=Preset.load(preset),
            trustees=tuple(trustees),
            threshold=threshold,
            k=k,
            time_zone=zone,
            revoting=not one_ballot,
            slips="mailed" if mailed else "printed",
            visibility=visibility,
            clients=built_clients().named,
        )
        survey = terms.survey.hex()
        drafts.save_draft(stores.app, keyring, terms)
        here = preparing.prepared(stores, keyring, survey)
        for danger in warnings(here.electorate, k, trustees):
            click.echo(warning(danger, k), err=True)
        if in_browser:
            with _acting(stores, keyring, survey, Act.ROUND_LINK, purpose="slips"):
                token = make_link(stores.app, survey, Purpose.OFFICE, 0, datetime.now(UTC), DAYS_OF_A_LINK)
            click.echo(
                f"Make the slips here (good for {DAYS_OF_A_LINK} days): {address.rstrip('/')}/o/{survey}/#{token}"
            )
            return
        with bars() as shown:
            shown.begin("keys", len(here.electorate.panels))
            jobs = os.cpu_count() or 1
            size = {"voters": len(here.invited), "contests": len(here.electorate.contests)}
            entries = None if out is None else _print_slips(here, out, address)
            with _acting(stores, keyring, survey, Act.ROUND_FROZEN, **size):
                if entries is None:
                    preparing.freeze_mailed(stores, keyring, survey, jobs, shown.step)
                else:
                    preparing.freeze_round(stores, keyring, survey, entries, jobs, shown.step)
        stores.close()
    except SurveysError as error:
        refuse(error)
    click.echo(
        f"Round {survey} is frozen: {len(here.invited)} voters, {len(here.electorate.contests)} leaders."
    )
    if out is not None:
        click.echo(
            f"Slips to print: {out}. Whoever has this file can vote for everybody: print it, then destroy it."
        )


def _print_slips(here: preparing.Prepared, out: Path, address: str) -> list[Entry]:
    slips = make_slips(here.terms.survey, [each.voter for each in here.invited])
    booth = f"{address.rstrip('/')}/b/{here.terms.survey.hex()}/"
    papers = [
        paper_slip(each.name, each.unit, slip.code, booth)
        for each, slip in zip(here.invited, slips, strict=True)
    ]
    _write_sheets(here.terms, booth, papers, out)
    return [slip.entry for slip in slips]


def _must_be_new(out: Path) -> None:
    if out.exists():
        raise click.UsageError(f"{out} exists: it may hold slips that nobody can make again")


def _write_sheets(terms: Terms | Definition, booth: str, papers: Sequence[PaperSlip], out: Path) -> None:
    client = dict(terms.clients)["booth"].hex()
    page = sheets(terms.title_vi, booth, terms.opens, terms.closes, terms.time_zone, client, papers)
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=out.parent, delete=False
    ) as file:  # mode 0600
        file.write(printed(page))
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(out)


@click.group("slips")
def slips() -> None:
    """Slips that go by e-mail, and slips that were lost."""


@slips.command("mail")
@click.argument("survey")
@_address
@_instance
def mail(survey: str, address: str, instance: Path | None) -> None:
    """Send every letter that waits, slips and reminders. Stopped half-way, it is simply run again."""
    settings = settings_for(instance)
    if settings.mail is None:
        raise click.UsageError("no mail server is set: see TIN_NHIEM_SMTP_HOST in docs/operations.md")
    try:
        stores, keyring = open_stores(settings)
        write = writer(stores.app, keyring, survey, address)
        waiting = delivery(stores.app, survey).waiting
        with (
            _acting(stores, keyring, survey, Act.ROUND_MAIL, what="send", letters=waiting),
            bars() as shown,
            Mailer(settings.mail).session() as session,
        ):
            letters.send(
                stores.app, keyring, survey, session, write, lambda n: shown.begin("letters", n), shown.step
            )
    except SurveysError as error:
        refuse(error)
    now = delivery(stores.app, survey)
    click.echo(f"Sent: {now.sent}; refused: {now.refused}; came back: {now.bounced}; waiting: {now.waiting}.")
    _undelivered(stores, keyring, survey)
    stores.close()


@slips.command("replace")
@click.argument("survey")
@click.argument("voter")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Where the new slip goes."
)
@_address
@_instance
def replace(survey: str, voter: str, out: Path, address: str, instance: Path | None) -> None:
    """Print a new slip for a voter (by code) whose slip was lost, before the ballot paper is issued.

    The old slip is dead then; the audit bundle and the minutes tell of it.
    """
    _must_be_new(out)
    try:
        stores, keyring = open_stores(settings_for(instance))
        definition = ledger.find(stores.app, keyring, survey).definition
        who = [each for each in preparing.invited_to(stores, keyring, definition) if each.voter.code == voter]
        if not who:
            raise UnknownVoter(f"nobody with the code {voter!r} votes in this round")
        (slip,) = make_slips(definition.survey, [who[0].voter])
        booth = f"{address.rstrip('/')}/b/{survey}/"
        _write_sheets(definition, booth, [paper_slip(who[0].name, who[0].unit, slip.code, booth)], out)
        try:
            with _acting(stores, keyring, survey, Act.ROUND_SLIP):
                preparing.replace_lost_slip(stores, keyring, survey, slip.entry)
        except SurveysError:
            out.unlink()
            raise
        stores.close()
    except SurveysError as error:
        refuse(error)
    click.echo(f"The new slip of {who[0].name}: {out}. The old one is dead.")


@slips.command("resend")
@click.argument("survey")
@click.argument("voter", nargs=-1)
@click.option("--all-undelivered", is_flag=True, help="Everybody whose letter was refused or came back.")
@_instance
def resend(survey: str, voter: Sequence[str], all_undelivered: bool, instance: Path | None) -> None:
    """Let the letters of these voters (by code) wait again, with the same slip; then run `surveys slips mail`."""
    try:
        stores, keyring = open_stores(settings_for(instance))
        again = [letters.of_voter(stores.app, keyring, survey, code).id for code in voter]
        if all_undelivered:
            again += [letter.id for letter in letters.undelivered(stores.app, keyring, survey)]
        with _acting(stores, keyring, survey, Act.ROUND_MAIL, what="again", letters=len(set(again))):
            letters.resend(stores.app, survey, dict.fromkeys(again))
        stores.close()
    except SurveysError as error:
        refuse(error)
    click.echo(f"Waiting again: {len(dict.fromkeys(again))}.")


@slips.command("bounces")
@click.argument("survey")
@click.argument("mailbox", type=click.Path(path_type=Path, exists=True))
@_instance
def bounces(survey: str, mailbox: Path, instance: Path | None) -> None:
    """Read what came back (mbox file or folder of .eml files) and list who has no slip."""
    try:
        stores, keyring = open_stores(settings_for(instance))
        bag = read_bounces(mailbox)
        with _acting(stores, keyring, survey, Act.ROUND_MAIL, what="bounces", letters=len(bag.bounces)):
            ours = letters.bounced(stores.app, keyring, survey, reasons(bag.bounces))
    except SurveysError as error:
        refuse(error)
    click.echo(
        f"Came back: {ours} letters of this round; {bag.others} other messages, {bag.unreadable} unreadable."
    )
    _undelivered(stores, keyring, survey)
    stores.close()


def _undelivered(stores: Stores, keyring: Keyring, survey: str) -> None:
    missing = letters.undelivered(stores.app, keyring, survey)
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
    try:
        named = built_clients(folder).named
        wanted = {} if manifest is None else dict(decode_manifest(manifest.read_bytes()).definition.clients)
    except SurveysError as error:
        refuse(error)
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


def _utc(local: datetime, zone: str) -> str:
    try:
        return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).strftime(INSTANT)
    except (KeyError, ValueError, OSError):
        raise click.UsageError(f"there is no time zone {zone!r}") from None


def _acting(
    stores: Stores, keyring: Keyring, survey: str, act: Act, **facts: str | int
) -> AbstractContextManager[None]:
    """The act stands in the staff log before it is done; a refusal in the block after it."""
    root = ledger.root_of(stores.app, survey) or None
    return log_of(stores, keyring).acting(COMMAND_LINE, act, unit=root, survey=survey, reason="", **facts)
