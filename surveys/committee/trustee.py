"""One trustee at work, with a sheet and the public record (docs/protocol.md §5, §12). DANGER: holds the seed.

The same calls serve the command line and the rehearsal. A trustee believes nothing the server says: it checks all
messages of the others, and recomputes root, plan and sums before it opens anything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import SystemRandom

from surveys.committee.errors import RefusedByTrustee
from surveys.committee.plans import plan_for
from surveys.protocol import ballot as ballots_of
from surveys.protocol import checkpoint as notes
from surveys.protocol import merkle
from surveys.protocol.ballot import Ballot
from surveys.protocol.ceremony import Ceremony, Commit, Confirm, Deal, ElectionKeys, election_keys
from surveys.protocol.ceremony_checks import (
    check_commits,
    check_complete,
    check_confirm,
    check_deal,
    check_keys,
    check_rehearsal,
    check_round,
)
from surveys.protocol.certificate import Certified
from surveys.protocol.manifest import Definition, Manifest
from surveys.protocol.plan import Plan
from surveys.protocol.secret.deal import Sheet
from surveys.protocol.secret.decrypt import decrypt_sums
from surveys.protocol.shares import Share, ShareContext
from surveys.protocol.tally import ballots_by_panel, sums_of

Progress = Callable[[int], None]


def checkpoint_name(manifest: Manifest, trustee: int | None = None) -> str:
    """The signer's name on a checkpoint: the box's, or a trustee's (10.3, 10.4)."""
    origin = f"tin-nhiem/{manifest.definition.survey.hex()}"
    return origin if trustee is None else f"{origin}/trustee-{trustee}"


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a trustee gives to the count: its share, and its signature line under the checkpoint."""

    share: Share
    cosignature: bytes


@dataclass(frozen=True, slots=True)
class Examined:
    """A count that was checked and is not opened yet: what it would open. `smallest` is the size of the smallest group."""

    ballots: int
    checked: int
    sums: int
    smallest: int
    open: Callable[[], Contribution]


class Trustee:
    """Trustee number `trustee` (from 1) with its seed.

    `opened` remembers which plan (digest) was opened of which manifest (hash): a second one is refused. Its only other state.
    """

    def __init__(self, seed: bytes, trustee: int, opened: dict[bytes, bytes] | None = None) -> None:
        self._seed = seed
        self.trustee = trustee
        self.opened = {} if opened is None else opened

    def __repr__(self) -> str:
        return f"Trustee({self.trustee})"

    def _sheet(self, definition: Definition, attempt: int) -> Sheet:
        return Sheet(self._seed, definition, attempt, self.trustee)

    def commit(self, definition: Definition, attempt: int) -> Commit:
        """First round (5.2); the same message each time."""
        definition.check()
        return self._sheet(definition, attempt).commit()

    def deal(self, definition: Definition, attempt: int, commits: Sequence[Commit]) -> Deal:
        """Second round (5.3). Checks all commits and that its own stands among them; raises Rejected or RefusedByTrustee."""
        definition.check()
        sheet = self._sheet(definition, attempt)
        self._check_commits(definition, attempt, commits, sheet)
        return sheet.deal(commits)

    def confirm(
        self, manifest: Manifest, attempt: int, commits: Sequence[Commit], deals: Sequence[Deal]
    ) -> Confirm:
        """Third round (5.6). Checks that all commits and deals are there, its own among them, each deal, its own shares, and
        that the manifest holds this ceremony's key. Were a deal missing, fewer dealers than everybody would know that key.
        """
        definition = manifest.definition
        definition.check()
        sheet = self._sheet(definition, attempt)
        self._check_commits(definition, attempt, commits, sheet)
        keys = self._check_deals(manifest, attempt, commits, deals)
        return sheet.confirm(commits, deals, keys, manifest)

    def _check_commits(
        self, definition: Definition, attempt: int, commits: Sequence[Commit], sheet: Sheet
    ) -> None:
        check_round("commits", commits, definition)
        check_commits(commits, definition.digest, attempt)
        if commits[self.trustee - 1] != sheet.commit():
            raise RefusedByTrustee(
                "the list of commits holds another commit in its name; is it the right sheet?"
            )

    def _check_deals(
        self, manifest: Manifest, attempt: int, commits: Sequence[Commit], deals: Sequence[Deal]
    ) -> ElectionKeys:
        check_round("deals", deals, manifest.definition)
        for deal in deals:
            check_deal(deal, commits, manifest.definition, attempt)
        return check_keys(Ceremony(attempt, tuple(commits), tuple(deals), ()), manifest)

    def examine(
        self,
        manifest: Manifest,
        ceremony: Ceremony,
        ballots: Sequence[Ballot],
        checkpoint: notes.Checkpoint,
        plan: Plan,
        *,
        proofs: int | None = None,
        on_checked: Progress | None = None,
    ) -> Examined:
        """Check everything before anything is opened (12.2); what comes back says what would be opened, and opens it.

        `proofs` ballots, drawn at random so that the server does not know them beforehand, have token, signature and proofs
        checked; None checks all. Raises Rejected for what a clause forbids, RefusedByTrustee for a board or plan that is not
        what it says, or for a second plan.
        """
        definition = manifest.definition
        self._check_ceremony(manifest, ceremony)
        self._check_board(manifest, ballots, checkpoint)
        checked = self._check_ballots(manifest, ballots, proofs, on_checked)
        by_panel = ballots_by_panel(manifest, ballots)
        if plan != plan_for(manifest, checkpoint.root, by_panel):
            raise RefusedByTrustee("the plan is not the one that follows from the board")
        plan.check_atoms(definition, by_panel)
        self._refuse_another(manifest, plan)
        sums = sums_of(manifest, ballots, plan)
        sizes = [sum(by_panel[p] for p in panels) for _, panels in plan.atoms()]

        def open_() -> Contribution:
            self._refuse_another(manifest, plan)
            self.opened[manifest.hash] = plan.digest
            keys = election_keys(definition.digest, ceremony.attempt, ceremony.commits, ceremony.deals)
            sheet = self._sheet(definition, ceremony.attempt)
            share = decrypt_sums(
                sheet,
                sheet.secret_share(ceremony.commits, ceremony.deals),
                keys.verification_keys[self.trustee - 1],
                ShareContext(manifest.hash, checkpoint.root, plan.digest),
                [alpha for alpha, _ in sums],
            )
            return Contribution(share, sheet.sign(checkpoint.body()))

        return Examined(len(ballots), checked, len(sums), min(sizes, default=0), open_)

    def count(
        self,
        manifest: Manifest,
        ceremony: Ceremony,
        ballots: Sequence[Ballot],
        checkpoint: notes.Checkpoint,
        plan: Plan,
        *,
        proofs: int | None = None,
        on_checked: Progress | None = None,
    ) -> Contribution:
        """Examine, open the sums of the plan (12.2) and cosign the checkpoint (10.4), in one go.

        Nothing is signed where `examine` refuses. Running it again gives the same contribution.
        """
        examined = self.examine(
            manifest, ceremony, ballots, checkpoint, plan, proofs=proofs, on_checked=on_checked
        )
        return examined.open()

    def owns(self, definition: Definition, ceremony: Ceremony) -> bool:
        """Whether this is the sheet of this trustee's commit in a record."""
        return self.commit(definition, ceremony.attempt) in ceremony.commits

    def _refuse_another(self, manifest: Manifest, plan: Plan) -> None:
        if self.opened.get(manifest.hash, plan.digest) != plan.digest:
            raise RefusedByTrustee("it has opened another plan of this vote before")

    def certify(self, manifest: Manifest, ceremony: Ceremony, certified: Certified) -> bytes:
        """Sign the certificate's message (13.6), 64 bytes. Raises RefusedByTrustee for another vote, or another plan than it opened."""
        if certified.manifest != manifest.hash or self.opened.get(manifest.hash) not in (
            None,
            certified.plan,
        ):
            raise RefusedByTrustee(
                "the certificate is of another vote, or of another plan than the one opened"
            )
        return self._sheet(manifest.definition, ceremony.attempt).sign(certified.message())

    def _check_ceremony(self, manifest: Manifest, ceremony: Ceremony) -> None:
        definition = manifest.definition
        definition.check()
        check_complete(ceremony, definition)
        self._check_commits(
            definition, ceremony.attempt, ceremony.commits, self._sheet(definition, ceremony.attempt)
        )
        keys = self._check_deals(manifest, ceremony.attempt, ceremony.commits, ceremony.deals)
        for confirm in ceremony.confirms:
            check_confirm(confirm, keys, ceremony.commits[confirm.trustee - 1].sign_key, manifest)
        check_rehearsal(ceremony.confirms, keys, definition.threshold)

    def _check_board(
        self, manifest: Manifest, ballots: Sequence[Ballot], checkpoint: notes.Checkpoint
    ) -> None:
        digests = [ballot.digest for ballot in ballots]
        if any(a >= b for a, b in pairwise(digests)):
            raise RefusedByTrustee("the board is not sorted, or holds a ballot twice")
        expected = notes.Checkpoint(
            checkpoint_name(manifest),
            len(ballots),
            merkle.root([ballot.raw for ballot in ballots]),
            (f"manifest {manifest.hash.hex()}",),
        )
        if checkpoint != expected:
            raise RefusedByTrustee("the checkpoint is not the one of this board")

    def _check_ballots(
        self, manifest: Manifest, ballots: Sequence[Ballot], proofs: int | None, on_checked: Progress | None
    ) -> int:
        ballots_of.check_unique([(f"board[{i}]", ballot) for i, ballot in enumerate(ballots)])
        number = len(ballots) if proofs is None else min(proofs, len(ballots))
        for i in sorted(SystemRandom().sample(range(len(ballots)), number)):
            where = f"board[{i}]"
            whole = ballots_of.decode_ballot(ballots[i].raw, manifest, where)
            ballots_of.check_token(whole, manifest, where)
            ballots_of.check_signature(whole, where)
            ballots_of.check_proofs(whole, manifest, where)
            if on_checked is not None:
                on_checked(1)
        return number
