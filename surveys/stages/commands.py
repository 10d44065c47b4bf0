"""`surveys rehearse`, `surveys run` and `surveys keys …`: whole votes and the instance on the command line."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from surveys.audit.bundle import read_bundle
from surveys.errors import SurveysError
from surveys.organisation.bars import bars
from surveys.organisation.commands import log_of, open_stores, refuse, settings_for
from surveys.organisation.sheets import read_organisation
from surveys.results.exports import results_csv
from surveys.results.exports_workbook import minutes_workbook
from surveys.results.ledger import published_surveys
from surveys.results.minutes_record import pdf_hash, read_record
from surveys.rounds import ledger
from surveys.rounds.contests import Danger, plan_electorate, warnings
from surveys.rounds.definition import Terms
from surveys.rules.atoms import DEFAULT_K, FLOOR
from surveys.rules.preset import DEFAULT, Preset, names
from surveys.stages import demo_accounts, demonstration, keyrings, opening
from surveys.stages.errors import BadMarks
from surveys.stages.publishing import verified
from surveys.stages.rehearsal import Outcome, random_script, read_script
from surveys.stages.rehearsal import rehearse as rehearse_vote
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores


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
    no_pdf: bool,
    out: Path,
) -> None:
    """Run a whole vote with real cryptography and write its audit bundle, results (.json, .csv) and minutes (.txt, .xlsx, .pdf).

    Slips and sheets live in memory only. A rehearsal that was stopped is simply run again.
    """
    if threshold >= trustees:
        raise click.UsageError("--threshold must be below --trustees: one lost sheet must not lose the vote")
    try:
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
            opens=f"{year}-01-01T00:00:00Z",
            closes=f"{year}-12-31T23:59:59Z",
            preset=rule,
            trustees=tuple(f"Thành viên {i} / Member {i}" for i in range(1, trustees + 1)),
            threshold=threshold,
            k=k,
            visibility="public",
        )
        with _workplace(out) as work, bars() as shown:
            stores = Stores(work / "stores")
            stores.migrate_app()
            keyring = Keyring.fresh()
            done = rehearse_vote(
                stores,
                keyring,
                terms,
                read,
                electorate,
                script,
                work / "bundle.zip",
                present=present,
                progress=shown,
                jobs=jobs,
                typeset=not no_pdf,
            )
            shown.begin("verify", 1)
            verified(work / "bundle.zip", jobs, shown.at)
            stores.close()
            written = _deliver(work, out, done)
    except SurveysError as error:
        _refuse(error)
    _table(done)
    click.echo(f"Written: {', '.join(str(out / name) for name in written)}")
    click.echo(f"All checks of the bundle hold. Check it yourself: surveys verify {out / 'bundle.zip'}")


def _preset(name: str) -> Preset:
    path = Path(name)
    return Preset.from_file(path) if path.suffix == ".toml" and path.is_file() else Preset.load(name)


@contextmanager
def _workplace(out: Path) -> Iterator[Path]:
    """A private folder in `out` for one rehearsal at a time; what a killed one left is removed, and so is this one's."""
    out.mkdir(parents=True, exist_ok=True)
    work = out / ".rehearsal"
    descriptor = os.open(out, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise click.UsageError(f"another rehearsal is writing to {out}") from None
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(mode=0o700)
        try:
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)
    finally:
        os.close(descriptor)


def _deliver(work: Path, out: Path, done: Outcome) -> tuple[str, ...]:
    """Put the files into `out`, the bundle last: where it is, the others are of the same vote. Returns their names, the bundle first."""
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
    if danger.kind == "small_panel":
        return f"Warning: only {danger.number} people vote in {danger.where}, fewer than k = {k}."
    if danger.kind == "small_electorate":
        return f"Warning: {danger.where} has only {danger.number} voters, fewer than k = {k}: the result will be withheld."
    if danger.kind == "committee":
        return f"Warning: {danger.where} counts, and somebody of this name is voted on: nobody who is voted on may count."
    return f"Warning: {danger.where} is voted on in {danger.number} places."


