"""The ballot of docs/protocol.md §8: its bytes, its token, its signature, its proofs.

Everything here works on public data. Danger: a field that is not in the body is not bound by the proofs, and
a check that is skipped here lets a vote count twice or a choice count for more than one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from surveys.protocol import choice_proof, signature, token
from surveys.protocol.choice_proof import Row
from surveys.protocol.errors import Duplicate, Inconsistent, Malformed
from surveys.protocol.group import Scalar
from surveys.protocol.kernel import rows as kernel_rows
from surveys.protocol.manifest import Manifest
from surveys.protocol.transcript import challenge, digest, hash64, transcript, u32

MAGIC = b"TNB2"
HEADER = 4 + 32 + 4 + 32 + 4
TOKEN_BYTES = 256
SIGNATURE_BYTES = 64
TRACKER_BYTES = 10
# 100 contests of five levels (4.2): 76 + 100·(64 + 64·6 + 32·5 + 32·6) + 320.
MOST_BALLOT_BYTES = 80_396


@dataclass(frozen=True)
class Ballot:
    """A ballot that decodes (8.2); its token, signature and proofs are checked apart."""

    panel: int
    key: bytes
    sequence: int
    rows: tuple[Row, ...]
    token: bytes
    signature: bytes
    body: bytes

    @cached_property
    def digest(self) -> bytes:
        """32 bytes over the body (8.7)."""
        return digest("ballot/digest", self.body)

    @property
    def tracker(self) -> bytes:
        """10 bytes; written with `codes.write_code` (8.7)."""
        return self.digest[:TRACKER_BYTES]

    @property
    def raw(self) -> bytes:
        """The ballot as cast and as it stands on the board."""
        return self.body + self.token + self.signature


def row_size(levels: int) -> int:
    """Bytes of one row (8.1)."""
    return 64 + 64 * (levels + 1) + 32 * levels + 32 * (levels + 1)


def ballot_size(contests: int, levels: int) -> int:
    """Bytes of a ballot with so many contests under a rule with so many levels (8.1)."""
    return HEADER + contests * row_size(levels) + TOKEN_BYTES + SIGNATURE_BYTES


def body_header(manifest_hash: bytes, panel: int, key: bytes, sequence: int) -> bytes:
    """The first 76 bytes of the body (8.1)."""
    return MAGIC + manifest_hash + u32(panel) + key + u32(sequence)


def token_message(manifest_hash: bytes, panel: int, key: bytes) -> bytes:
    """What the registrar signs blindly (7.2)."""
    return transcript("token", manifest_hash, u32(panel), key)


def signed_message(body: bytes, token_bytes: bytes) -> bytes:
    """What the ballot key signs (8.4)."""
    return transcript("ballot/signature", body, token_bytes)


def proof_challenge(
    manifest_hash: bytes, panel: int, key: bytes, sequence: int, statements: Iterable[bytes]
) -> Scalar:
    """The one challenge of a ballot, over every row's ciphertext and commitments (8.5)."""
    return challenge("ballot/proof", manifest_hash, u32(panel), key, u32(sequence), *statements)


def proof_hash(
    manifest_hash: bytes, panel: int, key: bytes, sequence: int, rows: bytes, levels: int
) -> bytes:
    """The challenge of a ballot before reduction (8.5), out of its rows' bytes as they stand in the body."""
    size, stated = row_size(levels), 64 + 64 * (levels + 1)
    statements = [rows[at : at + stated] for at in range(0, len(rows), size)]
    return hash64("ballot/proof", manifest_hash, u32(panel), key, u32(sequence), *statements)


def decode_ballot(raw: bytes, manifest: Manifest, where: str = "ballot") -> Ballot:
    """Decode strictly (8.2). Raises Malformed or Inconsistent (check "8.2") with the field's place."""
    return _with_ends(raw, where, lambda body: decode_body(body, manifest, where))


def _with_ends(raw: bytes, where: str, decode: Callable[[bytes], Ballot]) -> Ballot:
    cut = len(raw) - TOKEN_BYTES - SIGNATURE_BYTES
    if cut < HEADER:
        raise Malformed(check="8.2", where=where, why="too short")
    ballot = decode(raw[:cut])
    return Ballot(
        panel=ballot.panel,
        key=ballot.key,
        sequence=ballot.sequence,
        rows=ballot.rows,
        token=raw[cut : cut + TOKEN_BYTES],
        signature=raw[cut + TOKEN_BYTES :],
        body=ballot.body,
    )


def read_header(raw: bytes, manifest: Manifest, where: str = "ballot") -> tuple[int, bytes, int]:
    """(panel, ballot key, sequence) of a ballot or body, without looking at its rows (8.2)."""
    if len(raw) < HEADER:
        raise Malformed(check="8.2", where=where, why="too short")
    if raw[:4] != MAGIC:
        raise Malformed(check="8.2", where=f"{where}.magic", why="not a ballot of this version")
    if raw[4:36] != manifest.hash:
        raise Inconsistent(check="8.2", where=f"{where}.manifest", why="made for another vote")
    panel = int.from_bytes(raw[36:40], "big")
    if panel >= len(manifest.definition.panels):
        raise Inconsistent(check="8.2", where=f"{where}.panel", why="no such panel")
    sequence = int.from_bytes(raw[72:76], "big")
    if sequence < 1:
        raise Malformed(check="8.2", where=f"{where}.sequence", why="below 1")
    return panel, raw[40:72], sequence


