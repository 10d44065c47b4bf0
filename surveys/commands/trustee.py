"""`surveys trustee …`: a committee member on the command line, beside others in browsers (docs/protocol.md
§5, §12, §16).

DANGER: the file of the sheet is the key. It is read here and never sent.
"""

from __future__ import annotations

import math
import os
import secrets
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from surveys.commands.member import Member, now
from surveys.committee.checking import BOARD, PAPERS, Examined, examine, examine_papers
from surveys.committee.errors import LookUpTime, ServerRefused, ServerUnreachable, TooFewCosigned, WrongSheet
from surveys.errors import SurveysError
from surveys.instants import instant_text
from surveys.protocol.agreement import decode_agreement
from surveys.protocol.codes import write_sheet
from surveys.protocol.errors import Rejected
from surveys.protocol.words import in_words

EVERY_SECONDS = 2.0
_sheet = click.option(
    "--sheet",
    "file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    required=True,
    help="File with the thirteen groups of your sheet.",
)
_server = click.option("--server", "link", required=True, metavar="LINK", help="Your personal link.")
_yes = click.option("--yes", is_flag=True, help="Do not ask: somebody has looked already.")


@click.group("trustee")
def trustee() -> None:
    """A member of the counting committee on the command line: make a sheet, take part in ceremony and
    count.
    """


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
    "--absent",
    type=int,
    multiple=True,
    metavar="NUMBER",
    help="A member whom you have called and who cannot take part; named in what you sign and in the minutes.",
)
def count(file: Path, link: str, yes: bool, absent: tuple[int, ...]) -> None:
    """Check the whole board, cosign it, wait for the others and for the look-up time, then open the sums."""

    def act(member: Member) -> None:
        _while_server_works(member)
        _count(member, yes, absent)

    _with_member(file, link, act)


@trustee.command("certify")
@_sheet
@_server
@_yes
def certify(file: Path, link: str, yes: bool) -> None:
    """Read the minutes and certify them."""

    def act(member: Member) -> None:
        _while_server_works(member)
        _certify(member, yes)

    _with_member(file, link, act)


@trustee.command("run")
@_sheet
@_server
@_yes
@click.option(
    "--until",
    type=click.Choice(["confirmed", "papers", "certified", "published"]),
    default="papers",
    show_default=True,
)
def run(file: Path, link: str, yes: bool, until: str) -> None:
    """Do whatever is next, and wait for the others in between. May be stopped and started again at any
    moment.
    """
    _with_member(file, link, lambda member: _run(member, yes, until))


def _while_server_works(member: Member) -> None:
    """Wait while the box is being sealed or the sums are being solved: nobody is asked for anything then."""
    said = ""
    while member.state.stage in ("closed", "solving"):
        said = _wait(member, said)


def _wait(member: Member, said: str) -> str:
    """Say once what is waited for, then look again. Returns what was said."""
    fresh = f"Waiting ({member.state.stage}) …"
    if member.state.failed is not None:
        fresh += (
            f" The server's last try failed ({member.state.failed}); it tries again. Tell the organizers."
        )
    if fresh != said:
        click.echo(fresh, err=True)
    _look(member)
    return fresh


def _look(member: Member) -> None:
    """Ask again after a pause. Who only waits need not start anew because a network or a server was away."""
    away = False
    while True:
        time.sleep(EVERY_SECONDS)
        try:
            return member.look()
        except ServerUnreachable as error:
            if not away:
                click.echo(f"No answer ({error}); trying again. Ctrl-C stops.", err=True)
            away = True


def _run(member: Member, yes: bool, until: str) -> None:
    order = [
        "commit",
        "deal",
        "confirm",
        "confirmed",
        "open",
        "closed",
        "cosign",
        "count",
        "solving",
        "papers",
        "certified",
        "published",
    ]
    said = ""
    while order.index(member.state.stage) < order.index(until):
        step = _next(member, until)
        if step is not None:
            try:
                step(member, yes)
            except ServerRefused as refused:
                if refused.name == "CountNotReady":  # of several processes this one is still computing
                    said = _wait(member, said)
                    continue
                if refused.name != "EnoughShares":
                    raise
                click.echo(str(refused))  # the others were quicker; nothing is missing
                member.look()
            continue
        said = _wait(member, said)
    click.echo(f"Done: {member.state.stage}.")


