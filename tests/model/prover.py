"""ProVerif, asked: one model in, a verdict for each of its queries out.

ProVerif (https://proverif.inria.fr, 2.05) is no dependency: who has it on the path runs the models, who has
not is told so.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.model.declared import MODELS, Model, Variant, Verdict

SECONDS = 120
_RESULT = re.compile(r"^RESULT (?P<what>.+?)(?P<verdict> is true| is false| cannot be proved)\.$", re.M)


def prover() -> str | None:
    """Where ProVerif is, if it is on the path."""
    return shutil.which("proverif")


def _verdict(text: str) -> Verdict:
    return {" is true": Verdict.PROVED, " is false": Verdict.FOUND, " cannot be proved": Verdict.UNKNOWN}[
        text
    ]


def _compared(printed: str) -> Verdict:
    """The verdict on two processes: proved by one way of pairing them; found where every way ends in a trace
    that differs.
    """
    results = [_verdict(found["verdict"]) for found in _RESULT.finditer(printed)]
    if Verdict.PROVED in results:
        return Verdict.PROVED
    traces = printed.count("A trace has been found.\nRESULT Observational equivalence")
    return Verdict.FOUND if results and traces == len(results) else Verdict.UNKNOWN


def ask(model: Model, variant: Variant | None = None) -> dict[str, Verdict]:
    """Name of each query → verdict, for the model itself or for a twin of it."""
    binary = prover()
    if binary is None:
        raise FileNotFoundError("proverif is not on the path")
    source = model.source if variant is None else model.varied(variant)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.pv")
        path.write_text(source, "utf-8")
        asked = [binary, "-lib", str(MODELS / "primitives.pvl"), str(path)]
        answer = subprocess.run(asked, capture_output=True, text=True, timeout=SECONDS, check=False)
    if answer.returncode:
        raise RuntimeError(f"{model.name}: {answer.stdout[-500:]}{answer.stderr[-500:]}")
    names = [query.name for query in model.queries]
    if "RESULT Observational equivalence" in answer.stdout:
        return {names[0]: _compared(answer.stdout)}
    results = [_verdict(found["verdict"]) for found in _RESULT.finditer(answer.stdout)]
    return dict(zip(names, results, strict=True))
