"""`surveys trustee …`: a committee member on the command line, beside others in browsers (docs/protocol.md §5, §12, §16).

DANGER: the file of the sheet is the key. It is read here and never sent.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from surveys.committee.board_file import cut_board
from surveys.committee.errors import RefusedByTrustee, ServerRefused, WrongSheet
from surveys.committee.server import Server
from surveys.committee.trustee import Trustee
from surveys.committee.words import in_words
from surveys.errors import SurveysError
from surveys.protocol import canonical
from surveys.protocol.ceremony import Ceremony
from surveys.protocol.ceremony_checks import decode_ceremony
from surveys.protocol.certificate import Certified
from surveys.protocol.checkpoint import decode_checkpoint
from surveys.protocol.codes import read_sheet, write_sheet
from surveys.protocol.errors import Rejected
from surveys.protocol.manifest import Definition, Manifest, decode_definition, decode_manifest
from surveys.protocol.plan import decode_plan

EVERY_SECONDS = 2.0
SAMPLE = 200
_sheet = click.option(
    "--sheet",
    "file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    required=True,
    help="File with the thirteen groups of your sheet.",
)
_server = click.option("--server", "link", required=True, metavar="LINK", help="Your personal link.")
_yes = click.option("--yes", is_flag=True, help="Do not ask: somebody has looked already.")


class Member:
    """A sheet, a server, and what the server says now."""

    def __init__(self, file: Path, link: str) -> None:
        self.file, self.server = file, Server(link)
        self.state = self.server.state()
        self._opened = file.with_name(f"{file.name}.opened")
        self.trustee = Trustee(
            read_sheet(file.read_text("utf-8")), int(self.state["trustee"]), self._load_opened()
        )

    def ceremony(self) -> Ceremony:
        """The public record as far as it has come."""
        return decode_ceremony(self.server.get("ceremony"))

    def definition(self) -> Definition:
        """What was frozen."""
        return decode_definition(self.server.get("definition"))

    def manifest(self) -> Manifest:
        """The manifest; raises ServerRefused before all have dealt."""
        return decode_manifest(self.server.get("manifest"))

    def send(self, kind: str, message: dict[str, Any]) -> None:
        """Send a message and keep what the server says then."""
        self.state = self.server.send(kind, canonical.encode(message))

    def look(self) -> None:
        """Ask the server how far it is."""
        self.state = self.server.state()

    def remember_opened(self) -> None:
        """Keep which plan was opened of which manifest, beside the sheet: a second plan is refused for ever."""
        fresh = self._opened.with_name(f"{self._opened.name}.new")
        fresh.write_text(
            json.dumps({m.hex(): p.hex() for m, p in self.trustee.opened.items()}, indent=1), "ascii"
        )
        fresh.replace(self._opened)

    def _load_opened(self) -> dict[bytes, bytes]:
        if not self._opened.exists():
            return {}
        held = json.loads(self._opened.read_text("ascii"))
        return {bytes.fromhex(m): bytes.fromhex(p) for m, p in held.items()}


@click.group("trustee")
def trustee() -> None:
    """A member of the counting committee on the command line: make a sheet, take part in ceremony and count."""


@trustee.command("sheet")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def sheet(file: Path) -> None:
    """Make a key sheet in FILE. Print it, keep the paper, and keep the file where nobody else reads it."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise click.UsageError(f"{file} exists: it may hold a sheet that nobody can make again") from None
    with os.fdopen(descriptor, "w", encoding="ascii") as written:
        written.write("\n".join(write_sheet(secrets.token_bytes(32))) + "\n")
    click.echo(f"Your sheet: {file}. Print it now: whoever loses it cannot count.")


@trustee.command("test")
@_sheet
@_server
def test(file: Path, link: str) -> None:
    """Say whether this sheet is yours of this ceremony."""

    def act(member: Member) -> None:
        if not member.trustee.owns(member.definition(), member.ceremony()):
            raise WrongSheet("this sheet is not the one of your commit in this ceremony")
        click.echo("This is the right sheet: yours, of this ceremony.")

    _with_member(file, link, act)


@trustee.command("commit")
@_sheet
@_server
def commit(file: Path, link: str) -> None:
    """First step of the ceremony."""
    _with_member(file, link, _commit)


@trustee.command("deal")
@_sheet
@_server
def deal(file: Path, link: str) -> None:
    """Second step, when all have committed."""
    _with_member(file, link, _deal)


@trustee.command("confirm")
@_sheet
@_server
@_yes
def confirm(file: Path, link: str, yes: bool) -> None:
    """Third step, when all have dealt: look at the vote and confirm it."""
    _with_member(file, link, lambda member: _confirm(member, yes))


@trustee.command("count")
@_sheet
@_server
@_yes
@click.option(
    "--sample",
    type=click.IntRange(1),
    default=SAMPLE,
    show_default=True,
    help="Check so many ballots whole, drawn at random.",
)
@click.option("--all", "everything", is_flag=True, help="Check every ballot whole.")
def count(file: Path, link: str, yes: bool, sample: int, everything: bool) -> None:
    """Download the board, recompute root, plan and sums, check ballots, open the sums."""
    _with_member(file, link, lambda member: _count(member, yes, None if everything else sample))


@trustee.command("certify")
@_sheet
@_server
@_yes
def certify(file: Path, link: str, yes: bool) -> None:
    """Read the minutes and certify them."""
    _with_member(file, link, lambda member: _certify(member, yes))


