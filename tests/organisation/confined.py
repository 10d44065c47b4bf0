"""Read a file in a child that may not take more than 256 MB over an idle one, nor 5 seconds of the processor
(or more, where said; of a quiet, good machine).
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from tests.pace import slower

SECONDS, MEGABYTES = 5, 256
# The verdict, the seconds of this process and the peak of its memory go out as one line of JSON.
CHILD = """
import json, resource, sys, threading, time
from pathlib import Path
from surveys.organisation.errors import BadSheets
from surveys.spreadsheets.errors import UnusableFile
from surveys.organisation.sheets import read_organisation
def pages():
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024
idle = peak()
resource.setrlimit(resource.RLIMIT_AS, (pages() + {megabytes} * 2**20,) * 2)
resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + {seconds} + 1,) * 2)
begun = time.process_time()
try:
    read_organisation(Path(sys.argv[1]))
    verdict, why = "read", ""
except UnusableFile as error:
    verdict, why = "unusable", error.en
except BadSheets as error:
    verdict, why = "bad", str(error.count)
print(json.dumps([verdict, why, time.process_time() - begun, peak() - idle]))
"""


@dataclass(frozen=True)
class Verdict:
    """read, unusable or bad; why; seconds of the processor; megabytes beyond an idle reader."""

    what: str
    why: str
    seconds: float
    megabytes: int


def read_confined(path: Path, seconds: int = SECONDS) -> Verdict:
    """A child that raises anything else, or is killed, fails the test."""
    seconds = ceil(seconds * slower())
    code = CHILD.format(megabytes=MEGABYTES, seconds=seconds)
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    verdict = Verdict(*json.loads(done.stdout))
    assert verdict.seconds < seconds, verdict
    assert verdict.megabytes < MEGABYTES, verdict
    return verdict
