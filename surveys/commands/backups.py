"""`surveys backup` and `surveys restore`: an instance in one encrypted file, and back."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from surveys.commands.kit import instance_option, now, opened, refusals, settings_for
from surveys.disk import make_folder
from surveys.instance import backups, restoring
from surveys.instance.backups import Kept
from surveys.rounds import ledger
from surveys.stages import binding
from surveys.stores.engines import Engines
from surveys.stores.stops import RoundStopped

_WHY_NOT = {
    Kept.OPEN: "polls are open: two copies would show who voted in between",
    Kept.UNSEALED: "the box is not sealed yet: try again in a moment",
    Kept.STOPPED: "the round is stopped (surveys check says why)",
    Kept.GONE: "roll or box are not here",
}
passphrase_option = click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Its first line is the passphrase; without it, it is asked for.",
)


@click.command("backup")
@click.argument("out", required=False, type=click.Path(path_type=Path, dir_okay=False))
@passphrase_option
@click.option(
    "--with-keyring", is_flag=True, help="The keyring too: whoever opens this file reads the names."
)
@instance_option
def backup(out: Path | None, passphrase_file: Path | None, with_keyring: bool, instance: Path | None) -> None:
    """Write an encrypted backup to OUT (default: a file named by the time, in TIN_NHIEM_BACKUPS).

    App store, bundles and exhibits always; roll and box of a round only while its polls are closed. A server
    may be at work meanwhile.
    """
    settings = settings_for(instance)
    at = now()
    if out is None:
        if settings.backups is None:
            raise click.UsageError("where to? Name a file, or set TIN_NHIEM_BACKUPS")
        out = settings.backups / f"{at:%Y-%m-%d-%H%M%S}.backup"
    passphrase = _passphrase(passphrase_file, confirm=True)
    with opened(settings) as stores:
        for round_id in ledger.round_ids(stores.engines.app):
            binding.look(stores, round_id)
        try:
            made = backups.back_up(settings, stores, out, passphrase, at, with_keyring=with_keyring)
        except OSError as error:
            raise click.ClickException(f"{out} cannot be written: {error.strerror}") from None
    click.echo(f"Written: {out}")
    for each in made.rounds:
        if each.kept is not Kept.COPIED:
            click.echo(f"Without roll and box of {each.round_id}: {_WHY_NOT[each.kept]}")
    if not with_keyring:
        click.echo(f"The keyring is not in it: keep a copy of {settings.keyring} in another place.")


@click.command("restore")
@click.argument("file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@passphrase_option
@click.option("--yes", is_flag=True, help="Do not ask before files of this instance are replaced.")
@instance_option
def restore(file: Path | None, passphrase_file: Path | None, yes: bool, instance: Path | None) -> None:
    """Put a backup back, into an empty instance or over one; without FILE, finish a restore that was
    interrupted.

    What is replaced lies in the instance's folder replaced-… afterwards, in a database in schemas
    replaced_…. A roll or box that is here, sound and not older stays.
    """
    settings = settings_for(instance)
    with refusals():
        make_folder(settings.instance, 0o700)
        with closing(Engines(settings.stores, settings.database)) as engines:
            engines.hold(alone=True)
            try:
                if restoring.is_unfinished(settings):
                    restoring.finish(settings)
                    click.echo("A restore that was interrupted is finished.")
                elif file is None:
                    raise click.UsageError("no restore was interrupted: name the backup")
                else:
                    plan = restoring.prepare(settings, file, _passphrase(passphrase_file, confirm=False))
                    _confirm(plan, yes=yes)
                    restoring.put_back(settings)
            finally:
                restoring.discard(settings)
    click.echo(f"Restored: {settings.instance}")
    with opened(settings) as stores:
        for round_id in ledger.round_ids(stores.engines.app):
            if (stop := binding.look(stores, round_id)) is not None:
                click.echo(str(RoundStopped(round_id, stop)))


def _confirm(plan: restoring.Plan, *, yes: bool) -> None:
    click.echo(f"The backup of {plan.contents.made}, with {len(plan.contents.rounds)} rounds.")
    for name in plan.stays:
        click.echo(f"Stays as it is, because it is not older: {name}")
    if plan.replaces:
        click.echo(f"{len(plan.replaces)} files of this instance are replaced and kept aside.")
        if not yes:
            click.confirm("Put it back?", abort=True)


def _passphrase(file: Path | None, *, confirm: bool) -> str:
    if file is not None:
        return file.read_text("utf-8").partition("\n")[0]
    asked: str = click.prompt("Passphrase of the backup", hide_input=True, confirmation_prompt=confirm)
    return asked