@trustee.command("run")
@_sheet
@_server
@_yes
@click.option(
    "--until", type=click.Choice(["confirmed", "papers", "published"]), default="papers", show_default=True
)
def run(file: Path, link: str, yes: bool, until: str) -> None:
    """Do whatever is next, and wait for the others in between. May be stopped and started again at any moment."""
    _with_member(file, link, lambda member: _run(member, yes, until))


def _run(member: Member, yes: bool, until: str) -> None:
    order = [
        "commit",
        "deal",
        "confirm",
        "confirmed",
        "open",
        "closed",
        "count",
        "solving",
        "papers",
        "certified",
        "published",
    ]
    said = ""
    while order.index(member.state["stage"]) < order.index(until):
        step = _next(member)
        if step is not None:
            step(member, yes)
            continue
        if member.state["stage"] != said:
            said = member.state["stage"]
            click.echo(f"Waiting ({said}) …", err=True)
        time.sleep(EVERY_SECONDS)
        member.look()
    click.echo(f"Done: {member.state['stage']}.")


def _next(member: Member) -> Callable[[Member, bool], None] | None:
    me, stage = member.state["trustee"], member.state["stage"]
    if member.state["complaints"]:
        raise WrongSheet("a member has complained of a deal: the organizers must start the ceremony again")
    steps: dict[str, tuple[str, Callable[[Member, bool], None]]] = {
        "commit": ("commits", lambda each, _: _commit(each)),
        "deal": ("deals", lambda each, _: _deal(each)),
        "confirm": ("confirms", _confirm),
        "count": ("shares", lambda each, yes: _count(each, yes, SAMPLE)),
    }
    if stage in steps and me not in member.state[steps[stage][0]]:
        return steps[stage][1]
    return None


def _commit(member: Member) -> None:
    attempt = member.ceremony().attempt
    member.send("commit", member.trustee.commit(member.definition(), attempt).as_json())
    click.echo("Committed.")


def _deal(member: Member) -> None:
    record = member.ceremony()
    member.send("deal", member.trustee.deal(member.definition(), record.attempt, record.commits).as_json())
    click.echo("Dealt.")


def _confirm(member: Member, yes: bool) -> None:
    manifest, record = member.manifest(), member.ceremony()
    definition = manifest.definition
    click.echo(f"{definition.title_vi} / {definition.title_en}")
    click.echo(
        f"{len(definition.contests)} leaders, {len(definition.panels)} units, opens {definition.opens}, closes {definition.closes}"
    )
    click.echo(
        f"Committee: {', '.join(definition.trustees)}; {definition.threshold} of them are needed; k = {definition.k}"
    )
    click.echo(f"In eight words, the same for every member: {in_words(manifest.hash)}")
    if not yes:
        click.confirm("Are the words the same, and is this the vote?", abort=True)
    try:
        confirmed = member.trustee.confirm(manifest, record.attempt, record.commits, record.deals)
    except Rejected as error:
        dealer = error.where.removeprefix("deals[").partition("]")[0]
        if error.where.startswith("deals[") and dealer.isdigit():
            said = {"dealer": int(dealer) + 1, "check": error.check, "where": error.where}
            member.send("complaint", said)
        raise
    member.send("confirm", confirmed.as_json())
    click.echo("Confirmed.")


def _count(member: Member, yes: bool, sample: int | None) -> None:
    manifest, record = member.manifest(), member.ceremony()
    console = Console(stderr=True)
    columns = TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        loading = bars.add_task("board", total=None)
        raw = member.server.get(
            "board", lambda done, whole: bars.update(loading, completed=done, total=whole)
        )
        checkpoint = decode_checkpoint(member.server.get("checkpoint")).checkpoint
        plan = decode_plan(member.server.get("plan"))
        board = cut_board(raw, manifest)
        checking = bars.add_task("ballots", total=len(board) if sample is None else min(sample, len(board)))
        examined = member.trustee.examine(
            manifest,
            record,
            board,
            checkpoint,
            plan,
            proofs=sample,
            on_checked=lambda n: bars.advance(checking, n),
        )
    click.echo(
        f"About to open {examined.sums} sums over groups of at least {examined.smallest} ballots, of {len(board)} ballots."
    )
    click.echo(f"Recomputed: board, plan, sums. Ballots checked whole: {examined.checked} of {len(board)}.")
    if not yes:
        click.confirm("Open these sums?", abort=True)
    given = examined.open()
    member.remember_opened()
    member.send("share", {"share": given.share.as_json(), "cosignature": given.cosignature.hex()})
    click.echo("Your share is in.")


def _certify(member: Member, yes: bool) -> None:
    papers = member.server.papers()
    click.echo(papers["text"])
    if not yes:
        click.confirm("Certify these minutes?", abort=True)
    try:
        certified = Certified(**{name: bytes.fromhex(value) for name, value in papers["certified"].items()})
    except (TypeError, ValueError, AttributeError):
        raise RefusedByTrustee("the papers are not in the required form") from None
    signed = member.trustee.certify(member.manifest(), member.ceremony(), certified)
    member.send("certificate", {"trustee": member.state["trustee"], "signature": signed.hex()})
    click.echo("Certified.")


def _with_member(file: Path, link: str, act: Callable[[Member], None]) -> None:
    try:
        act(Member(file, link))
    except ServerRefused as error:
        click.echo(f"The server refused: {error.en}", err=True)
        sys.exit(1)
    except SurveysError as error:
        click.echo(f"Refused: {error}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        click.echo("Stopped. Nothing is half-done: run it again.", err=True)
        sys.exit(1)
