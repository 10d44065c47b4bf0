"""The minutes on paper: values, templates (`*.typ`) and the press that sets them. See
docs/protocol.md 13.7.
"""

from surveys.papers.typeset.papers import Paper, one_unit, report, whole_round
from surveys.papers.typeset.press import fingerprint, typeset

__all__ = ["Paper", "fingerprint", "one_unit", "report", "typeset", "whole_round"]
