"""What the minutes say of the conference itself (docs/protocol.md 13.1), out of what is noted about a
round.
"""

from __future__ import annotations

from surveys.papers.minutes import Conference, polls_log
from surveys.rounds.conduct import Facts, IncidentKind
from surveys.rounds.errors import IllegalMove
from surveys.rounds.ledger import Round
from surveys.rounds.stated import By, Polls, PollsAct

KINDS = {
    IncidentKind.MISSING_VOTER: "Người ghi phiếu không có trong danh sách / Voter missing from the list",
    IncidentKind.WRONG_UNIT: "Ghi sai đơn vị / Wrong unit",
    IncidentKind.LOST_SLIP: "Mất giấy mời / Lost slip",
    IncidentKind.MORE_BALLOTS: "Thu về nhiều hơn phát ra / More returned than issued",
    IncidentKind.RESTORED: "Khôi phục dữ liệu từ bản sao lưu / Data restored from a backup",
    IncidentKind.OTHER: "Việc khác / Other",
}
"""The kinds of incidents, as minutes.txt words them."""


def conference(found: Round, facts: Facts, below_quorum: tuple[str, ...]) -> Conference:
    """What the minutes say (13.1): opening and closing are those of the round itself, with what is noted of
    each. Raises IllegalMove before the polls are closed.
    """
    if found.opened is None or found.closed is None:
        raise IllegalMove(found.round_id, found.state.value, "told in minutes")
    noted = {act.act: act for act in facts.log}
    opened, closed = noted.get(Polls.OPENED), noted.get(Polls.CLOSED)
    log = polls_log(
        found.definition,
        PollsAct(found.opened, Polls.OPENED, By.HAND if opened is None else opened.by),
        [act for act in facts.log if act.act == Polls.EXTENDED],
        PollsAct(
            found.closed,
            Polls.CLOSED,
            By.HAND if closed is None else closed.by,
            None,
            "" if closed is None else closed.reason,
        ),
    )
    return Conference(
        log=log,
        chair=facts.chair,
        secretary=facts.secretary,
        custodian=facts.custodian,
        frozen=facts.frozen,
        incidents=(*below_quorum, *(f"{KINDS[each.kind]}: {each.text}" for each in facts.incidents)),
        complaints=facts.complaints,
    )
