"""`surveys rehearse`, `surveys run` and `surveys keys …`: whole votes and the instance on the command
line.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from surveys.audit.bundle import read_bundle
from surveys.commands.bars import bars
from surveys.commands.cluster import helpers_at, scheduler_option
from surveys.commands.kit import instance_option, log_of, opened, refusals, settings_for
from surveys.instance import keyrings
from surveys.instance.held import open_stores
from surveys.instants import read_instant
from surveys.organisation.sheets import read_organisation
from surveys.papers.minutes_record import pdf_hash, read_record
from surveys.papers.workbook import minutes_workbook
from surveys.protocol.definition import Visibility
from surveys.rehearsal import Outcome, demo_accounts, demonstration, random_script, read_script
from surveys.rehearsal import rehearse as rehearse_vote
from surveys.results.exports import results_csv
from surveys.results.publications import published_rounds
from surveys.rounds import ledger
from surveys.rounds.contests import Danger, DangerKind, plan_electorate, warnings
from surveys.rounds.definition import Terms
from surveys.rules.atoms import DEFAULT_K, FLOOR
from surveys.rules.preset import DEFAULT, Preset, names
from surveys.settings import Settings
from surveys.stages.publishing import verified
from surveys.stores.columns import Keyring
from surveys.stores.engines import Engines
from surveys.stores.origin import claim_for_demonstration
from surveys.stores.store import Stores


@click.command("rehearse")
@click.option(
    "--organisation",
    type=click.Path(path_type=Path, exists=True),
    required=True,
    help=".xlsx file or folder of .csv files.",
)
@click.option(
    "--marks",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="CSV: voter,person,unit,level.",
)
@click.option(
    "--preset", default=DEFAULT, show_default=True, help=f"The rule: {', '.join(names())}, or a .toml file."
)
@click.option("--year", type=click.IntRange(1900, 9999), required=True)
@click.option(
    "--k",
    type=click.IntRange(FLOOR, 1000),
    default=DEFAULT_K,
    show_default=True,
    help="Smallest group ever opened.",
)
@click.option("--trustees", type=click.IntRange(3, 15), default=3, show_default=True)
@click.option("--threshold", type=click.IntRange(2, 14), default=2, show_default=True)
@click.option(
    "--present", type=click.IntRange(0), help="How many were present (default: those who took a paper)."
)
@click.option("--seed", type=int, default=1, show_default=True, help="For random marks, without --marks.")
@click.option("--jobs", type=click.IntRange(1, 64), help="Processes (default: one a processor).")
@scheduler_option
@click.option(
    "--no-pdf", is_flag=True, help="Make no typeset minutes: the minutes then say that there are none."
)
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder for the results."
)
def rehearse(
    organisation: Path,
    marks: Path | None,
    preset: str,
    year: int,
    k: int,
    trustees: int,
    threshold: int,
    present: int | None,
    seed: int,
    jobs: int | None,
    scheduler: str | None,
    no_pdf: bool,
    out: Path,
) -> None:
    """Run a whole vote with real cryptography and write its audit bundle, results (.json, .csv) and minutes
    (.txt, .xlsx, .pdf).

    Slips and sheets live in memory only. A rehearsal that was stopped is simply run again.
    """
    if threshold >= trustees:
        raise click.UsageError("--threshold must be below --trustees: one lost sheet must not lose the vote")
    with refusals():
        rule = _preset(preset)
        read = read_organisation(organisation)
        electorate = plan_electorate(read, year, rule.level_ids)
        script = (
            random_script(electorate, rule, seed) if marks is None else read_script(marks, electorate, rule)
        )
        for danger in warnings(electorate, k):
            click.echo(warning(danger, k), err=True)
        terms = Terms(
            survey=secrets.token_bytes(16),
            title_vi=f"Lấy phiếu tín nhiệm năm {year} (diễn tập)",
            title_en=f"Confidence vote {year} (rehearsal)",
            number="",
            place="",
            year=year,
            opens=read_instant(f"{year}-01-01T00:00:00Z"),
            closes=read_instant(f"{year}-12-31T23:59:59Z"),
            preset=rule,
            trustees=tuple(f"Thành viên {i} / Member {i}" for i in range(1, trustees + 1)),
            threshold=threshold,
            k=k,
            visibility=Visibility.PUBLIC,
        )
        with helpers_at(scheduler) as helpers, _workplace(out) as work, bars() as shown:
            stores = Stores(Engines(work / "stores"), Keyring.fresh())
            stores.engines.migrate_app()
            done = rehearse_vote(
                stores,
                terms,
                read,
                electorate,
                script,
                work / "bundle.zip",
                present=present,
                progress=shown,
                jobs=jobs,
                helpers=helpers,
                typeset=not no_pdf,
            )
            shown.begin("verify", 1)
            verified(work / "bundle.zip", jobs, shown.at, helpers)
            stores.close()
            written = _deliver(work, out, done)
    _table(done)
    click.echo(f"Written: {', '.join(str(out / name) for name in written)}")
    click.echo(f"All checks of the bundle hold. Check it yourself: surveys verify {out / 'bundle.zip'}")


def _preset(name: str) -> Preset:
    path = Path(name)
    return Preset.from_file(path) if path.suffix == ".toml" and path.is_file() else Preset.load(name)


@contextmanager
def _workplace(out: Path) -> Iterator[Path]:
    """A private folder in `out` for one rehearsal at a time; what a killed one left is removed, and so is
    this one's.
    """
    out.mkdir(parents=True, exist_ok=True)
    work = out / ".rehearsal"
    descriptor = os.open(out, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise click.UsageError(f"another rehearsal is writing to {out}") from None
        _remove(work)
        try:
            work.mkdir(mode=0o700)
            yield work
        finally:
            _remove(work)
    finally:
        os.close(descriptor)


def _remove(work: Path) -> None:
    """Remove the folder whole: a second Ctrl-C does not cut it short, and workers may write until they have
    ended.
    """
    calls = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN) if calls else None
    try:
        deadline = time.monotonic() + 10
        while work.exists():
            shutil.rmtree(work, ignore_errors=True)
            if time.monotonic() > deadline:
                raise OSError(f"{work} cannot be removed: something still writes to it")
            time.sleep(0.01)
    finally:
        if calls:
            signal.signal(signal.SIGINT, before)


def _deliver(work: Path, out: Path, done: Outcome) -> tuple[str, ...]:
    """Put the files into `out`, the bundle last: where it is, the others are of the same vote. Returns their
    names, the bundle first.
    """
    papers = done.papers
    with read_bundle(work / "bundle.zip") as members:
        record, named = read_record(members), pdf_hash(members)
    contents = {
        "results.json": papers.results,
        "results.csv": results_csv(record.book).encode(),
        "minutes.txt": papers.text,
        "minutes.xlsx": minutes_workbook(record, named),
    }
    if papers.pdf is not None:
        contents["minutes.pdf"] = papers.pdf
    for name, content in contents.items():
        (work / name).write_bytes(content)
    for name in ("bundle.zip", "minutes.pdf"):
        (out / name).unlink(missing_ok=True)
    for name in (*contents, "bundle.zip"):
        (work / name).replace(out / name)
    return ("bundle.zip", *contents)


def warning(danger: Danger, k: int) -> str:
    """What is legal but dangerous, in a sentence."""
    if danger.kind is DangerKind.SMALL_PANEL:
        return f"Warning: only {danger.number} people vote in {danger.where}, fewer than k = {k}."
    if danger.kind is DangerKind.SMALL_ELECTORATE:
        return f"Warning: {danger.where} has only {danger.number} voters, fewer than k = {k}: the result will be withheld."
    if danger.kind is DangerKind.COMMITTEE:
        return f"Warning: {danger.where} counts, and somebody of this name is voted on: nobody who is voted on may count."
    if danger.kind is DangerKind.LOOK_UP:
        return "Warning: there is no look-up time: the count can be opened before any voter finds a ballot missing."
    return f"Warning: {danger.where} is voted on in {danger.number} places."


def _table(done: Outcome) -> None:
    entries, turnout = done.figures.book.entries, done.figures.turnout
    table = Table("contests", "summoned", "present", "issued", "returned", "withheld")
    withheld = sum(entry.withheld is not None for entry in entries)
    numbers = (
        len(entries),
        turnout.summoned,
        turnout.present,
        turnout.issued,
        turnout.returned,
        withheld,
    )
    table.add_row(*map(str, numbers))
    Console().print(table)


@click.group("keys")
def keys() -> None:
    """The keys of the encrypted columns (names, addresses, sealed secrets)."""


@keys.command("rotate")
@instance_option
def rotate(instance: Path | None) -> None:
    """Make a new key, seal everything with it, drop the old keys. Stopped half-way, it is simply run
    again.
    """
    settings = settings_for(instance)
    # Whoever sealed with the old ring meanwhile would seal for a key that is about to go.
    with opened(settings, alone=True) as stores:
        number = keyrings.rotate(settings.keyring, stores.engines)
    click.echo(f"Everything is sealed with key {number}; older keys are gone. Back up the keyring file now.")


def _sign_ins(accounts: Sequence[demo_accounts.DemoAccount], address: str) -> None:
    table = Table("address", "password", "role", "unit", title=f"Staff sign in at {address}")
    for each in accounts:
        unit = "(everything)" if each.unit == "*" else each.unit
        table.add_row(each.email, each.password, each.role.value.replace("_", " "), unit)
    Console().print(table)
    click.echo("The codes that are asked for after the password: .venv/bin/surveys staff codes")


Serve = Callable[[Settings, Stores], None]


@click.command("run")
@instance_option
@click.option("--small", is_flag=True, help="Only one committee of the demo organisation: ready in seconds.")
@click.option("--prepare-only", is_flag=True, help="Make the demo and stop before serving.")
@click.pass_obj
def run(serve: Serve, instance: Path | None, small: bool, prepare_only: bool) -> None:
    """Make the demo organisation, its round and an open vote to try out (first time; some minutes), and serve
    the site.
    """
    settings = settings_for(instance)
    address = f"http://{settings.listen}:{settings.port}/"
    with refusals():
        stores = open_stores(settings)
        claim_for_demonstration(stores.engines.app)
        if settings.serve != "voter":
            stores.engines.serve_alone()
        with bars() as shown:
            demonstration.prepare(stores, settings.instance, settings.bundles, shown, small=small)
            tried = demonstration.open_try_out(stores, settings.instance, address, shown)
            shown_round = ledger.find(stores.app, next(iter(published_rounds(stores.engines.app))))
            accounts = demo_accounts.make_accounts(
                stores, log_of(stores), settings.instance, shown_round.definition
            )
    click.echo(f"The demo round is ready. Open {address} (Vietnamese: {address}vi/, English: {address}en/).")
    _sign_ins(accounts, f"http://localhost:{settings.port}/s/vi/")
    click.echo(f"Check the count yourself: surveys verify {demonstration.bundle_path(settings.bundles)}")
    booth = f"{address}b/{tried.round_id}/"
    click.echo(f"A vote is open to try out. Cast a ballot: {booth}#{tried.code}")
    click.echo(
        f"All its slips: {tried.slips}; for a projector: {booth}projector; for a shared device: "
        f"{booth}?shared"
    )
    click.echo(f"The three members' sheets: {', '.join(map(str, tried.sheets))}")
    click.echo(
        f"To count it: surveys committee invite {tried.round_id} --address {address} and surveys round "
        f"close {tried.round_id}"
    )
    if not prepare_only:
        serve(settings, stores)
