"""Are enough people present? Compared as integers."""

from __future__ import annotations

from surveys.rules.preset import Preset


def quorum_met(preset: Preset, *, present: int, summoned: int) -> bool | None:
    """Whether the quorum is met; None where the rule has none. Raises ValueError unless 0 ≤ present ≤
    summoned.
    """
    if not 0 <= present <= summoned:
        raise ValueError(f"{present} present of {summoned} summoned")
    return None if preset.quorum is None else preset.quorum.met(present, summoned)