def decode_body(body: bytes, manifest: Manifest, where: str = "ballot") -> Ballot:
    """Decode a body strictly (8.2); the ballot has an empty token and signature."""
    header = read_header(body, manifest, where)
    levels = len(manifest.definition.levels)
    rows = choice_proof.decode_rows(list(_cut_rows(body, header[0], manifest, where)), levels, check="8.2")
    return Ballot(*header, rows, b"", b"", body)


def _cut_rows(body: bytes, panel: int, manifest: Manifest, where: str) -> Iterator[tuple[bytes, str]]:
    """Each row's bytes and place, once the length is that of the panel's ballots."""
    contests = len(manifest.definition.panels[panel].contests)
    levels = len(manifest.definition.levels)
    size = row_size(levels)
    if len(body) != HEADER + contests * size:
        raise Malformed(check="8.2", where=where, why=f"not {ballot_size(contests, levels)} bytes long")
    for i in range(contests):
        yield body[HEADER + i * size : HEADER + (i + 1) * size], f"{where}.contests[{i}]"


def check_token(ballot: Ballot, manifest: Manifest, where: str = "ballot") -> None:
    """8.3: a paper was issued for this ballot key in this panel. Raises BadSignature."""
    key = token.decode_key(
        manifest.definition.panels[ballot.panel].token_key, where=f"panels[{ballot.panel}]"
    )
    token.verify(
        key,
        token_message(manifest.hash, ballot.panel, ballot.key),
        ballot.token,
        check="8.3",
        where=f"{where}.token",
    )


def check_signature(ballot: Ballot, where: str = "ballot") -> None:
    """8.4: the holder of the ballot key signed body and token. Raises BadSignature."""
    signature.verify(
        ballot.key,
        signed_message(ballot.body, ballot.token),
        ballot.signature,
        check="8.4",
        where=f"{where}.signature",
    )


def check_proofs(ballot: Ballot, manifest: Manifest, where: str = "ballot") -> None:
    """8.5: every row is one of the rule's choices. Raises BadProof naming the row.

    The kernel is asked first; what it does not pass, libsodium judges.
    """
    if all_proven([ballot], manifest):
        return
    c = proof_challenge(
        manifest.hash, ballot.panel, ballot.key, ballot.sequence, (row.statement() for row in ballot.rows)
    )
    seed = hash64("ballot/weights", ballot.body)
    choice_proof.check_rows(ballot.rows, c, manifest.election_key, seed, check="8.5", where=where)


def all_proven(ballots: Sequence[Ballot], manifest: Manifest) -> bool:
    """Whether the kernel passes the proofs (8.5) of all these ballots; where it does not, ask `check_proofs`
    of each.
    """
    levels = len(manifest.definition.levels)
    rows = [ballot.body[HEADER:] for ballot in ballots]
    hashes = [
        proof_hash(manifest.hash, ballot.panel, ballot.key, ballot.sequence, each, levels)
        for ballot, each in zip(ballots, rows, strict=True)
    ]
    counts = [len(ballot.rows) for ballot in ballots]
    return kernel_rows.all_proven(b"".join(rows), levels, hashes, counts, manifest.election_key)


def check_unique(ballots: Sequence[tuple[str, Ballot]]) -> None:
    """8.6: within a panel no ballot key and no ciphertext component occurs twice. Raises Duplicate.

    `ballots` are (place, ballot) pairs of any panels.
    """
    keys: set[tuple[int, bytes]] = set()
    points: set[tuple[int, bytes]] = set()
    for where, ballot in ballots:
        if (ballot.panel, ballot.key) in keys:
            raise Duplicate(check="8.6", where=f"{where}.key", why="this ballot key occurs twice")
        keys.add((ballot.panel, ballot.key))
        for i, row in enumerate(ballot.rows):
            for name, point in (("alpha", row.alpha), ("beta", row.beta)):
                entry = (ballot.panel, point.encode())
                if entry in points:
                    raise Duplicate(
                        check="8.6", where=f"{where}.contests[{i}].{name}", why="this ciphertext occurs twice"
                    )
                points.add(entry)


def check_opening(
    body: bytes, choices: Sequence[int], randomness: Sequence[Scalar], manifest: Manifest
) -> Ballot:
    """8.8: the body holds these choices under this randomness. Returns the ballot, whose tracker to compare.

    Raises Malformed, Inconsistent or BadProof (check "8.8" for what the opening itself gets wrong).
    """
    ballot = decode_body(body, manifest)
    check_proofs(ballot, manifest)
    if not len(choices) == len(randomness) == len(ballot.rows):
        raise Inconsistent(check="8.8", where="opening", why="not one choice and one scalar for each row")
    levels = len(manifest.definition.levels)
    for i, (row, choice, r) in enumerate(zip(ballot.rows, choices, randomness, strict=True)):
        if not 0 <= choice <= levels:
            raise Malformed(check="8.8", where=f"opening.choices[{i}]", why="no such choice")
        alpha, beta = choice_proof.encryption(manifest.election_key, choice, r)
        if (alpha, beta) != (row.alpha, row.beta):
            raise Inconsistent(check="8.8", where=f"opening.choices[{i}]", why="the row holds something else")
    return ballot
