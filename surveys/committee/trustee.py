"""One trustee at work, with a sheet and the public record (docs/protocol.md §5, §12). DANGER: holds the seed.

The same calls serve the command line and the rehearsal. A trustee believes nothing the server says: it checks all
messages of the others, and recomputes root, plan and sums before it opens anything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from surveys.committee.errors import RefusedByTrustee
from surveys.committee.plans import plan_for
from surveys.protocol import ballot as ballots_of
from surveys.protocol import checkpoint as notes
from surveys.protocol import merkle
from surveys.protocol.ballot import Ballot
from surveys.protocol.ceremony import Ceremony, Commit, Confirm, Deal, election_keys
from surveys.protocol.ceremony_checks import (
    check_commits,
    check_complete,
    check_confirm,
    check_deal,
    check_keys,
    check_rehearsal,
)
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


class Trustee:
    """Trustee number `trustee` (from 1) with its seed. Holds no other state than the plan it has signed."""

    def __init__(self, seed: bytes, trustee: int) -> None:
        self._seed = seed
        self.trustee = trustee
        self._signed: dict[bytes, bytes] = {}

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
        sheet = self._sheet(definition, attempt)
        check_commits(commits, definition.digest, attempt)
        expected = list(range(1, len(definition.trustees) + 1))
        if [commit.trustee for commit in commits] != expected or commits[self.trustee - 1] != sheet.commit():
            raise RefusedByTrustee("the list of commits is not complete, or holds another commit in its name")
        return sheet.deal(commits)

    def confirm(
        self, manifest: Manifest, attempt: int, commits: Sequence[Commit], deals: Sequence[Deal]
    ) -> Confirm:
        """Third round (5.6). Checks every deal, its own shares, and that the manifest holds this ceremony's key."""
        definition = manifest.definition
        sheet = self._sheet(definition, attempt)
        check_commits(commits, definition.digest, attempt)
        for deal in deals:
            check_deal(deal, commits, definition, attempt)
        keys = check_keys(Ceremony(attempt, tuple(commits), tuple(deals), ()), manifest)
        return sheet.confirm(commits, deals, keys, manifest)

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
        """Check everything, then open the sums of the plan (12.2) and cosign the checkpoint (10.4).

        `proofs` ballots, evenly spread over the board, have token, signature and proofs checked; None checks all.
        Raises Rejected for what a clause forbids, RefusedByTrustee for a board or plan that is not what it says or
        for a second plan. Nothing is signed then. Running it again gives the same contribution.
        """
        definition = manifest.definition
        self._check_ceremony(manifest, ceremony)
        self._check_board(manifest, ballots, checkpoint)
        self._check_ballots(manifest, ballots, proofs, on_checked)
        by_panel = ballots_by_panel(manifest, ballots)
        if plan != plan_for(manifest, checkpoint.root, by_panel):
            raise RefusedByTrustee("the plan is not the one that follows from the board")
        plan.check_atoms(definition, by_panel)
        if self._signed.setdefault(manifest.hash, plan.digest) != plan.digest:
            raise RefusedByTrustee("it has opened another plan of this vote before")
        keys = election_keys(definition.digest, ceremony.attempt, ceremony.commits, ceremony.deals)
        sheet = self._sheet(definition, ceremony.attempt)
        share = decrypt_sums(
            sheet,
            sheet.secret_share(ceremony.commits, ceremony.deals),
            keys.verification_keys[self.trustee - 1],
            ShareContext(manifest.hash, checkpoint.root, plan.digest),
            [alpha for alpha, _ in sums_of(manifest, ballots, plan)],
        )
        return Contribution(share, sheet.sign(checkpoint.body()))

    def certify(self, manifest: Manifest, ceremony: Ceremony, message: bytes) -> bytes:
        """Sign the certificate's message (13.6), 64 bytes."""
        return self._sheet(manifest.definition, ceremony.attempt).sign(message)

    def _check_ceremony(self, manifest: Manifest, ceremony: Ceremony) -> None:
        definition = manifest.definition
        definition.check()
        check_complete(ceremony, definition)
        check_commits(ceremony.commits, definition.digest, ceremony.attempt)
        for deal in ceremony.deals:
            check_deal(deal, ceremony.commits, definition, ceremony.attempt)
        keys = check_keys(ceremony, manifest)
        for confirm in ceremony.confirms:
            check_confirm(confirm, keys, ceremony.commits[confirm.trustee - 1].sign_key, manifest)
        check_rehearsal(ceremony.confirms, keys, definition.threshold)
        if self._sheet(definition, ceremony.attempt).commit() != ceremony.commits[self.trustee - 1]:
            raise RefusedByTrustee("the sheet does not belong to this ceremony")

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
    ) -> None:
        ballots_of.check_unique([(f"board[{i}]", ballot) for i, ballot in enumerate(ballots)])
        step = 1 if proofs is None else max(1, -(-len(ballots) // max(1, proofs)))
        for i in range(0, len(ballots), step):
            where = f"board[{i}]"
            ballots_of.check_token(ballots[i], manifest, where)
            ballots_of.check_signature(ballots[i], where)
            ballots_of.check_proofs(ballots[i], manifest, where)
            if on_checked is not None:
                on_checked(step)
