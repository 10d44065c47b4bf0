"""What is missing or unsafe in an installation, looked at before people rely on it (`surveys check`,
docs/operations.md).

Danger: a check that says nothing is taken for one that found nothing; so each one says what it saw, also
where all is well.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from surveys.accounts import keeping as register
from surveys.accounts.roles import Role
from surveys.accounts.staff_log import StaffLog
from surveys.rounds import ledger
from surveys.settings import Settings, is_loopback
from surveys.stages import binding
from surveys.stores.engines import Engines
from surveys.stores.origin import is_demonstration
from surveys.stores.stops import RoundStopped
from surveys.stores.store import Stores
from surveys.web.clients import ClientsNotBuilt, built_clients

ENOUGH_BYTES = 2 * 1024**3
SHARED_FILE_SYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p", "tmpfs", "overlay"})
_NOT_SYNCHRONISED = 5  # what ntp_adjtime(3) answers where nothing sets the clock


class Standing(StrEnum):
    """`missing`: something does not work yet. `unsafe`: it works, and should not be relied on like this."""

    GOOD = "good"
    MISSING = "missing"
    UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it stands, and what to do."""

    what: str
    standing: Standing
    says: str


def look(settings: Settings, stores: Stores) -> tuple[Finding, ...]:
    """Everything that is looked at, in the order in which an installation is set up. Changes nothing."""
    return (
        _address(settings),
        _https(settings),
        _proxies(settings),
        _mail(settings),
        _administrator(stores),
        *_permissions(settings),
        _keyring_place(settings),
        _witness_place(settings),
        *_rounds(stores),
        *_database(settings),
        _backups(settings),
        _disk(settings),
        _clock(stores),
        _program(),
        _origin(stores.engines),
    )


def _good(what: str, says: str) -> Finding:
    return Finding(what, Standing.GOOD, says)


def _missing(what: str, says: str) -> Finding:
    return Finding(what, Standing.MISSING, says)


def _unsafe(what: str, says: str) -> Finding:
    return Finding(what, Standing.UNSAFE, says)


def _address(settings: Settings) -> Finding:
    if not settings.address:
        return _missing(
            "address", "no letter can carry a link: set TIN_NHIEM_ADDRESS, like https://vote.example.org"
        )
    return _good("address", f"people come to {settings.address}")


def _https(settings: Settings) -> Finding:
    outside = settings.address.startswith("https://")
    if outside and not settings.https:
        return _unsafe(
            "https",
            "the address is https and TIN_NHIEM_HTTPS is not yes: the staff's cookie would go unprotected",
        )
    if not is_loopback(settings.listen) and not settings.https:
        return _unsafe(
            "https",
            f"the server listens on {settings.listen} without TLS: anybody on the way can change a page",
        )
    return _good(
        "https", "TLS is spoken in front" if settings.https else "only this machine reaches the server"
    )


def _proxies(settings: Settings) -> Finding:
    if settings.https and settings.proxies == 0:
        return _unsafe(
            "proxies", "TLS is spoken by a proxy and TIN_NHIEM_PROXIES is 0: all visitors share one limit"
        )
    if settings.proxies and not is_loopback(settings.listen):
        return _unsafe(
            "proxies", f"whoever reaches {settings.listen} past the proxy can claim any visitor's address"
        )
    return _good("proxies", f"{settings.proxies} in front")


def _mail(settings: Settings) -> Finding:
    if settings.mail is None:
        return _missing(
            "mail", "no mail server: slips and reminders can only be printed (TIN_NHIEM_SMTP_HOST)"
        )
    return _good("mail", f"{settings.mail.host}, {settings.mail.security}, as {settings.mail.sender}")


def _administrator(stores: Stores) -> Finding:
    there = [
        each
        for each in register.all_staff(stores.app)
        if each.active and any(grant.role is Role.ADMINISTRATOR for grant in each.grants)
    ]
    if not there:
        return _missing("administrator", "nobody can sign in yet: surveys staff invite ADDRESS --name NAME")
    return _good("administrator", f"{len(there)} invited or active")


def _permissions(settings: Settings) -> Iterator[Finding]:
    open_to_others = [
        path
        for path in (settings.instance, settings.stores, settings.keyring, *settings.stores.glob("*.sqlite"))
        if path.exists() and _others(path)
    ]
    if open_to_others:
        names = ", ".join(str(path) for path in open_to_others[:3])
        yield _unsafe(
            "permissions", f"other users of this machine can read or write {names}: chmod go= on them"
        )
    else:
        yield _good("permissions", "only this user reads and writes the instance")


