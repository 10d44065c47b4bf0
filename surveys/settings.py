"""What an installation decides for itself: variables of the environment, or the same in the instance's
settings file. Read once.

The only reader of the environment. What stands in both is taken from the environment.

Danger: a setting read in a second place could differ from what the tests saw; so everything else takes
`Settings` as an argument. docs/operations.md lists the variables.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from surveys.disk import write_whole
from surveys.errors import SurveysError
from surveys.provider import BadProvider, Provider, read_provider

PREFIX = "TIN_NHIEM_"
SETTINGS_FILE = "settings.env"


class Security(StrEnum):
    """How the way to the mail server is kept secret."""

    STARTTLS = "starttls"
    TLS = "tls"
    PLAIN = "plain"


_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
HOST = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
MAIL_ADDRESS = re.compile(rf"(?=.{{1,254}}\Z)(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")
_USUAL_PORTS: Mapping[str, int] = {Security.STARTTLS: 587, Security.TLS: 465, Security.PLAIN: 25}
_MAIL_NAMES = ("HOST", "PORT", "SECURITY", "USER", "PASSWORD", "SENDER", "SENDER_NAME", "REPLY_TO")
MOST_CONTACT = 60
_UNSHOWN = "(not shown)"


class BadSetting(SurveysError):
    """A variable of the environment has a value that means nothing."""

    def __init__(self, name: str, value: str, wanted: str) -> None:
        self.name, self.value, self.wanted = name, value, wanted
        super().__init__(f"{name} is {value!r}: {wanted}")


def is_loopback(host: str) -> bool:
    """Whether this name or address stays on this machine. Other names are not looked up: what they mean may
    change.
    """
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class MailSettings:
    """How mail leaves the house. One that exists is sound: whoever makes it wrongly gets BadSetting naming
    the variable.

    Without `user` nobody signs in. `plain` sends names, texts and the password readable by everybody on the
    way, so it is for a mail server on this machine only.
    """

    host: str
    port: int
    security: Security
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    reply_to: str = ""
    sender_name: str = ""

    def __post_init__(self) -> None:
        if not (HOST.fullmatch(self.host) or _is_address(self.host)):
            raise _bad_mail("HOST", self.host, "the name or address of the mail server")
        if self.security not in set(Security):
            raise _bad_mail("SECURITY", self.security, "starttls, tls or plain")
        if self.security == Security.PLAIN and not is_loopback(self.host):
            raise _bad_mail(
                "SECURITY", "plain", "starttls or tls: plain is for a mail server on this machine"
            )
        if not 1 <= self.port <= 65535:
            raise _bad_mail("PORT", str(self.port), "a number from 1 to 65535")
        if not MAIL_ADDRESS.fullmatch(self.sender):
            raise _bad_mail("SENDER", self.sender, "one mail address, like vote@example.org")
        if self.reply_to and not MAIL_ADDRESS.fullmatch(self.reply_to):
            raise _bad_mail("REPLY_TO", self.reply_to, "one mail address, like office@example.org")
        if len(self.sender_name) > 120 or not self.sender_name.isprintable():
            raise _bad_mail("SENDER_NAME", self.sender_name, "one line of at most 120 characters")
        if bool(self.user) != bool(self.password):
            raise _bad_mail("USER", self.user, "a user together with a password, or neither")
        for name, text in (("USER", self.user), ("PASSWORD", self.password)):
            if not (text.isascii() and (not text or text.isprintable())):
                raise _bad_mail(name, _UNSHOWN, "printable ASCII characters: signing in knows no others")


@dataclass(frozen=True, slots=True)
class Settings:
    """`hosts` are the names under which the site answers; `https` says that a proxy in front speaks TLS.

    Without `mail` the site sends none, and without `address`, the one under which voters reach it, no letter
    either. `serve` is `all`, `voter` (only the voters' pages) or `site` (all but those); `proxies` is how
    many proxies in front add the visitor's address; `threads` answer at the same time in each of `processes`,
    which divide the limits among them. New rounds are in `time_zone`, their papers
    under `letterhead`, party or state; backups are put into `backups`;
    `witness` is the file by which older stores that were put back are recognised. `contact` is who helps
    voters, as slips say it. With `database` the three stores are in it, else files in `stores`. Figures of
    operation are for whoever has `metrics_token`, without one for nobody. Staff may sign in by `provider`.
    """

    instance: Path = Path("instance")
    keyring: Path = Path("instance/keyring.json")
    witness: Path | None = None
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    listen: str = "127.0.0.1"
    port: int = 5000
    https: bool = False
    source_url: str = ""
    mail: MailSettings | None = None
    address: str = ""
    contact: str = ""
    serve: str = "all"
    proxies: int = 0
    threads: int = 8
    processes: int = 1
    connections: int = 4000
    time_zone: str = "Asia/Ho_Chi_Minh"
    letterhead: str = "party"
    backups: Path | None = None
    database: str = field(default="", repr=False)
    metrics_token: str = field(default="", repr=False)
    provider: Provider | None = None

    @property
    def stores(self) -> Path:
        """The folder of the three stores."""
        return self.instance / "stores"

    @property
    def witness_file(self) -> Path:
        """The file of what is known of the stores outside them: beside the keyring where nothing else is
        said.
        """
        return self.witness or self.keyring.with_name("witness")

    @property
    def bundles(self) -> Path:
        """The folder of published audit bundles."""
        return self.instance / "bundles"

    @property
    def jobs(self) -> Path:
        """The file of the queue of background work."""
        return self.instance / "jobs.sqlite"

    @property
    def standstill(self) -> Path:
        """The file that is there while the clock's acts stand still (`surveys/instance/clock.py`)."""
        return self.instance / "clock-jumped"

    @property
    def exhibits(self) -> Path:
        """The folder of what leaders leave for the voters."""
        return self.instance / "exhibits"


def read_settings(environment: Mapping[str, str] | None = None, instance: Path | None = None) -> Settings:
    """The settings of this process, for another instance folder where one is given. Raises BadSetting naming
    the variable.
    """
    given = dict(os.environ if environment is None else environment)
    plain = Settings()
    if instance is None:
        instance = Path(given.get(f"{PREFIX}INSTANCE", plain.instance))
    else:
        for name in ("KEYRING", "WITNESS"):  # those of another instance
            given.pop(f"{PREFIX}{name}", None)
    given = {**read_settings_file(instance / SETTINGS_FILE), **given}
    hosts = _hosts(given, plain.hosts)
    serve = _one_of(given, "SERVE", plain.serve, ("all", "voter", "site"))
    return Settings(
        instance=instance,
        keyring=Path(given.get(f"{PREFIX}KEYRING", instance / "keyring.json")),
        witness=Path(kept) if (kept := given.get(f"{PREFIX}WITNESS")) else None,
        hosts=hosts,
        listen=given.get(f"{PREFIX}LISTEN", plain.listen),
        port=_port(given, "PORT", plain.port),
        https=_yes_or_no(given, "HTTPS", plain.https),
        source_url=_address(given, "SOURCE_URL", plain.source_url),
        mail=_mail(given),
        address=_site(given, hosts if serve != "site" else None),
        contact=_contact(given),
        serve=serve,
        proxies=_number(given, "PROXIES", plain.proxies, 0, 9),
        threads=_number(given, "THREADS", plain.threads, 1, 64),
        connections=_number(given, "CONNECTIONS", plain.connections, 10, 60000),
        processes=_number(given, "PROCESSES", plain.processes, 1, 64),
        time_zone=_zone(given, plain.time_zone),
        letterhead=_one_of(given, "LETTERHEAD", plain.letterhead, ("party", "state")),
        backups=Path(kept) if (kept := given.get(f"{PREFIX}BACKUPS")) else None,
        database=_database(given),
        metrics_token=_token(given),
        provider=_provider(given),
    )


def read_settings_file(path: Path) -> dict[str, str]:
    """The variables of a settings file, `NAME=value` a line as systemd and compose read it; none where there
    is no file. Raises BadSetting.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        raise BadSetting(str(path), _UNSHOWN, "wanted: a text file that can be read") from None
    found = {}
    for line in lines:
        name, sign, value = line.partition("=")
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not sign or not name.startswith(PREFIX) or name == f"{PREFIX}INSTANCE":
            raise BadSetting(str(path), name, f"wanted: lines like {PREFIX}PORT=5000")
        found[name] = value.strip()
    return found


def write_settings_file(path: Path, values: Mapping[str, str]) -> None:
    """Write the variables that are not empty, for the service's user alone: a password may be among them. All
    or nothing.
    """
    lines = [
        "# Settings of this instance; a variable of the environment goes before its line here. See "
        "docs/operations.md."
    ]
    lines += [f"{name}={value}" for name, value in values.items() if value]
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_name(f"{path.name}.part")
    beside.unlink(missing_ok=True)
    write_whole(beside, path, ("\n".join(lines) + "\n").encode(), 0o600)


def _contact(given: Mapping[str, str]) -> str:
    text = given.get(f"{PREFIX}CONTACT", "").strip()
    if len(text) > MOST_CONTACT or not text.isprintable():
        raise BadSetting(f"{PREFIX}CONTACT", text, f"wanted: one line of at most {MOST_CONTACT} characters")
    return text


def _database(given: Mapping[str, str]) -> str:
    text = given.get(f"{PREFIX}DATABASE", "")
    try:
        parts = urlsplit(text)
        known = not text or (parts.scheme == "postgresql+psycopg" and bool(parts.path.strip("/")))
    except ValueError:
        known = False
    if not known:  # a password may be in it
        raise BadSetting(f"{PREFIX}DATABASE", _UNSHOWN, "wanted: postgresql+psycopg://user@host/name")
    return text


def _token(given: Mapping[str, str]) -> str:
    text = given.get(name := f"{PREFIX}METRICS_TOKEN", "")
    if text and not re.fullmatch(r"[A-Za-z0-9_-]{32,200}", text):
        raise BadSetting(name, _UNSHOWN, "wanted: 32 to 200 letters, digits, - or _, at random")
    return text


def _provider(given: Mapping[str, str]) -> Provider | None:
    try:
        return read_provider(given, f"{PREFIX}OIDC_")
    except BadProvider as error:
        raise BadSetting(error.name, error.value, error.wanted) from None


def _zone(given: Mapping[str, str], plain: str) -> str:
    text = given.get(f"{PREFIX}TIME_ZONE", plain)
    if text not in available_timezones():
        raise BadSetting(f"{PREFIX}TIME_ZONE", text, "wanted: a time zone like Asia/Ho_Chi_Minh")
    return text


def _mail(given: Mapping[str, str]) -> MailSettings | None:
    start = f"{PREFIX}SMTP_"
    said = {name.removeprefix(start): text for name, text in given.items() if name.startswith(start) and text}
    if not said:
        return None
    for name in said:
        if name not in _MAIL_NAMES:  # its value is not shown: it may be a password under a misspelt name
            raise _bad_mail(name, _UNSHOWN, f"only {', '.join(_MAIL_NAMES)} after {start}")
    security = said.get("SECURITY", Security.STARTTLS)
    if security not in set(Security):
        raise _bad_mail("SECURITY", security, "starttls, tls or plain")
    return MailSettings(
        host=said.get("HOST", "").lower(),
        port=_port(given, "SMTP_PORT", _USUAL_PORTS.get(security, 587)),
        security=Security(security),
        sender=said.get("SENDER", ""),
        user=said.get("USER", ""),
        password=said.get("PASSWORD", ""),
        reply_to=said.get("REPLY_TO", ""),
        sender_name=said.get("SENDER_NAME", ""),
    )


def _bad_mail(name: str, value: str, wanted: str) -> BadSetting:
    return BadSetting(f"{PREFIX}SMTP_{name}", value, f"wanted: {wanted}")


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _hosts(given: Mapping[str, str], plain: tuple[str, ...]) -> tuple[str, ...]:
    name = f"{PREFIX}HOSTS"
    if name not in given:
        return plain
    hosts = tuple(host.strip().lower() for host in given[name].split(",") if host.strip())
    if not hosts or any(set(host) & set("/*@ ") for host in hosts):
        raise BadSetting(name, given[name], "wanted: host names, separated by commas, without wildcards")
    return hosts


def _port(given: Mapping[str, str], name: str, plain: int) -> int:
    name = PREFIX + name
    text = given.get(name, str(plain))
    if not text.isascii() or not text.isdigit() or len(text) > 5 or not 1 <= int(text) <= 65535:
        raise BadSetting(name, text, "wanted: a number from 1 to 65535")
    return int(text)


def _one_of(given: Mapping[str, str], name: str, plain: str, words: tuple[str, ...]) -> str:
    text = given.get(PREFIX + name, plain)
    if text not in words:
        raise BadSetting(PREFIX + name, text, f"wanted: {', '.join(words)}")
    return text


def _number(given: Mapping[str, str], name: str, plain: int, low: int, high: int) -> int:
    text = given.get(PREFIX + name, str(plain))
    if not text.isascii() or not text.isdigit() or len(text) > 5 or not low <= int(text) <= high:
        raise BadSetting(PREFIX + name, text, f"wanted: a number from {low} to {high}")
    return int(text)


def _yes_or_no(given: Mapping[str, str], name: str, plain: bool) -> bool:
    text = given.get(PREFIX + name, "yes" if plain else "no")
    if text not in {"yes", "no"}:
        raise BadSetting(PREFIX + name, text, "wanted: yes or no")
    return text == "yes"


def _site(given: Mapping[str, str], hosts: tuple[str, ...] | None) -> str:
    """The address that letters carry: https, or this machine, and a host that answers here. `hosts` None: the
    voters' pages are elsewhere.
    """
    name, text = f"{PREFIX}ADDRESS", given.get(f"{PREFIX}ADDRESS", "").strip().lower().removesuffix("/")
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadSetting(name, text, "wanted: an address like https://vote.example.org") from None
    known = HOST.fullmatch(host) or _is_address(host)
    secure = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    shown = f"[{host}]" if ":" in host else host
    if not known or not secure or text != f"{parts.scheme}://{shown}" + (f":{port}" if port else ""):
        raise BadSetting(
            name,
            text,
            "wanted: an address like https://vote.example.org, without a path; http only on this machine",
        )
    if hosts is not None and not any(
        shown == each or (each.startswith(".") and shown.endswith(each)) for each in hosts
    ):
        raise BadSetting(name, text, f"wanted: a host among those of {PREFIX}HOSTS ({', '.join(hosts)})")
    return text


def _address(given: Mapping[str, str], name: str, plain: str) -> str:
    text = given.get(PREFIX + name, plain)
    if text and not text.startswith("https://"):
        raise BadSetting(PREFIX + name, text, "wanted: an address that begins with https://")
    return text
