"""The registrar's private operation and the voter's side of it: a hardware fault gives nothing away (7.2 to
7.4).
"""

from __future__ import annotations

from math import gcd

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateNumbers
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.protocol.errors import BadSignature, Fault, Malformed
from surveys.protocol.issuance import check_requests
from surveys.protocol.secret.blind import blind, finalize
from surveys.protocol.secret.encrypt import seeded
from surveys.protocol.secret.sign_token import TokenKey, blind_sign, load_token_key
from surveys.protocol.secret.slip_key import slip_key
from tests.vectors.book import randomness
from tests.vectors.vote import the_vote

KEY = the_vote().token_keys[0]
NUMBERS = KEY.private.private_numbers()
N, E = NUMBERS.public_numbers.n, NUMBERS.public_numbers.e
BLINDED = (2**2000 + 12345).to_bytes(256, "big")


def _broken(half: str) -> TokenKey:
    """The key with one bit flipped in what one half of the CRT uses."""
    change = {name: getattr(NUMBERS, name) for name in ("p", "q", "d", "dmp1", "dmq1", "iqmp")}
    change[half] ^= 2
    numbers = RSAPrivateNumbers(**change, public_numbers=NUMBERS.public_numbers)
    return TokenKey(numbers.private_key(unsafe_skip_rsa_key_validation=True))


@pytest.mark.parametrize("half", ["dmp1", "dmq1", "iqmp"])
def test_a_faulty_half_releases_nothing(half: str) -> None:
    with pytest.raises(Fault) as refused:
        blind_sign(_broken(half), BLINDED)
    assert refused.value.check == "7.3"
    assert not [arg for arg in refused.value.args if isinstance(arg, int | bytes)]


@pytest.mark.parametrize("half", ["dmp1", "dmq1"])
def test_the_twin_one_faulty_answer_is_the_private_key(half: str) -> None:
    key = _broken(half).private.private_numbers()
    message = int.from_bytes(BLINDED, "big")
    a, b = pow(message, key.dmp1, key.p), pow(message, key.dmq1, key.q)
    answer = b + key.q * ((a - b) * key.iqmp % key.p)
    factor = gcd(pow(answer, E, N) - message, N)
    assert factor in (NUMBERS.p, NUMBERS.q)


def test_the_same_message_gets_the_same_answer_under_any_blinding_of_the_operation() -> None:
    answers = {blind_sign(KEY, BLINDED) for _ in range(3)}
    assert len(answers) == 1
    assert pow(int.from_bytes(answers.pop(), "big"), E, N) == int.from_bytes(BLINDED, "big")


@settings(max_examples=15, deadline=None)
@given(st.binary(max_size=80), st.integers(0, 2**32))
def test_what_is_blinded_signed_and_finalized_verifies(message: bytes, seed: int) -> None:
    public = KEY.private.public_key()
    take = randomness(f"blind {seed}")
    first, second = blind(public, message, take), blind(public, message, take)
    assert first.message != second.message
    token = finalize(public, message, blind_sign(KEY, first.message), first)
    assert len(token) == 256
    # The unblinded answer of the other request does not fit: each blind is used with its own answer.
    with pytest.raises(BadSignature):
        finalize(public, message, blind_sign(KEY, second.message), first)


def test_secrets_do_not_print_themselves() -> None:
    blinded = blind(KEY.private.public_key(), b"m")
    assert str(blinded.inverse) not in repr(blinded)
    assert repr(KEY) == "TokenKey(…)"
    assert load_token_key(KEY.private_der()).public_der() == KEY.public_der()


@pytest.mark.parametrize("length", [255, 257])
def test_among_many_requests_one_of_another_length_is_refused_though_it_is_signed(length: int) -> None:
    slip = slip_key(bytes(10), bytes(16))
    good, wrong = (slip.request(bytes(32), 0, bytes(size)) for size in (256, length))
    check_requests([("a", good)], bytes(32))
    for requests in ([("b", wrong)], [("a", good), ("b", wrong)]):
        with pytest.raises(Malformed) as caught:
            check_requests(requests, bytes(32))
        assert (caught.value.check, caught.value.where) == ("7.2", "b")


def test_a_blind_that_hides_nothing_is_drawn_again() -> None:
    """Times one, the registrar would see the message itself."""
    draws = [bytes(48), *((0).to_bytes(256, "big"), (1).to_bytes(256, "big"), (2).to_bytes(256, "big"))]
    blinded = blind(KEY.private.public_key(), b"message", lambda _: draws.pop(0))
    assert draws == []
    assert blinded.inverse * 2 % N == 1


def test_a_draw_out_of_one_seed_has_its_length() -> None:
    assert len(seeded(bytes(32))(64)) == 64
    for length in (63, 65):
        with pytest.raises(ValueError, match="64 bytes"):
            seeded(bytes(32))(length)
