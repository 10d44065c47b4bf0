"""TLS before a server that speaks plain HTTP on this machine, for a laptop without a proxy
(docs/operations.md, "A room without internet").

Danger: it passes bytes on and reads none, so it can add no header that tells who asks. Where the system
allows it each visitor comes in from a loopback address of their own (192.168.1.37 as 127.168.1.37): limits
and connections are counted by visitor as usual.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import IPv4Address, ip_address
from pathlib import Path
from weakref import WeakSet

PIECE = 64 * 1024
LOOPBACK = "127.0.0.1"


@contextmanager
def behind_tls(listen: str, port: int, certificate: Path, key: Path, inner: int) -> Iterator[int]:
    """Take TLS at this address and pass it on to the port `inner` of this machine, until the block ends; the
    port. Raises OSError.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    loop, began = asyncio.new_event_loop(), threading.Event()
    served: list[asyncio.Server] = []
    ways = WeakSet[asyncio.WriteTransport]()
    failed: list[OSError] = []

    async def open_() -> None:
        served.append(
            await asyncio.start_server(
                lambda reader, writer: _visitor(reader, writer, inner, ways), listen, port, ssl=context
            )
        )

    def run() -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(open_())
        except OSError as error:
            failed.append(error)
        began.set()
        if not failed:
            loop.run_forever()
            served[0].close()
            loop.run_until_complete(_end(ways))
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    began.wait()
    if failed:
        raise failed[0]
    try:
        yield int(served[0].sockets[0].getsockname()[1])
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


async def _end(ways: WeakSet[asyncio.WriteTransport]) -> None:
    """Nobody is waited for: what is still open is cut off, and nothing stays behind."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for way in list(ways):
        way.abort()
    for _ in range(5):  # each layer of a connection says in a turn of its own that it is lost
        await asyncio.sleep(0)


async def _visitor(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    inner: int,
    ways: WeakSet[asyncio.WriteTransport],
) -> None:
    there = None
    ways.add(writer.transport)
    try:
        taken, there = await _inside(writer.get_extra_info("peername")[0], inner)
        ways.add(there.transport)
        done, left = await asyncio.wait(
            {asyncio.create_task(_pass_on(reader, there)), asyncio.create_task(_pass_on(taken, writer))},
            return_when=asyncio.FIRST_COMPLETED,
        )
        for task in left:
            task.cancel()
        await asyncio.gather(*done, *left, return_exceptions=True)
    except (OSError, asyncio.CancelledError):
        pass  # a browser that goes away, or a server that is not there yet
    finally:
        for each in (writer, there):
            if each is not None:
                each.close()


async def _inside(visitor: str, inner: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    with suppress(OSError):
        return await asyncio.open_connection(LOOPBACK, inner, local_addr=(loopback_of(visitor), 0))
    return await asyncio.open_connection(LOOPBACK, inner)


def loopback_of(visitor: str) -> str:
    """The loopback address that stands for a visitor: 127 and the last three parts of theirs."""
    address = ip_address(visitor)
    if not isinstance(address, IPv4Address) or address.is_loopback:
        return LOOPBACK
    return f"127.{visitor.partition('.')[2]}"


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await reader.read(PIECE):
            writer.write(piece)
            await writer.drain()