def _others(path: Path) -> bool:
    """Whether others come in: a file in a folder that only its owner may enter is out of their reach."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if path.is_dir():
        return bool(mode & 0o077) and path.stat().st_uid == os.getuid()
    return bool(mode & 0o077) and bool(stat.S_IMODE(path.parent.stat().st_mode) & 0o077)


def _keyring_place(settings: Settings) -> Finding:
    return _apart(settings, "keyring", settings.keyring, "whoever copies the folder reads the names")


def _witness_place(settings: Settings) -> Finding:
    danger = "whoever puts back the whole folder is not noticed"
    return _apart(settings, "witness", settings.witness_file, danger)


def _apart(settings: Settings, name: str, place: Path, danger: str) -> Finding:
    """Whether this file lies outside the instance; `danger` says what follows where it does not."""
    place = place.resolve()
    if place.is_relative_to(settings.instance.resolve()):
        return _unsafe(name, f"{place} lies in the instance: {danger}. Set TIN_NHIEM_{name.upper()}")
    return _good(name, f"{place}, apart from the stores")


def _rounds(stores: Stores) -> Iterator[Finding]:
    """Every round that is stopped, and every one that only the witness knows."""
    known = ledger.round_ids(stores.engines.app)
    for round_id in known:
        if (stop := binding.look(stores, round_id)) is not None:
            yield _unsafe("stores", str(RoundStopped(round_id, stop)))
    for round_id in binding.witnessed(stores.engines):
        if round_id not in known:
            yield _unsafe(
                "stores", f"the app store knows nothing of the round {round_id}: an older copy was put back"
            )


def _database(settings: Settings) -> Iterator[Finding]:
    if settings.database:
        yield _unsafe(
            "database",
            "while polls are open, whoever reads the files or the log of changes of PostgreSQL learns in "
            "which order "
            "people voted: nobody else's database may be on that server (docs/operations.md)",
        )


def _backups(settings: Settings) -> Finding:
    if settings.backups is None:
        return _missing("backups", "no place for backups: set TIN_NHIEM_BACKUPS to a folder on another disk")
    if not settings.backups.is_dir():
        return _missing("backups", f"{settings.backups} is no folder")
    if settings.backups.stat().st_dev == settings.stores.stat().st_dev:
        return _unsafe("backups", f"{settings.backups} lies on the same disk as the stores")
    return _good("backups", f"{settings.backups}, on another disk")


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.stores).free
    kind = _file_system(settings.stores)
    if kind in SHARED_FILE_SYSTEMS:
        return _unsafe(
            "disk", f"the stores lie on {kind}, which may forget what was stored, or lend one lock to two"
        )
    if free < ENOUGH_BYTES:
        return _unsafe("disk", f"only {free // 1024**2} MB are free")
    return _good("disk", f"{free // 1024**3} GB free on {kind}")


def _file_system(path: Path) -> str:
    """The kind of file system on which a folder lies, as /proc/self/mounts names it."""
    here, found, kind = path.resolve(), Path("/"), "unknown"
    for line in Path("/proc/self/mounts").read_text("utf-8").splitlines():
        _, at, what, *_ = line.split(" ")
        mounted = Path(at.encode("latin-1", "replace").decode("unicode_escape"))
        if here.is_relative_to(mounted) and len(mounted.parts) >= len(found.parts):
            found, kind = mounted, what
    return kind


def _clock(stores: Stores) -> Finding:
    now = datetime.now(UTC)
    logged = StaffLog(stores.app, lambda: now).entries(most=1)
    if logged and logged[0].at > now:
        return _unsafe(
            "clock", f"the clock says {now:%Y-%m-%d %H:%M} UTC, and something was logged later than that"
        )
    if not _synchronised():
        return _unsafe("clock", "nothing keeps the clock right (NTP): polls open and close by it")
    return _good("clock", f"{now:%Y-%m-%d %H:%M} UTC, kept right by NTP")


def _synchronised() -> bool:
    """What the kernel says of its clock; where it cannot be asked, nothing keeps it."""
    room = ctypes.create_string_buffer(512)
    try:
        answered = int(ctypes.CDLL(None).ntp_adjtime(room))
    except (OSError, AttributeError):
        return False
    return answered != _NOT_SYNCHRONISED


def _program() -> Finding:
    try:
        built_clients()
    except ClientsNotBuilt as error:
        return _missing("voting program", str(error))
    return _good("voting program", "built, and as its list of hashes says")


def _origin(engines: Engines) -> Finding:
    if is_demonstration(engines.app):
        return _unsafe(
            "origin", "the demonstration made this instance: it is for trying out only (surveys run)"
        )
    return _good("origin", "nothing of the demonstration is in it")
