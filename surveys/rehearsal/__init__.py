"""A whole vote in one go, through the verbs that the server uses: slips, ceremony, ballots, count, bundle.

DANGER: it plays every party, so it holds slips and sheets, in memory only. It is for trying things out, for
the demo and for tests; a real vote has these on paper and in different hands.
"""

from surveys.rehearsal.run import OpenPolls, Outcome, open_vote, rehearse
from surveys.rehearsal.script import Script, random_script, read_script

__all__ = [
    "OpenPolls",
    "Outcome",
    "Script",
    "open_vote",
    "random_script",
    "read_script",
    "rehearse",
]
