"""An instant as the stores and the protocol hold it: UTC, to the second, so that texts stand in the order of time (docs/protocol.md 4.1)."""

from __future__ import annotations

INSTANT = "%Y-%m-%dT%H:%M:%SZ"
"""For `strftime` of a moment in UTC, and for `strptime`."""
