"""One trustee at work, with a sheet and the public record (docs/protocol.md §5, §12). DANGER: holds the seed.

The same calls serve the command line and the rehearsal. A trustee believes nothing the server says: it checks
all messages of the others, and recomputes root, plan and sums before it signs anything, opens only what
enough members have cosigned, and certifies only papers that it has made again itself
(`surveys.committee.checking`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from surveys.committee.checking import Examined, ExaminedPapers
from surveys.committee.errors import LookUpTime, RefusedByTrustee, TooFewCosigned
from surveys.instants import Instant
from surveys.json_types import JsonObject
from surveys.protocol.agreement import Cosignature, cosign_message, cosigners_of, look_up_left
from surveys.protocol.ceremony import Ceremony, Commit, Confirm, Deal, ElectionKeys, election_keys
from surveys.protocol.ceremony_checks import (
    check_commits,
    check_deal,
    check_keys,
    check_round,
)
from surveys.protocol.manifest import Definition, Manifest
from surveys.protocol.secret.deal import Sheet
from surveys.protocol.secret.decrypt import decrypt_sums
from surveys.protocol.shares import Share, ShareContext


def checkpoint_name(manifest: Manifest, trustee: int | None = None) -> str:
    """The signer's name on a checkpoint: the box's, or a trustee's (10.3, 10.4)."""
    origin = f"tin-nhiem/{manifest.definition.round_id}"
    return origin if trustee is None else f"{origin}/trustee-{trustee}"


@dataclass(frozen=True, slots=True)
class Cosigning:
    """What a trustee says once it has checked everything: its cosignature (11.3), and its signature under the
    checkpoint (10.4).
    """

    cosignature: Cosignature
    checkpoint: bytes

    def as_json(self) -> JsonObject:
        """The message of 16.6."""
        return {"cosignature": self.cosignature.as_json(), "checkpoint": self.checkpoint.hex()}


