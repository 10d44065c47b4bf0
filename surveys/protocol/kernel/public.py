"""The type that keeps secrets out of the kernel."""

from __future__ import annotations

from typing import NewType

Public = NewType("Public", int)
"""An integer mod l that everybody may know. A secret is a `Scalar` and never made into this."""
