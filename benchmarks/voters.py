"""Many voters at once, as a process of its own: connections that stay open, each from an address of its own,
and what their requests take.

Answers are timed from the moment at which the request was due, not from that at which it could be sent: a
server that keeps people waiting is not asked less for it.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

ADDRESSES = 200


@dataclass(frozen=True, slots=True)
class Place:
    """Where the server is: port on the loopback, name, and its certificate where it speaks TLS."""

    port: int
    host: str
    certificate: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """These bodies are posted to `path`, over so many connections: at `rate` a second for `seconds`, or,
    without a rate, each connection its next as soon as the last one is answered.
    """

    place: Place
    path: str
    bodies: Sequence[bytes] = field(repr=False)
    connections: int
    rate: float | None = None


@dataclass(frozen=True, slots=True)
class Served:
    """What came of a plan: the answers in the order of the bodies, seconds each, seconds in all, and of
    processors in this process.
    """

    answers: Sequence[bytes] = field(repr=False)
    seconds: Sequence[float] = field(repr=False)
    wall: float
    cpu: float


class Refused(Exception):
    """The server has answered with something else than 200."""


def serve(plan: Plan) -> Served:
    """Carry the plan out. Raises Refused at the first answer that is none."""
    return asyncio.run(_serve(plan))


async def _serve(plan: Plan) -> Served:
    lines = [_Line(plan.place, number) for number in range(plan.connections)]
    for line in lines:
        await line.open()
    answers, seconds = [b""] * len(plan.bodies), [0.0] * len(plan.bodies)
    begun, worked = time.perf_counter(), time.process_time()

    async def post(line: _Line, at: int, due: float) -> None:
        answers[at] = await line.post(plan.path, plan.bodies[at])
        seconds[at] = time.perf_counter() - due

    async def one_after_another(line: _Line, rest: Iterator[int]) -> None:
        for at in rest:
            await post(line, at, time.perf_counter())

    async def in_time(at: int, due: float) -> None:
        await asyncio.sleep(due - time.perf_counter())
        await post(lines[at % len(lines)], at, due)

    if plan.rate is None:
        rest = iter(range(len(plan.bodies)))
        works = [one_after_another(line, rest) for line in lines]
    else:
        works = [in_time(at, begun + at / plan.rate) for at in range(len(plan.bodies))]
    async with asyncio.TaskGroup() as group:
        for work in works:
            group.create_task(work)
    wall, cpu = time.perf_counter() - begun, time.process_time() - worked
    for line in lines:
        line.close()
    return Served(answers, seconds, wall, cpu)


class _Line:
    """One connection that is kept; opened anew where the server has closed it."""

    def __init__(self, place: Place, number: int) -> None:
        self._place = place
        self._from = f"127.141.{number // ADDRESSES}.{1 + number % ADDRESSES}"
        self._alone = asyncio.Lock()
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def open(self) -> None:
        context, name = None, None
        if self._place.certificate is not None:
            context = ssl.create_default_context(cafile=self._place.certificate)
            name = self._place.host
        self._reader, self._writer = await asyncio.open_connection(
            "127.0.0.1", self._place.port, local_addr=(self._from, 0), ssl=context, server_hostname=name
        )

    def close(self) -> None:
        self._writer.close()

    async def post(self, path: str, body: bytes) -> bytes:
        async with self._alone:
            if self._reader.at_eof():
                await self.open()
            self._writer.write(
                f"POST {path} HTTP/1.1\r\nHost: {self._place.host}\r\nContent-Length: {len(body)}\r\n"
                f"Content-Type: application/octet-stream\r\n\r\n".encode()
                + body
            )
            head = await self._reader.readuntil(b"\r\n\r\n")
            length = next(
                int(line.split(b":")[1])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length:")
            )
            answer = await self._reader.readexactly(length)
            if b"connection: close" in head.lower():
                self._writer.close()
                self._reader.feed_eof()
        if b" 200 " not in head[:20]:
            raise Refused(f"{path}: {head.splitlines()[0].decode()}: {answer[:200]!r}")
        return answer
