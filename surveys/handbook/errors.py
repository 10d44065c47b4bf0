"""What the room of handbooks refuses."""

from __future__ import annotations

from surveys.errors import SurveysError


class NoSuchHandbook(SurveysError):
    """There is no handbook of this name."""
