"""`surveys room`: a meeting without internet, with one laptop as server and hotspot (docs/operations.md, "A
room without internet").
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click

from surveys.commands.kit import instance_option, now, refusals, settings_for
from surveys.instance.held import open_stores
from surveys.instance.room import FOLDER, Network, certify, draw, in_terminal, own_address
from surveys.settings import Settings
from surveys.stores.origin import forbid_demonstration
from surveys.stores.store import Stores
from surveys.web.tls import LOOPBACK, behind_tls

EVERYWHERE = "0.0.0.0"  # noqa: S104  (the phones of the room come in)
Serve = Callable[[Settings, Stores], None]
ON_PLAIN_HTTP = """On plain http:
  works     voting, receipts, look-ups, slips scanned with the phone's own camera app
  does not  the camera inside the page, copying with one tap, one tab at a time, passkeys
  nobody    on this network may be able to change pages on their way: use a network of your own with a password"""
WITH_CERTIFICATE = """With the certificate everything works and nobody on the network can change a page.
Each phone warns once, because nobody vouches for the certificate. Let people compare the fingerprint on the
sheet before they go on; where that is too much, use --plain, or a certificate for a name of yours and a proxy."""


@click.command("room")
@instance_option
@click.option("--host", help="This laptop's address on its network (default: found out).")
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True)
@click.option("--network", metavar="NAME", help="The hotspot's name, for the sheet.")
@click.option("--password", help="The hotspot's password, for the sheet.")
@click.option("--plain", is_flag=True, help="Plain http, without a certificate.")
@click.option(
    "--prepare", is_flag=True, help="Only write certificate and sheet; print slips for the address then."
)
@click.pass_obj
def room(
    run: Serve,
    instance: Path | None,
    host: str | None,
    port: int,
    network: str | None,
    password: str | None,
    plain: bool,
    prepare: bool,
) -> None:
    """Serve a meeting on one laptop: make a certificate, show network and address as QR codes, serve until
    stopped.

    The sheet for the wall and its codes lie in the instance's folder `room`.
    """
    if (network is None) != (password is None):
        raise click.UsageError("--network and --password go together")
    host = host or own_address()
    if host is None:
        raise click.UsageError("this machine is on no network: switch the hotspot on, or name --host")
    joined = Network(network, password) if network and password else None
    try:
        with refusals():
            settings = settings_for(instance)
            folder = settings.instance / FOLDER
            address = f"{'http' if plain else 'https'}://{host}:{port}"
            held = None if plain else certify(folder, host, now())
            files = draw(folder, address, joined, "" if held is None else held.fingerprint)
            in_terminal(address, click.echo)
            click.echo(f"{address}\nThe sheet for the wall: {files[0]}")
            if held is not None:
                click.echo(f"Fingerprint (SHA-256): {held.fingerprint}\nGood until {held.until:%d/%m/%Y}.")
            click.echo(ON_PLAIN_HTTP if plain else WITH_CERTIFICATE)
            if prepare:
                return
            stores = open_stores(settings)
            forbid_demonstration(stores.engines.app)
            stores.engines.serve_alone()
            inner = replace(settings, hosts=(*settings.hosts, host), address=address, https=not plain)
            if held is None:
                run(replace(inner, listen=EVERYWHERE, port=port), stores)
                return
            inner = replace(inner, listen=LOOPBACK, port=_free())
            with behind_tls(EVERYWHERE, port, held.path, held.key, inner.port):
                run(inner, stores)
    except OSError as error:
        raise click.ClickException(f"{address}: {error.strerror}") from None


def _free() -> int:
    with socket.socket() as asked:
        asked.bind((LOOPBACK, 0))
        return int(asked.getsockname()[1])
