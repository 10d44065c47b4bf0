"""Arithmetic on many public points at once: our own C (`kernel/`) as one WebAssembly module, run by wasmtime.

Specified by docs/protocol.md 1.2, 2 and 8.5. Danger: its time depends on the values, so no secret may come
here. `Public` says so at every door, and a contract keeps `protocol.secret` out. Where wasmtime is missing
everything is computed by libsodium, with the same verdicts.
"""