def _next(member: Member, until: str) -> Callable[[Member, bool], None] | None:
    me, stage = member.state.trustee, member.state.stage
    if member.state.complaints:
        raise WrongSheet("a member has complained of a deal: the organizers must start the ceremony again")
    done = member.state
    steps: dict[str, tuple[tuple[int, ...], Callable[[Member, bool], None]]] = {
        "commit": (done.commits, lambda each, _: _commit(each)),
        "deal": (done.deals, lambda each, _: _deal(each)),
        "confirm": (done.confirms, _confirm),
        "cosign": (done.cosigned, _cosign),
        "count": (done.shares, lambda each, yes: _count(each, yes, ())),
        "papers": (done.certified, _certify),
    }
    if stage == "papers" == until:
        return None
    if stage in steps and me not in steps[stage][0]:
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
        f"{len(definition.contests)} leaders, {len(definition.panels)} units, opens {instant_text(definition.opens)}, "
        f"closes {instant_text(definition.closes)}"
    )
    click.echo(
        f"Committee: {', '.join(definition.trustees)}; {definition.threshold} of them are needed; k = "
        f"{definition.k}"
    )
    click.echo(f"In twelve words, the same for every member: {in_words(manifest.hash)}")
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


def _examine(member: Member) -> Examined:
    """Every check of 14.2 up to 11.2, on every ballot, once a run."""
    if member.examined is None:
        console = Console(stderr=True)
        columns = (
            TextColumn("{task.description:<22}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
            loading = bars.add_task("board (bytes)", total=None)
            members = member.members(
                BOARD, lambda done, whole: bars.update(loading, completed=done, total=whole)
            )
            requests = bars.add_task("papers issued", total=None)
            ballots = bars.add_task("ballots", total=None)

            def tell(check: str, done: int, total: int) -> None:
                if check in ("7.2", "8.2"):
                    bars.update(requests if check == "7.2" else ballots, completed=done, total=total)

            member.examined = examine(members, jobs=os.cpu_count() or 1, progress=tell)
    return member.examined


def _cosign(member: Member, yes: bool) -> None:
    examined = _examine(member)
    member.first_seen(examined.agreed)
    click.echo(
        f"Checked whole: {examined.ballots} ballots, all of them. To be opened: {len(examined.sums)} sums "
        f"over groups of at least {examined.smallest} ballots."
    )
    click.echo(f"This board and plan in twelve words, the same for every member: {in_words(examined.agreed)}")
    if not yes:
        click.confirm("Are the words the same? Then this signs that you agree. Sign?", abort=True)
    given = member.trustee.cosign(examined, now())
    member.remember_agreed()
    member.send("cosign", given.as_json())
    click.echo("Cosigned.")


def _count(member: Member, yes: bool, absent: Sequence[int]) -> None:
    if member.state.trustee not in member.state.cosigned:
        _cosign(member, yes)
    examined = _examine(member)
    since, said = member.first_seen(examined.agreed), ""
    while member.state.trustee not in member.state.shares:
        if len(member.state.shares) >= member.state.threshold:
            click.echo("Enough members have opened already.")
            return
        try:
            agreement = decode_agreement(member.server.get("agreement"))
            share = member.trustee.open(examined, agreement, absent=absent, now=now(), since=since)
        except (TooFewCosigned, LookUpTime) as error:
            fresh = _waiting(member, error)
            if fresh != said:
                said = fresh
                click.echo(fresh, err=True)
            _look(member)
            continue
        if not yes:
            names = "".join(f" Named absent: {_name(member, i)}." for i in share.cosigners.absent)
            click.confirm(f"Open these {len(examined.sums)} sums?{names}", abort=True)
        member.send("share", share.as_json())
    click.echo("Your share is in.")


def _waiting(member: Member, error: TooFewCosigned | LookUpTime) -> str:
    if isinstance(error, LookUpTime):
        return f"Voters look their ballots up: {math.ceil(error.seconds / 60)} minutes are left."
    names = ", ".join(_name(member, i) for i in error.missing)
    return (
        f"Waiting for {names}. Call them. Who cannot take part at all is named with --absent NUMBER, "
        "in what you sign and in the minutes."
    )


def _name(member: Member, i: int) -> str:
    return f"{i}. {member.state.names[i - 1]}"


def _certify(member: Member, yes: bool) -> None:
    members = member.members((*BOARD, *PAPERS))
    papers = examine_papers(members, begun=member.examined, jobs=os.cpu_count() or 1)
    pdf = None if papers.typeset is None else member.server.get("pdf")
    click.echo(members["minutes.txt"].decode())
    click.echo(f"This client has made these minutes again itself; their board: {in_words(papers.agreed)}")
    if pdf is not None:
        shown = member.file.with_name(f"minutes-{papers.manifest.definition.round_id}.pdf")
        shown.write_bytes(pdf)
        click.echo(f"The typeset minutes lie in {shown}: read them beside.")
    if not yes:
        click.confirm("Certify these minutes?", abort=True)
    signed = member.trustee.certify(papers, pdf)
    member.send("certificate", {"trustee": member.state.trustee, "signature": signed.hex()})
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
