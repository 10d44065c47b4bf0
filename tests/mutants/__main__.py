"""Mutation testing: `python -m tests.mutants [--sample N] [--seed S] [--jobs N] [--again] [PLACE…]`.

A place is a module or a folder of the product; without one, those of scope.PARTS, each with its own sample.
--sample draws at most N mutants of each place, by the seed. What is known of a mutant stays in
build/mutants.json, so a run that was killed goes on; --again tries survivors anew (after a test was added).
Fails where less than nine in ten of what can be noticed is.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import queue
import random
import sys
import threading
from pathlib import Path

from tests.mutants import copies, measuring, scope
from tests.mutants.excuses import excuse
from tests.mutants.operators import mutants_of
from tests.mutants.report import enough, written
from tests.mutants.running import KILLED, TIMED_OUT, Nursery, Placed

BUILD = scope.ROOT / "build/mutants"
RESULTS = scope.ROOT / "build/mutants.json"


def draw(place: str, most: int, seed: int) -> list[Placed]:
    """At most so many mutants of a place, the same for the same seed and sources, in random order."""
    every = [
        Placed(module, mutant)
        for module in scope.modules(place)
        for mutant in mutants_of((scope.ROOT / module).read_text("utf-8"))
    ]
    return random.Random(seed).sample(every, min(most, len(every)))


def _try_all(left: list[Placed], known: dict[str, str], jobs: int) -> None:
    trees = [BUILD / f"tree-{number}" for number in range(jobs)]
    for tree in trees:
        copies.renew(tree)
    measured = measuring.measure(trees[0], BUILD / "measured")
    waiting, lock, wrong = queue.SimpleQueue[Placed](), threading.Lock(), list[BaseException]()
    for placed in left:
        waiting.put(placed)

    def work(tree: Path) -> None:
        try:
            with Nursery(tree) as nursery:
                while not wrong and not waiting.empty():
                    placed = waiting.get()
                    verdict = nursery.judge(placed, measured)
                    with lock:
                        known[placed.id] = verdict
                        _keep(known)
                    print(f"[{waiting.qsize()} left] {verdict}: {placed}", flush=True)
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=work, args=[tree]) for tree in trees]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise wrong[0]


def _keep(known: dict[str, str]) -> None:
    half = RESULTS.with_suffix(".part")
    half.write_text(json.dumps(known, indent=0))
    half.replace(RESULTS)


def main(given: list[str]) -> int:
    """0 where every place has enough killed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("places", nargs="*", default=list(scope.PARTS))
    parser.add_argument("--sample", type=int)
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--again", action="store_true")
    asked = parser.parse_args(given)
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "lock").open("w") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX | fcntl.LOCK_NB)
        known: dict[str, str] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
        if asked.again:
            known = {id: verdict for id, verdict in known.items() if verdict in (KILLED, TIMED_OUT)}
        drawn = {
            place: draw(place, asked.sample or scope.PARTS.get(place, sys.maxsize), asked.seed)
            for place in asked.places
        }
        left = {
            one.id: one for some in drawn.values() for one in some if one.id not in known and not excuse(one)
        }
        mixed = random.Random(asked.seed).sample(list(left.values()), len(left))
        if mixed:
            _try_all(mixed, known, asked.jobs)
    print(written(drawn, known, asked.seed))
    return 0 if all(enough(some, known) for some in drawn.values()) else 1


if __name__ == "__main__":
    os.nice(5)
    sys.exit(main(sys.argv[1:]))
