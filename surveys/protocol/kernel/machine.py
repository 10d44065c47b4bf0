"""One instance of the compiled module and its memory; each thread has its own, and the interpreter's lock is
free meanwhile.

Danger: everything in here is addresses. A length that does not fit what the module expects reads or writes
past its field (though never outside the module's own memory), so only the modules beside this one call it,
each with the sizes that kernel/*.h names.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import threading
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from surveys.protocol.kernel.public import Public

if TYPE_CHECKING:
    import wasmtime

POINT_BYTES = 160
"""A point in extended coordinates, and …"""
READY_BYTES = 120
"""… one prepared for additions, as the module keeps them."""
_PAGE = 2**16
_LINE = 64


class Machine:
    """The module's functions over memory that is laid out anew for every task."""

    def __init__(self, engine: wasmtime.Engine, module: wasmtime.Module) -> None:
        import wasmtime

        self._store = wasmtime.Store(engine)
        exports = wasmtime.Instance(self._store, module, []).exports(self._store)
        memory, start = exports["memory"], exports["__heap_base"]
        assert isinstance(memory, wasmtime.Memory)
        assert isinstance(start, wasmtime.Global)
        self._memory, self._start = memory, int(start.value(self._store))
        self._functions = {
            name: function for name, function in exports.items() if isinstance(function, wasmtime.Func)
        }
        self._origin = self._data()

    def lay_out(self, *sizes: int) -> list[int]:
        """Addresses of fields of these sizes, one after the other; what was there before is lost."""
        at, addresses = self._start, []
        for size in sizes:
            at = -(-at // _LINE) * _LINE
            addresses.append(at)
            at += size
        missing = at - self._memory.data_len(self._store)
        if missing > 0:
            self._memory.grow(self._store, -(-missing // _PAGE))
            self._origin = self._data()
        return addresses

    def put(self, address: int, raw: bytes) -> None:
        """Write bytes to an address of `lay_out`."""
        ctypes.memmove(self._origin + address, raw, len(raw))

    def get(self, address: int, length: int) -> bytes:
        """Read bytes from an address of `lay_out`."""
        return ctypes.string_at(self._origin + address, length)

    def call(self, name: str, *arguments: int) -> int:
        """One exported function; 0 where it gives nothing."""
        return self._functions[name](self._store, *arguments) or 0

    def digits(self, count: int, bits: int) -> int:
        """Bytes of room for the digits of so many scalars."""
        return 2 * self.call("digits_needed", count, bits)

    def close(self) -> None:
        """Give the memory back; the machine is of no use afterwards."""
        self._store.close()

    def _data(self) -> int:
        return ctypes.addressof(self._memory.data_ptr(self._store).contents)


def machine() -> Machine | None:
    """This thread's machine; None where wasmtime is not installed or runs no wide arithmetic."""
    # Asked for by process: what a forked child inherits belongs to its parent's threads.
    key = os.getpid()
    found: tuple[int, Machine | None] | None = getattr(_own, "machine", None)
    if found is None or found[0] != key:
        compiled = _compiled(key)
        found = _own.machine = (key, None if compiled is None else Machine(*compiled))
    return found[1]


def available() -> bool:
    """Whether the kernel computes here, or libsodium does."""
    return _compiled(os.getpid()) is not None


def module_bytes() -> bytes:
    """The module as it is shipped; `make kernel` builds the same bytes out of kernel/."""
    return files("surveys.protocol.kernel").joinpath("kernel.wasm").read_bytes()


_own = threading.local()


@lru_cache(maxsize=1)
def _compiled(process: int) -> tuple[wasmtime.Engine, wasmtime.Module] | None:
    try:
        import wasmtime
    except (ImportError, OSError):  # no wheel for this machine, or its library does not load
        return None
    config = wasmtime.Config()
    config.wasm_wide_arithmetic = True
    # Its threads would not be in a forked child, which would wait for them for ever.
    config.parallel_compilation = False
    engine = wasmtime.Engine(config)
    try:
        module = wasmtime.Module(engine, module_bytes())
    except wasmtime.WasmtimeError:
        return None
    # While the interpreter ends, wasmtime's own clean-up would find half of itself gone and say so on stderr.
    atexit.register(_close, engine, module)
    return engine, module


def _close(engine: wasmtime.Engine, module: wasmtime.Module) -> None:
    own: tuple[int, Machine | None] | None = getattr(_own, "machine", None)
    if own is not None and own[1] is not None:
        own[1].close()
    module.close()
    engine.close()


def ready(machine: Machine, raw: bytes, at: int, verdicts: int) -> bool:
    """Decode points that were decoded before, identity included, to address `at`."""
    count = len(raw) // 32
    machine.put(verdicts, raw)
    return machine.call("decode_points", verdicts, count, at, verdicts + 32 * count) == 0


def joined(values: Sequence[Public], size: int) -> bytes:
    """Integers one after the other, little-endian, `size` bytes each."""
    return b"".join(value.to_bytes(size, "little") for value in values)
