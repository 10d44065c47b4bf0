"""The committee's desk of an instance: ceremony and count over the wire (docs/protocol.md §16).

It takes members' messages in, checked by the committee's room, and moves the round on by itself when a step is complete. Every
message may be sent again; a round moves on once, whatever is clicked twice or killed half-way.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from surveys.accounts.links import Purpose, holder_of
from surveys.committee import ceremony, counting
from surveys.committee.certifying import accept_certificate, certificate_in
from surveys.committee.complaints import complain, complaints
from surveys.committee.desk import DeskState, Stage
from surveys.committee.errors import CountNotReady, EnoughShares, ForeignTrustee, TooEarly
from surveys.protocol import canonical
from surveys.protocol.canonical import Fields
from surveys.protocol.ceremony import Ceremony
from surveys.protocol.ceremony_checks import read_commit, read_confirm, read_deal
from surveys.protocol.certificate import certificate_of
from surveys.protocol.manifest import encode_definition
from surveys.protocol.shares import read_share
from surveys.protocol.transcript import lp
from surveys.rounds import conduct, ledger
from surveys.rounds.ledger import Round
from surveys.rounds.states import State
from surveys.stages import opening
from surveys.stages.counting_work import CountingWork, Work, there
from surveys.stores.columns import Keyring
from surveys.stores.engines import Stores

_AFTER = {
    State.CONFIRMED: Stage.CONFIRMED,
    State.OPEN: Stage.OPEN,
    State.CERTIFIED: Stage.CERTIFIED,
    State.PUBLISHED: Stage.PUBLISHED,
}


class InstanceDesk:
    """`surveys.committee.desk.Desk` over the stores of an instance."""

    def __init__(
        self, stores: Stores, keyring: Keyring, work: CountingWork, now: Callable[[], datetime]
    ) -> None:
        self._stores, self._keyring, self._now = stores, keyring, now
        self.work = work

    def state(self, survey: str, token: str) -> DeskState:
        """16.1. Stores nothing: the long work begins with messages and with the clock."""
        trustee, found = self._admit(survey, token)
        return self._state(trustee, found)

    def document(self, survey: str, token: str, name: str) -> bytes:
        """16.2, 16.5. Raises TooEarly or CountNotReady for what does not exist yet."""
        _, found = self._admit(survey, token)
        if name == "definition":
            return encode_definition(found.definition)
        if name == "manifest":
            if found.manifest is None:
                raise TooEarly("manifest", ())
            return found.manifest.encode()
        if name == "ceremony":
            return self._record(found).encode()
        work = self._counted(found)
        assert work.board is not None
        assert work.count is not None
        if name == "board":
            return b"".join(lp(raw) for raw in work.board.ballots)
        return work.board.checkpoint.encode() if name == "checkpoint" else work.count.plan.encode()

    def accept(self, survey: str, token: str, kind: str, raw: bytes) -> DeskState:
        """16.3, 16.4, 16.6, 16.8: check, keep, move on. Raises what the committee's room refuses; nothing is kept then."""
        trustee, found = self._admit(survey, token)
        fields = Fields(canonical.decode(raw, check="16.3", where=kind), check="16.3", where=kind)
        if kind == "complaint":
            complain(self._stores.app, found.definition, found.attempt, trustee, raw)
        elif kind in ("commit", "deal", "confirm"):
            self._ceremony(trustee, found, kind, fields)
        elif kind == "share":
            self._share(trustee, found, fields)
        else:
            self._certificate(trustee, found, fields)
        return self._state(trustee, ledger.find(self._stores.app, self._keyring, survey))

    def papers(self, survey: str, token: str) -> dict[str, Any]:
        """16.7. Raises CountNotReady before the sums are solved."""
        _, found = self._admit(survey, token)
        work = self._counted(found)
        if work.papers is None or work.count is None:
            raise CountNotReady("the papers are not drawn up yet")
        certified = work.papers.certified(work.count)
        hashes = {name: getattr(certified, name).hex() for name in certified.__slots__}
        return {"certified": hashes, "text": work.papers.text.decode()}

    def _ceremony(self, trustee: int, found: Round, kind: str, fields: Fields) -> None:
        app, definition, attempt = self._stores.app, found.definition, found.attempt
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
                opening.make_manifest(self._stores, self._keyring, definition, attempt)
        else:
            confirm = read_confirm(fields)
            _own(trustee, confirm.trustee)
            if found.manifest is None:
                raise TooEarly("confirm", ())
            ceremony.accept_confirm(app, found.manifest, attempt, confirm)
            if len(self._record(found).confirms) == n:
                opening.confirm(self._stores, found.manifest, attempt)

    def _share(self, trustee: int, found: Round, fields: Fields) -> None:
        work = self._counted(found)
        assert work.count is not None
        share = read_share(fields.object("share"))
        cosignature = fields.hex("cosignature", 64)
        fields.done()
        _own(trustee, share.trustee)
        given = {each.trustee for each in counting.shares_in(self._stores.app, work.count)}
        if trustee not in given and len(given) >= found.definition.threshold:
            # A further share would change who is named in minutes that may be signed already.
            raise EnoughShares(len(given))
        counting.accept_share(self._stores.app, work.count, share, cosignature)
        self.work.go_on(found.survey)

    def _certificate(self, trustee: int, found: Round, fields: Fields) -> None:
        work = self._counted(found)
        if work.papers is None or work.count is None:
            raise CountNotReady("the papers are not drawn up yet")
        signed_by, signature = fields.integer("trustee", 1, 15), fields.hex("signature", 64)
        fields.done()
        _own(trustee, signed_by)
        certified = work.papers.certified(work.count)
        facts = there(work.facts)
        accept_certificate(
            self._stores.app,
            work.count,
            certified,
            certificate_of(trustee, certified, signature),
            lambda connection: conduct.settle(connection, self._keyring, found.survey, facts),
        )
        self.work.go_on(found.survey)

    def _counted(self, found: Round) -> Work:
        work = self.work.of(found.survey)
        if work.count is None or work.board is None:
            raise CountNotReady("the count has not begun yet")
        return work

    def _record(self, found: Round) -> Ceremony:
        return ceremony.record(self._stores.app, found.definition, found.attempt)

    def _state(self, trustee: int, found: Round) -> DeskState:
        work, record, definition = self.work.of(found.survey), self._record(found), found.definition
        count = work.count
        shares = () if count is None else counting.shares_in(self._stores.app, count)
        in_shares = tuple(each.trustee for each in shares)
        busy, failed = self.work.under_way(found.survey)
        return DeskState(
            trustee=trustee,
            names=definition.trustees,
            threshold=definition.threshold,
            stage=self._stage(found, record, work, len(in_shares)),
            attempt=found.attempt,
            commits=tuple(each.trustee for each in record.commits),
            deals=tuple(each.trustee for each in record.deals),
            confirms=tuple(each.trustee for each in record.confirms),
            shares=in_shares,
            complaints=complaints(self._stores.app, definition, found.attempt),
            definition=definition.digest.hex(),
            manifest=None if found.manifest is None else found.manifest.hash.hex(),
            ballots=None if count is None else sum(count.ballots),
            sums=None if count is None else len(count.sums),
            busy=busy,
            failed=failed,
        )

    def _stage(self, found: Round, record: Ceremony, work: Work, shares: int) -> Stage:
        n = len(found.definition.trustees)
        if found.state is State.FROZEN:
            if len(record.commits) < n:
                return Stage.COMMIT
            return Stage.DEAL if len(record.deals) < n else Stage.CONFIRM
        if found.state in _AFTER:
            return _AFTER[found.state]
        if work.count is None:
            return Stage.CLOSED
        if certificate_in(self._stores.app, found.survey) is not None:
            return Stage.CERTIFIED
        if work.papers is not None:
            return Stage.PAPERS
        return Stage.COUNT if shares < found.definition.threshold else Stage.SOLVING

    def _admit(self, survey: str, token: str) -> tuple[int, Round]:
        trustee = holder_of(self._stores.app, survey, Purpose.TRUSTEE, token, self._now())
        return trustee, ledger.find(self._stores.app, self._keyring, survey)


def _own(trustee: int, named: int) -> None:
    """A link sends the messages of its own trustee only."""
    if trustee != named:
        raise ForeignTrustee(named)
