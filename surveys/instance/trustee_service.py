"""The committee's desk of an instance: ceremony and count over the wire (docs/protocol.md §16).

It takes members' messages in, checked by the committee's room, and moves the round on by itself when a step
is complete. Every message may be sent again; a round moves on once, whatever is clicked twice or killed
half-way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from surveys.accounts.links import Purpose, holder_of
from surveys.audit.members import whole
from surveys.committee import ceremony, counting
from surveys.committee.certifying import accept_certificate, certified_by
from surveys.committee.complaints import complain, complaints
from surveys.committee.errors import CountNotReady, EnoughShares, ForeignTrustee, TooEarly
from surveys.committee.service import CommitteeState, Stage
from surveys.instance.counting_job import CountingWork, Work, there
from surveys.names import RoundId
from surveys.protocol import canonical
from surveys.protocol.agreement import cosigners_needed, encode_agreement, read_cosignature
from surveys.protocol.board import board_chunks
from surveys.protocol.canonical import Fields
from surveys.protocol.ceremony import Ceremony
from surveys.protocol.ceremony_checks import read_commit, read_confirm, read_deal
from surveys.protocol.manifest import encode_definition
from surveys.protocol.shares import read_share
from surveys.rounds import conduct, ledger
from surveys.rounds.ledger import Round
from surveys.rounds.states import State
from surveys.stages import opening, tallying
from surveys.stores.store import Stores

PAPERS = ("tally", "results", "attendance", "minutes", "text", "pdf")
_AFTER = {
    State.CONFIRMED: Stage.CONFIRMED,
    State.OPEN: Stage.OPEN,
    State.CERTIFIED: Stage.CERTIFIED,
    State.PUBLISHED: Stage.PUBLISHED,
}


class InstanceCommittee:
    """`surveys.committee.service.CommitteeService` over the stores of an instance."""

    def __init__(self, stores: Stores, work: CountingWork, now: Callable[[], datetime]) -> None:
        self._stores, self._now = stores, now
        self.work = work

    def state(self, round_id: RoundId, token: str) -> CommitteeState:
        """16.1. Stores nothing: the long work begins with messages and with the clock."""
        trustee, found = self._admit(round_id, token)
        return self._state(trustee, found)

    def document(self, round_id: RoundId, token: str, name: str) -> bytes:
        """16.2, 16.5, 16.8. Raises TooEarly or CountNotReady for what does not exist yet."""
        _, found = self._admit(round_id, token)
        if name == "definition":
            return encode_definition(found.definition)
        if name == "manifest":
            if found.manifest is None:
                raise TooEarly("manifest", ())
            return found.manifest.encode()
        if name == "ceremony":
            return self._record(found).encode()
        work = self._counted(found)
        if name in PAPERS:
            return self._paper(found.round_id, work, name)
        board, count = there(work.board), there(work.count)
        if name == "board":
            return b"".join(board_chunks(board.ballots))
        if name == "agreement":
            return encode_agreement(counting.agreement_in(self._stores.engines.app, count))
        if name in ("roll", "issuance"):
            return whole(tallying.roll_members(self._stores.engines, found.round_id)[f"{name}.json"])
        return board.checkpoint.encode() if name == "checkpoint" else count.plan.encode()

    def accept(self, round_id: RoundId, token: str, kind: str, raw: bytes) -> CommitteeState:
        """16.3, 16.4, 16.6, 16.7, 16.9: check, keep, move on. Raises what the committee's room refuses;
        nothing is kept then.
        """
        trustee, found = self._admit(round_id, token)
        fields = Fields(canonical.decode(raw, check="16.3", where=kind), check="16.3", where=kind)
        if kind == "complaint":
            complain(self._stores.engines.app, found.definition, found.attempt, trustee, raw)
        elif kind in ("commit", "deal", "confirm"):
            self._ceremony(trustee, found, kind, fields)
        elif kind == "cosign":
            self._cosign(trustee, found, fields)
        elif kind == "share":
            self._share(trustee, found, fields)
        else:
            self._certificate(trustee, found, fields)
        return self._state(trustee, ledger.find(self._stores.app, round_id))

    def _paper(self, round_id: RoundId, work: Work, name: str) -> bytes:
        papers = work.papers
        if papers is None:
            raise CountNotReady("the papers are not drawn up yet")
        if name == "tally":
            return there(work.tally).encode()
        if name == "pdf":
            return self.work.typeset(round_id)
        found: bytes = getattr(papers, name)
        return found

    def _ceremony(self, trustee: int, found: Round, kind: str, fields: Fields) -> None:
        app, definition, attempt = self._stores.engines.app, found.definition, found.attempt
        n = len(definition.trustees)
        if kind == "commit":
            commit = read_commit(fields)
            _own(trustee, commit.trustee)
            ceremony.accept_commit(app, definition, attempt, commit)
        elif kind == "deal":
            deal = read_deal(fields)
            _own(trustee, deal.trustee)
            ceremony.accept_deal(app, definition, attempt, deal)
            if len(self._record(found).deals) == n:
                opening.make_manifest(self._stores, definition, attempt)
        else:
            confirm = read_confirm(fields)
            _own(trustee, confirm.trustee)
            if found.manifest is None:
                raise TooEarly("confirm", ())
            ceremony.accept_confirm(app, found.manifest, attempt, confirm)
            if len(self._record(found).confirms) == n:
                opening.confirm(self._stores.engines, found.manifest, attempt)

    def _cosign(self, trustee: int, found: Round, fields: Fields) -> None:
        count = there(self._counted(found).count)
        given, checkpoint = read_cosignature(fields.object("cosignature")), fields.hex("checkpoint", 64)
        fields.done()
        _own(trustee, given.trustee)
        counting.accept_cosignature(self._stores.engines.app, count, given, checkpoint)

    def _share(self, trustee: int, found: Round, fields: Fields) -> None:
        work = self._counted(found)
        count = there(work.count)
        share = read_share(fields)
        _own(trustee, share.trustee)
        given = {each.trustee for each in counting.shares_in(self._stores.engines.app, count)}
        if trustee not in given and len(given) >= found.definition.threshold:
            # A further share would change who is named in minutes that may be signed already.
            raise EnoughShares(len(given))
        counting.accept_share(self._stores.engines.app, count, share)
        self.work.go_on(found.round_id)

    def _certificate(self, trustee: int, found: Round, fields: Fields) -> None:
        work = self._counted(found)
        if work.papers is None or work.count is None:
            raise CountNotReady("the papers are not drawn up yet")
        signed_by, signature = fields.integer("trustee", 1, 15), fields.hex("signature", 64)
        fields.done()
        _own(trustee, signed_by)
        facts = there(work.facts)
        accept_certificate(
            self._stores.engines.app,
            work.count,
            work.papers.certified(work.count),
            trustee,
            signature,
            lambda connection: conduct.settle(connection, self._stores.keyring, found.round_id, facts),
        )
        self.work.go_on(found.round_id)

    def _counted(self, found: Round) -> Work:
        work = self.work.of(found.round_id)
        if work.count is None or work.board is None:
            raise CountNotReady("the count has not begun yet")
        return work

    def _record(self, found: Round) -> Ceremony:
        return ceremony.record(self._stores.engines.app, found.definition, found.attempt)

    def _state(self, trustee: int, found: Round) -> CommitteeState:
        work, record, definition = self.work.of(found.round_id), self._record(found), found.definition
        count = work.count
        shares = () if count is None else counting.shares_in(self._stores.engines.app, count)
        in_shares = tuple(each.trustee for each in shares)
        cosigned = () if count is None else counting.agreement_in(self._stores.engines.app, count)
        in_agreement = tuple(each.trustee for each in cosigned)
        certified = self._certified(found.round_id, work)
        busy, failed = self.work.under_way(found.round_id)
        return CommitteeState(
            trustee=trustee,
            names=definition.trustees,
            threshold=definition.threshold,
            stage=self._stage(found, record, work, in_agreement, in_shares, certified),
            attempt=found.attempt,
            commits=tuple(each.trustee for each in record.commits),
            deals=tuple(each.trustee for each in record.deals),
            confirms=tuple(each.trustee for each in record.confirms),
            cosigned=in_agreement,
            shares=in_shares,
            certified=certified,
            complaints=complaints(self._stores.engines.app, definition, found.attempt),
            definition=definition.digest.hex(),
            manifest=None if found.manifest is None else found.manifest.hash.hex(),
            ballots=None if count is None else sum(count.ballots),
            sums=None if count is None else len(count.sums),
            busy=busy,
            failed=failed,
        )

    def _certified(self, round_id: RoundId, work: Work) -> tuple[int, ...]:
        if work.papers is None or work.count is None:
            return ()
        return certified_by(self._stores.engines.app, round_id, work.papers.certified(work.count))

    @staticmethod
    def _stage(
        found: Round,
        record: Ceremony,
        work: Work,
        cosigned: Sequence[int],
        shares: Sequence[int],
        certified: Sequence[int],
    ) -> Stage:
        n, t = len(found.definition.trustees), found.definition.threshold
        if found.state is State.FROZEN:
            if len(record.commits) < n:
                return Stage.COMMIT
            return Stage.DEAL if len(record.deals) < n else Stage.CONFIRM
        if found.state in _AFTER:
            return _AFTER[found.state]
        if work.count is None:
            return Stage.CLOSED
        if work.papers is not None:
            return Stage.CERTIFIED if len(certified) >= t else Stage.PAPERS
        if len(shares) >= t:
            return Stage.SOLVING
        return Stage.COUNT if shares or len(cosigned) >= cosigners_needed(n, t) else Stage.COSIGN

    def _admit(self, round_id: RoundId, token: str) -> tuple[int, Round]:
        trustee = holder_of(self._stores.engines.app, round_id, Purpose.TRUSTEE, token, self._now())
        return trustee, ledger.find(self._stores.app, round_id)


def _own(trustee: int, named: int) -> None:
    """A link sends the messages of its own trustee only."""
    if trustee != named:
        raise ForeignTrustee(named)