def _refuse(error: SurveysError) -> None:
    if isinstance(error, BadMarks):
        table = Table("row", "column", "what is wrong")
        for each in error.errors[:1000]:
            table.add_row(str(each.row), each.column, f"{each.en}\n{each.vi}")
        Console(stderr=True).print(table)
        many = "1 error" if len(error.errors) == 1 else f"{len(error.errors)} errors"
        click.echo(f"{error.name} has {many}; nothing was written.", err=True)
        sys.exit(1)
    refuse(error)


def _table(done: Outcome) -> None:
    figures = done.figures
    turnout = figures.turnout
    table = Table("contests", "summoned", "present", "issued", "returned", "withheld")
    withheld = sum(contest.withheld is not None for contest in figures.contests)
    numbers = (
        len(figures.contests),
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
@click.option(
    "--instance", type=click.Path(path_type=Path, file_okay=False), help="The folder of stores and keys."
)
def rotate(instance: Path | None) -> None:
    """Make a new key, seal everything with it, drop the old keys. Stopped half-way, it is simply run again."""
    settings = settings_for(instance)
    try:
        # Whoever sealed with the old ring meanwhile would seal for a key that is about to go.
        stores, _ = open_stores(settings, alone=True)
        number = keyrings.rotate(settings.keyring, stores)
        stores.close()
    except SurveysError as error:
        refuse(error)
    click.echo(f"Everything is sealed with key {number}; older keys are gone. Back up the keyring file now.")


def _sign_ins(accounts: Sequence[demo_accounts.DemoAccount], address: str) -> None:
    table = Table("address", "password", "role", "unit", title=f"Staff sign in at {address}")
    for each in accounts:
        unit = "(everything)" if each.unit == "*" else each.unit
        table.add_row(each.email, each.password, each.role.value.replace("_", " "), unit)
    Console().print(table)
    click.echo("The codes that are asked for after the password: .venv/bin/surveys staff codes")


@click.command("run")
@click.option(
    "--instance", type=click.Path(path_type=Path, file_okay=False), help="The folder of stores and keys."
)
@click.option("--prepare-only", is_flag=True, help="Make the demo and stop before serving.")
def run(instance: Path | None, prepare_only: bool) -> None:
    """Make the demo organisation, its round and an open vote to try out (first time; some minutes), and serve the site."""
    settings = settings_for(instance)
    address = f"http://{settings.listen}:{settings.port}/"
    try:
        stores, keyring = open_stores(settings)
        with bars() as shown:
            demonstration.prepare(stores, keyring, settings.instance, settings.bundles, shown)
            tried = demonstration.open_try_out(stores, keyring, settings.instance, address, shown)
            shown_round = ledger.find(stores.app, keyring, next(iter(published_surveys(stores.app))))
            accounts = demo_accounts.make_accounts(
                stores, keyring, log_of(stores, keyring), settings.instance, shown_round.definition
            )
        opening.take_over(stores, keyring)
    except SurveysError as error:
        refuse(error)
    click.echo(f"The demo round is ready. Open {address} (Vietnamese: {address}vi/, English: {address}en/).")
    _sign_ins(accounts, f"http://localhost:{settings.port}/s/vi/")
    click.echo(f"Check the count yourself: surveys verify {demonstration.bundle_path(settings.bundles)}")
    booth = f"{address}b/{tried.survey}/"
    click.echo(f"A vote is open to try out. Cast a ballot: {booth}#{tried.code}")
    click.echo(
        f"All its slips: {tried.slips}; for a projector: {booth}projector; for a shared device: {booth}?shared"
    )
    click.echo(f"The three members' sheets: {', '.join(map(str, tried.sheets))}")
    click.echo(
        f"To count it: surveys committee invite {tried.survey} --address {address} and surveys round close {tried.survey}"
    )
    if not prepare_only:
        from app import serve  # the site is wired outside this package

        serve(settings, stores, keyring)
