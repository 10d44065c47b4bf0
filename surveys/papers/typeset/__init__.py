"""The minutes on paper: values, templates (`*.typ`) and the press that sets them. See
docs/protocol.md 13.7.
"""

from surveys.papers.typeset.papers import Paper, notice, one_unit, report, results_list, whole_round
from surveys.papers.typeset.press import SignatureLine, fingerprint, signature_lines, typeset

__all__ = [
    "Paper",
    "SignatureLine",
    "fingerprint",
    "notice",
    "one_unit",
    "report",
    "results_list",
    "signature_lines",
    "typeset",
    "whole_round",
]
