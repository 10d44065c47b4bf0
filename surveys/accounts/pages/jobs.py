"""Work in the background as a page shows it: a live bar, what is being done, or why it ended."""

from __future__ import annotations

import json
from dataclasses import dataclass

from flask import Response

from surveys.jobs.queue import Job, Standing
from surveys.web.languages import Language, current, say
from surveys.web.sentences import table


@dataclass(frozen=True, slots=True)
class JobShown:
    """A job with its words. `address` is where its state is asked for; `wrong` why it ended, empty while it
    goes on.
    """

    address: str
    standing: str
    words: str
    done: int
    total: int
    wrong: str

    @property
    def under_way(self) -> bool:
        """Whether there is something to wait for."""
        return self.standing in (Standing.WAITING, Standing.RUNNING)


def shown(job: Job | None, address: str) -> JobShown | None:
    """A job for a page; None where there never was one, or it is done."""
    if job is None or job.standing is Standing.DONE:
        return None
    return JobShown(address, job.standing.value, words(job), job.done, job.total, wrong(job))


def title(kind: str) -> str:
    """What a kind of work is, as a heading."""
    return {
        "freeze": say("The round is being frozen"),
        "mail": say("Letters are being sent"),
        "members": say("Letters are being sent"),
        "count": say("The server seals, counts and verifies"),
    }.get(kind, say("Work in the background"))


def words(job: Job) -> str:
    """What is being done, in the language of the page."""
    if job.standing is Standing.WAITING:
        return say("Waits for its turn.")
    if job.standing is Standing.SILENT:
        return say("No sign of life: the server was stopped. The work goes on when it starts again.")
    if job.standing is Standing.FAILED:
        return say("Ended with an error.")
    stage = {
        "keys": say("Token keys are made"),
        "letters": say("Letters are sent"),
        "read": say("The file is read"),
        "compare": say("The file is compared with what is stored"),
        "write": say("The changes are written"),
        "seal": say("The box is sealed"),
        "count": say("The sums are worked out"),
        "solve": say("The opened sums are solved"),
        "minutes": say("The minutes are typeset"),
        "verify": say("The bundle is verified"),
    }.get(job.stage, say("Working"))
    if job.total == 0:
        return f"{stage} …"
    return say("%(stage)s: %(done)s of %(total)s", stage=stage, done=job.done, total=job.total)


def wrong(job: Job) -> str:
    """Why a job ended, in a sentence."""
    if job.failed is None:
        return ""
    row = table().get(job.failed)
    if row is None:
        return say("Something failed that nobody foresaw. It can be begun again.")
    language = "vi" if current() is Language.VI else "en"
    return row.words[language].text


def answer(job: Job | None) -> Response:
    """The state for the page's script."""
    state = (
        {"standing": "done", "words": "", "done": 0, "total": 0}
        if job is None
        else {"standing": job.standing.value, "words": words(job), "done": job.done, "total": job.total}
    )
    return Response(json.dumps(state), mimetype="application/json")
