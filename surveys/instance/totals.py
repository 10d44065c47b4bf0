"""What whoever runs an instance may watch of it: totals, in the text that Prometheus reads
(docs/operations.md).

Danger: who asks every few seconds and keeps the answers has a diary. So no figure here moves with a single
voter: no counter of requests, no size of a file, no free byte; of polls that are open there is what every
projector shows (docs/protocol.md 15.6), in steps of at least k ballots and a tenth.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from surveys.box.board import returned
from surveys.jobs.queue import Jobs, Standing
from surveys.rounds import ledger
from surveys.rounds.states import State
from surveys.rules.disclosure import coarse_turnout
from surveys.stages import binding
from surveys.stores.engines import Engines
from surveys.stores.store import Stores

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Gauge:
    """A figure of this moment. `values` holds a whole number for each text of the one label, or for "" where
    there is no label.
    """

    name: str
    says: str
    label: str
    values: dict[str, int]


def totals(stores: Stores, jobs: Jobs) -> str:
    """All figures. Changes nothing."""
    return "".join(map(_text, _gauges(stores, jobs)))


def answers(engines: Engines) -> None:
    """Read the app store, as every page must be able to. Raises what the store raises."""
    ledger.round_ids(engines.app)


def _gauges(stores: Stores, jobs: Jobs) -> Iterator[Gauge]:
    states = Counter(each.state for each in ledger.headings(stores.engines.app))
    standings = Counter(each.standing for each in jobs.all())
    yield Gauge("tin_nhiem_info", "The version that answers.", "version", {version("tin-nhiem"): 1})
    yield Gauge(
        "tin_nhiem_background_work",
        "Whether a process of this host does the background work.",
        "",
        {"": int(stores.engines.is_served())},
    )
    yield Gauge("tin_nhiem_rounds", "Rounds by state.", "state", {each: states[each] for each in State})
    yield Gauge(
        "tin_nhiem_jobs", "Jobs by standing.", "standing", {each: standings[each] for each in Standing}
    )
    yield Gauge(
        "tin_nhiem_turnout_percent",
        "Share of the whole roll whose ballots are in while polls are open, as projectors show it.",
        "round",
        _turnouts(stores),
    )
    yield Gauge(
        "tin_nhiem_disk_free_percent",
        "Free room of the disk of the stores, rounded down.",
        "",
        {"": _free_percent(stores.engines.root)},
    )


def _turnouts(stores: Stores) -> dict[str, int]:
    """By round, without those of fewer than k voters and those that are stopped."""
    found: dict[str, int] = {}
    for each in ledger.headings(stores.engines.app):
        if each.state is State.OPEN:
            round_ = ledger.find(stores.app, each.round_id)
            if binding.why_stopped(stores, each.round_id, round_) is not None:
                continue
            definition = round_.definition
            cast = sum(returned(stores.engines.box(each.round_id), len(definition.panels)))
            percent = coarse_turnout(cast, definition.voters, definition.k)
            if percent is not None:
                found[each.round_id] = percent
    return found


def _free_percent(folder: Path) -> int:
    disk = shutil.disk_usage(folder)
    return 100 * disk.free // disk.total


def _text(gauge: Gauge) -> str:
    lines = [f"# HELP {gauge.name} {gauge.says}", f"# TYPE {gauge.name} gauge"]
    for value, number in gauge.values.items():
        lines.append(
            f'{gauge.name}{{{gauge.label}="{value}"}} {number}' if value else f"{gauge.name} {number}"
        )
    return "\n".join(lines) + "\n"