class Trustee:
    """Trustee number `trustee` (from 1) with its seed.

    `agreed` remembers what it cosigned (A) under which manifest (hash): a second one is refused. Its only
    other state.
    """

    def __init__(self, seed: bytes, trustee: int, agreed: dict[bytes, bytes] | None = None) -> None:
        self._seed = seed
        self.trustee = trustee
        self.agreed = {} if agreed is None else agreed

    def __repr__(self) -> str:
        return f"Trustee({self.trustee})"

    def _sheet(self, definition: Definition, attempt: int) -> Sheet:
        return Sheet(self._seed, definition, attempt, self.trustee)

    def commit(self, definition: Definition, attempt: int) -> Commit:
        """First round (5.2); the same message each time."""
        definition.check()
        return self._sheet(definition, attempt).commit()

    def deal(self, definition: Definition, attempt: int, commits: Sequence[Commit]) -> Deal:
        """Second round (5.3). Checks all commits and that its own stands among them; raises Rejected or
        RefusedByTrustee.
        """
        definition.check()
        sheet = self._sheet(definition, attempt)
        self._check_commits(definition, attempt, commits, sheet)
        return sheet.deal(commits)

    def confirm(
        self, manifest: Manifest, attempt: int, commits: Sequence[Commit], deals: Sequence[Deal]
    ) -> Confirm:
        """Third round (5.6). Checks that all commits and deals are there, its own among them, each deal, its
        own shares, and that the manifest holds this ceremony's key. Were a deal missing, fewer dealers than
        everybody would know that key.
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

    def cosign(self, examined: Examined, at: Instant) -> Cosigning:
        """Agree to a board and its plan that this client has checked whole (11.3); `at` is now. Remembers it.

        Raises RefusedByTrustee for another sheet, or for another board or plan than it cosigned before.
        Nothing is signed then.
        """
        sheet = self._own_sheet(examined.manifest, examined.ceremony)
        self._refuse_another(examined.manifest, examined.agreed)
        self.agreed[examined.manifest.hash] = examined.agreed
        message = cosign_message(examined.agreed, self.trustee, at)
        return Cosigning(
            Cosignature(self.trustee, at, sheet.sign(message)), sheet.sign(examined.checkpoint.body())
        )

    def open(
        self,
        examined: Examined,
        cosignatures: Sequence[Cosignature],
        *,
        absent: Sequence[int] = (),
        now: Instant,
        since: Instant,
    ) -> Share:
        """Open the sums of a board that enough members have cosigned (12.2). The same share each time for the
        same cosigners.

        `absent` are the members whom this one has tried to reach and names absent; `since` is when this
        client first saw this board. Raises Rejected for a cosignature that does not hold, TooFewCosigned,
        LookUpTime, or what `cosign` raises. Nothing is opened then.
        """
        manifest, ceremony = examined.manifest, examined.ceremony
        definition = manifest.definition
        sheet = self._own_sheet(manifest, ceremony)
        self._refuse_another(manifest, examined.agreed)
        for each in cosignatures:
            where = f"agreement.cosignatures[{each.trustee}]"
            if each.trustee > len(ceremony.commits):
                raise RefusedByTrustee(f"there is no member {each.trustee}")
            each.check(examined.agreed, ceremony.commits[each.trustee - 1].sign_key, where)
        cosigned = sorted({each.trustee for each in cosignatures})
        if self.trustee not in cosigned:
            raise RefusedByTrustee("it has not cosigned this board yet")
        if len(cosigned) < definition.threshold:
            raise TooFewCosigned(self._missing(definition, cosigned))
        cosigners = cosigners_of(cosigned, len(definition.trustees), definition.threshold)
        if not set(cosigners.absent) <= set(absent):
            raise TooFewCosigned(tuple(sorted(set(cosigners.absent) - set(absent))))
        self._keep_look_up_time(definition, cosignatures, now, since)
        keys = election_keys(definition.digest, ceremony.attempt, ceremony.commits, ceremony.deals)
        return decrypt_sums(
            sheet,
            sheet.secret_share(ceremony.commits, ceremony.deals),
            keys.verification_keys[self.trustee - 1],
            ShareContext(manifest.hash, examined.checkpoint.root, examined.plan.digest),
            cosigners,
            [alpha for alpha, _ in examined.sums],
        )

    @staticmethod
    def _missing(definition: Definition, cosigned: Sequence[int]) -> tuple[int, ...]:
        return tuple(i for i in range(1, len(definition.trustees) + 1) if i not in cosigned)

    @staticmethod
    def _keep_look_up_time(
        definition: Definition, cosignatures: Sequence[Cosignature], now: Instant, since: Instant
    ) -> None:
        left = look_up_left(
            definition.look_up, definition.threshold, [each.at for each in cosignatures], now, since
        )
        if left > 0:
            raise LookUpTime(left)

    def owns(self, definition: Definition, ceremony: Ceremony) -> bool:
        """Whether this is the sheet of this trustee's commit in a record."""
        return self.commit(definition, ceremony.attempt) in ceremony.commits

    def _refuse_another(self, manifest: Manifest, agreed: bytes) -> None:
        if self.agreed.get(manifest.hash, agreed) != agreed:
            raise RefusedByTrustee("it has cosigned another board or plan of this vote before")

    def certify(self, examined: ExaminedPapers, pdf: bytes | None) -> bytes:
        """Sign papers that this client has made again itself (13.6), 64 bytes; `pdf` are the typeset minutes
        that its member has seen.

        Raises RefusedByTrustee for another vote, another board than it cosigned, or a file that the minutes
        do not name.
        """
        named = None if pdf is None else sha256(pdf).digest()
        if named != examined.typeset:
            raise RefusedByTrustee("the typeset minutes are not the ones that the minutes name")
        sheet = self._own_sheet(examined.manifest, examined.ceremony)
        self._refuse_another(examined.manifest, examined.agreed)
        return sheet.sign(examined.certified.message())

    def _own_sheet(self, manifest: Manifest, ceremony: Ceremony) -> Sheet:
        """The sheet, once it is shown that its own commit stands in a ceremony that was checked."""
        sheet = self._sheet(manifest.definition, ceremony.attempt)
        self._check_commits(manifest.definition, ceremony.attempt, ceremony.commits, sheet)
        # Its own deal and shares too: a ceremony that is sound for everybody else may still not be this
        # member's.
        self._check_deals(manifest, ceremony.attempt, ceremony.commits, ceremony.deals)
        return sheet
