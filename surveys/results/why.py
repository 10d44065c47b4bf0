"""Why a figure is not shown, as a word for each reason; the sentences are in `texts.why`."""

from __future__ import annotations

from enum import StrEnum


class Hidden(StrEnum):
    """The reasons. A page says the one that holds beside the place where the figure would stand."""

    MERGED = "merged"  # counted together with a neighbour: no sum of atoms is this unit
    OTHERS = "others"  # hidden so that another group cannot be worked out
    AGREEING = "agreeing"  # the sum would tell what a group inside is hidden for
    WITHHELD = "withheld"  # fewer than k ballots returned by the whole electorate
    SMALL = "small"  # a paper result of fewer than k ballots
    UNSEEN = "unseen"  # the reader may not see any of these results
    NOBODY = "nobody"  # nobody votes, or nobody is voted on, here
    LEVELS = "levels"  # another rule's levels: not to be compared
    DENOMINATOR = "denominator"  # percentages of another denominator: not to be compared
    EFFECT = "effect"  # the result has no effect: leader excluded after opening, or no quorum
    UNKNOWN = "unknown"  # the paper result does not say what the rule's denominator needs
