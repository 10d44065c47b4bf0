"""What an installation decides for itself, read once from the environment. The only reader of the environment.

Danger: a setting read in a second place could differ from what the tests saw; so everything else takes `Settings` as
an argument. docs/operations.md lists the variables.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Literal, cast, get_args
from urllib.parse import urlsplit

from surveys.errors import SurveysError

PREFIX = "TIN_NHIEM_"
Security = Literal["starttls", "tls", "plain"]
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
HOST = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
MAIL_ADDRESS = re.compile(rf"(?=.{{1,254}}\Z)(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")
_USUAL_PORTS: Mapping[str, int] = {"starttls": 587, "tls": 465, "plain": 25}
_MAIL_NAMES = ("HOST", "PORT", "SECURITY", "USER", "PASSWORD", "SENDER", "SENDER_NAME", "REPLY_TO")
_UNSHOWN = "(not shown)"


class BadSetting(SurveysError):
    """A variable of the environment has a value that means nothing."""

    def __init__(self, name: str, value: str, wanted: str) -> None:
        self.name, self.value, self.wanted = name, value, wanted
        super().__init__(f"{name} is {value!r}: {wanted}")


def is_loopback(host: str) -> bool:
    """Whether this name or address stays on this machine. Other names are not looked up: what they mean may change."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class MailSettings:
    """How mail leaves the house. One that exists is sound: whoever makes it wrongly gets BadSetting naming the variable.

    Without `user` nobody signs in. `plain` sends names, texts and the password readable by everybody on the way, so
    it is for a mail server on this machine only.
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
        if self.security not in get_args(Security):
            raise _bad_mail("SECURITY", self.security, "starttls, tls or plain")
        if self.security == "plain" and not is_loopback(self.host):
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

    Without `mail` the site sends none, and without `address`, the one under which voters reach it, no letter either. `serve` is `all`, `voter` (only the voters' pages) or `site` (all but those); `proxies` is
    how many proxies in front add the visitor's address; `threads` answer at the same time.
    """

    instance: Path = Path("instance")
    keyring: Path = Path("instance/keyring.json")
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    listen: str = "127.0.0.1"
    port: int = 5000
    https: bool = False
    source_url: str = ""
    mail: MailSettings | None = None
    address: str = ""
    serve: str = "all"
    proxies: int = 0
    threads: int = 8

    @property
    def stores(self) -> Path:
        """The folder of the three stores."""
        return self.instance / "stores"

    @property
    def bundles(self) -> Path:
        """The folder of published audit bundles."""
        return self.instance / "bundles"

    @property
    def jobs(self) -> Path:
        """The file of the queue of background work."""
        return self.instance / "jobs.sqlite"

    @property
    def exhibits(self) -> Path:
        """The folder of what leaders leave for the voters."""
        return self.instance / "exhibits"


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process. Raises BadSetting naming the variable."""
    given = os.environ if environment is None else environment
    plain = Settings()
    instance = Path(given.get(f"{PREFIX}INSTANCE", plain.instance))
    hosts = _hosts(given, plain.hosts)
    serve = _one_of(given, "SERVE", plain.serve, ("all", "voter", "site"))
    return Settings(
        instance=instance,
        keyring=Path(given.get(f"{PREFIX}KEYRING", instance / "keyring.json")),
        hosts=hosts,
        listen=given.get(f"{PREFIX}LISTEN", plain.listen),
        port=_port(given, "PORT", plain.port),
        https=_yes_or_no(given, "HTTPS", plain.https),
        source_url=_address(given, "SOURCE_URL", plain.source_url),
        mail=_mail(given),
        address=_site(given, hosts if serve != "site" else None),
        serve=serve,
        proxies=_number(given, "PROXIES", plain.proxies, 0, 9),
        threads=_number(given, "THREADS", plain.threads, 1, 64),
    )


def _mail(given: Mapping[str, str]) -> MailSettings | None:
    start = f"{PREFIX}SMTP_"
    said = {name.removeprefix(start): text for name, text in given.items() if name.startswith(start) and text}
    if not said:
        return None
    for name in said:
        if name not in _MAIL_NAMES:  # its value is not shown: it may be a password under a misspelt name
            raise _bad_mail(name, _UNSHOWN, f"only {', '.join(_MAIL_NAMES)} after {start}")
    security = said.get("SECURITY", "starttls")
    return MailSettings(
        host=said.get("HOST", "").lower(),
        port=_port(given, "SMTP_PORT", _USUAL_PORTS.get(security, 587)),
        security=cast(Security, security),
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
    """The address that letters carry: https, or this machine, and a host that answers here. `hosts` None: the voters' pages are elsewhere."""
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
