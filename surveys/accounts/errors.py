"""What the accounts refuse."""

from __future__ import annotations

from surveys.errors import SurveysError


class NoSuchLink(SurveysError):
    """The link is not, or no longer, one that lets anybody in."""


class LinkExpired(SurveysError):
    """The link was good until a moment that has passed."""
