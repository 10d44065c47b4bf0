"""Signing in with the organisation's account, against a real OpenID Connect provider that runs here."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from surveys.accounts.roles import Role, Staff
from surveys.accounts.staff_log import StaffLog
from surveys.provider import Provider
from surveys.settings import BadSetting, Settings, read_settings
from tests.staff import Browser, StaffSite, everything, quick, staff_site

HOME, LOGIN = "/en/", "/en/account/login"
BEGIN, ANSWER, OUT = (f"/en/account/organisation{rest}" for rest in ("", "/answer", "/out"))
CLIENT = "tin-nhiem"


# The provider is built on parts of Authlib that say themselves that they will go.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import oidc_provider_mock
    with oidc_provider_mock.run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture(scope="module")
def site(issuer: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaffSite]:
    provider = Provider(issuer, CLIENT, "secret", second_factor=frozenset({"mfa", "urn:org:two"}))
    made = staff_site(tmp_path_factory.mktemp("oidc"), Settings(provider=provider))
    quick(made.app)
    yield made
    made.stores.close()


@pytest.fixture(autouse=True)
def _counted_anew(site: StaffSite) -> None:
    for limiter in site.app.extensions["limiter"]:
        limiter.reset()


def somebody(site: StaffSite, name: str, *, factor: bool = True) -> Staff:
    return site.account(name, everything(Role.ORGANIZER), factor=factor)


def known(issuer: str, email: str, **claims: object) -> str:
    """A person at the provider; the subject."""
    said: Any = {"email": email, "email_verified": True, **claims}
    answer = requests.put(f"{issuer}/users/{email}", json=said, timeout=10)
    assert answer.ok, answer.text
    return email


def asked(browser: Browser, subject: str) -> dict[str, str]:
    """To the provider and back: code and state of its answer."""
    sent = browser.get(BEGIN)
    assert sent.status_code == 302
    back = requests.post(sent.location, data={"sub": subject}, allow_redirects=False, timeout=10)
    assert back.status_code == 302, back.text
    parts = urlsplit(back.headers["Location"])
    assert parts.path.endswith(ANSWER)
    return {name: values[0] for name, values in parse_qs(parts.query).items()}


def answered(browser: Browser, given: Mapping[str, str]) -> Any:
    page = f"{ANSWER}?code={given['code']}&state={given['state']}"
    return browser.post(ANSWER, given, at=page)


def inside(browser: Browser) -> bool:
    return bool(browser.get(HOME).status_code == 200)


def log(site: StaffSite) -> list[tuple[str, str, Mapping[str, str | int]]]:
    entries = StaffLog(site.stores.app, lambda: datetime.now(UTC)).entries()
    return [(each.act, each.actor, each.facts) for each in entries]


def test_who_was_invited_comes_in_with_a_second_factor_that_the_organisation_asked_for(
    site: StaffSite, issuer: str
) -> None:
    staff, browser = somebody(site, "mfa", factor=False), site.browser()
    subject = known(issuer, staff.email, amr=["pwd", "mfa"])
    given = asked(browser, subject)
    page = browser.get(f"{ANSWER}?code={given['code']}&state={given['state']}")
    assert page.status_code == 200
    assert not inside(browser)
    assert answered(browser, given).status_code == 303
    assert inside(browser)
    acts = log(site)
    assert acts[0] == ("account.signed_in", staff.id, {"auth_type": "organisation"})


@pytest.mark.parametrize("claims", [{}, {"amr": ["pwd"]}, {"acr": "urn:org:one"}, {"amr": "mfa"}])
def test_without_a_trusted_one_the_accounts_own_second_factor_is_asked_for(
    site: StaffSite, issuer: str, claims: dict[str, object]
) -> None:
    staff, browser = somebody(site, f"own-{len(log(site))}"), site.browser()
    refusing = claims.get("amr") == "mfa"  # no list: not an identity token at all
    answer = answered(browser, asked(browser, known(issuer, staff.email, **claims)))
    assert not inside(browser)
    if refusing:
        assert answer.status_code == 403
        return
    browser.post("/en/account/tf-validate", {"code": site.code(staff, 0)})
    assert inside(browser)


def test_an_acr_that_is_trusted_will_do(site: StaffSite, issuer: str) -> None:
    staff, browser = somebody(site, "acr"), site.browser()
    answered(browser, asked(browser, known(issuer, staff.email, acr="urn:org:two")))
    assert inside(browser)
    browser.post("/en/account/logout", at=HOME)
    assert not inside(browser)


@pytest.mark.parametrize(
    ("name", "claims"),
    [("nobody", {}), ("unverified", {"email_verified": False}), ("text", {"email_verified": "true"})],
)
def test_nobody_gets_an_account_by_signing_in(
    site: StaffSite, issuer: str, name: str, claims: dict[str, object]
) -> None:
    email = "stranger@example.org" if name == "nobody" else somebody(site, name).email
    browser = site.browser()
    answer = answered(browser, asked(browser, known(issuer, email, amr=["mfa"], **claims)))
    assert answer.status_code == 403
    assert "has not been invited here" in answer.get_data(as_text=True)
    assert not inside(browser)
    assert log(site)[0] == (
        "account.refused",
        "organisation",
        {"auth_type": "organisation", "refusal": "NotInvited"},
    )


def test_an_answer_is_good_once_and_only_in_the_browser_that_asked(site: StaffSite, issuer: str) -> None:
    staff, browser = somebody(site, "once"), site.browser()
    subject = known(issuer, staff.email, amr=["mfa"])
    given = asked(browser, subject)
    page = f"{ANSWER}?code={given['code']}&state={given['state']}"
    token = browser.token(page)
    copied = browser.cookies()

    stranger = site.browser()
    assert answered(stranger, given).status_code == 403
    assert not inside(stranger)
    assert answered(browser, given).status_code == 303
    again = site.browser()
    for cookie in copied:
        again.client.set_cookie(cookie.key, cookie.value, path=cookie.path)
    replayed = again.post(ANSWER, {**given, "csrf_token": token}, token=False)
    assert replayed.status_code == 403
    assert not inside(again)


@pytest.mark.parametrize("field", ["code", "state"])
def test_another_code_or_state_is_refused(site: StaffSite, issuer: str, field: str) -> None:
    staff, browser = somebody(site, f"other-{field}"), site.browser()
    given = asked(browser, known(issuer, staff.email, amr=["mfa"]))
    assert answered(browser, {**given, field: "x" * 40}).status_code == 403
    assert browser.post(ANSWER, given, token=False).status_code == 400
    assert not inside(browser)


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "http://localhost:1"},
        {"aud": "another client"},
        {"aud": [CLIENT, "another client"]},
        {"aud": [CLIENT, "another client"], "azp": CLIENT},
        {"nonce": "another nonce"},
        {"nonce": None},
        {"exp": 1_700_000_000},
        {"iss": None},
        {"aud": None},
        {"at_hash": "of another token"},
    ],
    ids=str,
)
def test_a_token_with_a_wrong_claim_is_refused(site: StaffSite, issuer: str, wrong: dict[str, Any]) -> None:
    staff, browser = somebody(site, f"wrong-{len(log(site))}"), site.browser()
    # The provider signs what it is told of a person, over what it would say itself.
    answer = answered(browser, asked(browser, known(issuer, staff.email, amr=["mfa"], **wrong)))
    assert answer.status_code == 403
    assert "cannot be used" in answer.get_data(as_text=True)
    assert not inside(browser)
    answered(browser, asked(browser, known(issuer, staff.email, amr=["mfa"])))  # the twin: all of it right
    assert inside(browser)


def test_a_copied_cookie_is_worth_nothing_with_a_fresh_code_either(site: StaffSite, issuer: str) -> None:
    """The provider gives another code for the same request; only what is noted here refuses it."""
    staff, browser = somebody(site, "fresh-code"), site.browser()
    subject = known(issuer, staff.email, amr=["mfa"])
    sent, copied = browser.get(BEGIN), browser.cookies()

    def code() -> dict[str, str]:
        back = requests.post(sent.location, data={"sub": subject}, allow_redirects=False, timeout=10)
        query = parse_qs(urlsplit(back.headers["Location"]).query)
        return {name: query[name][0] for name in ("code", "state")}

    assert answered(browser, code()).status_code == 303
    thief = site.browser()
    for cookie in copied:
        thief.client.set_cookie(cookie.key, cookie.value, path=cookie.path)
    assert answered(thief, code()).status_code == 403
    assert not inside(thief)


def test_the_link_carries_state_nonce_and_pkce(site: StaffSite, issuer: str) -> None:
    browser = site.browser()
    query = parse_qs(urlsplit(browser.get(BEGIN).location).query)
    assert query["code_challenge_method"] == ["S256"]
    assert query["response_type"] == ["code"]
    assert all(len(query[name][0]) >= 20 for name in ("state", "nonce", "code_challenge"))


def test_an_address_that_answers_for_another_issuer_is_refused(
    issuer: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = issuer.replace("localhost", "127.0.0.1") + "/"
    for told, status in ((elsewhere, 403), ("http://127.0.0.1:9", 503)):
        provider = Provider(told, CLIENT, "secret")
        other = staff_site(tmp_path_factory.mktemp("other"), Settings(provider=provider))
        try:
            assert other.browser().get(BEGIN).status_code == status
        finally:
            other.stores.close()


def test_the_page_offers_both_ways_in_both_languages_and_the_way_out(site: StaffSite, issuer: str) -> None:
    browser = site.browser()
    assert "Sign in with the organisation's account" in browser.get(LOGIN).get_data(as_text=True)
    assert "Đăng nhập bằng tài khoản của tổ chức" in browser.get("/vi/account/login").get_data(as_text=True)
    out = browser.get(OUT)
    assert out.status_code == 302
    assert out.location.startswith(f"{issuer}/oauth2/end_session?")


def test_settings_that_mean_nothing_are_refused_by_name() -> None:
    good = {
        "TIN_NHIEM_OIDC_ISSUER": "https://id.example.org",
        "TIN_NHIEM_OIDC_CLIENT_ID": "tin-nhiem",
        "TIN_NHIEM_OIDC_CLIENT_SECRET": "s3cret",
        "TIN_NHIEM_OIDC_SECOND_FACTOR": "mfa, urn:x",
    }
    provider = read_settings(good).provider
    assert provider == Provider(
        "https://id.example.org", "tin-nhiem", "s3cret", "email", frozenset({"mfa", "urn:x"})
    )
    assert "s3cret" not in repr(provider)
    assert read_settings({}).provider is None
    for name, value in (
        ("ISSUER", "http://id.example.org"),
        ("ISSUER", ""),
        ("ISSUER", "https://id.example.org?x=1"),
        ("CLIENT_SECRET", ""),
        ("CLAIM", "two words"),
        ("OTHER", "x"),
    ):
        with pytest.raises(BadSetting, match=f"TIN_NHIEM_OIDC_{name}"):
            read_settings({**good, f"TIN_NHIEM_OIDC_{name}": value})
