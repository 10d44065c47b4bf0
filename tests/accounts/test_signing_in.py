"""The sign-in: what Flask-Security leaves open is shut. Each protection stands beside its broken twin: the
same without the check.
"""

from __future__ import annotations

from urllib.parse import quote, urljoin, urlsplit

import pytest
from flask_security import MfRecoveryCodesUtil, PasswordUtil, forms, utils
from flask_security.core import _request_loader
from flask_security.totp import Totp
from flask_security.webauthn import WebAuthnSigninResponseForm

from surveys.accounts import keeping as register
from surveys.accounts.datastore import SignedIn
from surveys.accounts.errors import AccountChanged, CodeSpent
from surveys.accounts.keeping import Secrets
from surveys.accounts.pages import factors
from surveys.accounts.roles import Role
from surveys.settings import Settings
from tests.accounts.entering import (
    CODE,
    LOGIN,
    Entrance,
    acts,
    asked,
    opens,
    show,
    without_way_in,
)
from tests.passkeys import SoftKey
from tests.staff import PASSWORD, Browser, everything, said, staff_site, totp

SIGNIN = "/en/account/wan-signin"
RECOVERY = ("1a2b-3c4d-5e6f", "aaaa-bbbb-cccc")
ELSEWHERE = (
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "http://localhost.evil.example/s/",
    "http://localhost@evil.example/",
)
OTHER = "Đây là mật khẩu khác hẳn"


def test_a_passkey_signs_in_after_the_password_and_only_after_it(entrance: Entrance) -> None:
    staff = entrance.somebody(factor=False)
    key = entrance.passkey(staff)
    stranger = entrance.site.browser()
    assert stranger.post(SIGNIN, at=LOGIN).status_code == 404
    browser = entrance.password(staff)
    assert not opens(browser)
    assert entrance.show(browser, key).status_code == 302
    assert opens(browser)
    assert acts(entrance.site, staff) == [("account.factor", "passkey"), ("account.signed_in", "")]


def test_somebody_elses_passkey_is_no_second_factor(
    entrance: Entrance, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = entrance.somebody(factor=False), entrance.somebody(factor=False)
    entrance.passkey(one)
    key = entrance.passkey(other)
    browser = entrance.password(one)
    entrance.show(browser, key)
    assert not opens(browser)
    assert "not one of your account's" in said(browser.get(SIGNIN))
    assert acts(entrance.site, other)[-1] == ("account.refused", "passkey")
    # Without the check, the password of one and the key of the other let somebody in.
    monkeypatch.setattr(factors.OwnPasskeyForm, "validate", WebAuthnSigninResponseForm.validate)
    entrance.show(browser, key)
    assert opens(browser)


def test_an_answer_of_a_passkey_is_good_only_where_it_was_asked(
    entrance: Entrance, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff = entrance.somebody(factor=False)
    key = entrance.passkey(staff)
    overheard = asked(entrance.password(staff))
    thief = entrance.password(staff)
    asked(thief)
    show(thief, key, *overheard)
    assert not opens(thief)
    monkeypatch.setattr(factors.OwnPasskeyForm, "validate", WebAuthnSigninResponseForm.validate)
    show(thief, key, *overheard)
    assert opens(thief)


def test_a_passkey_belongs_to_the_address_of_the_site_behind_its_proxy(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """A proxy speaks TLS and hands on what is plain: the browser's origin is https, and without the wrapper
    it would not be ours.
    """
    site = staff_site(tmp_path_factory.mktemp("proxied"), Settings(https=True))
    entrance, seen = Entrance(site), []
    for without in (False, True):
        if without:
            site.app.wsgi_app = site.app.wsgi_app.__closure__[0].cell_contents  # type: ignore[method-assign,index]
        staff = entrance.somebody(factor=False)
        try:
            entrance.passkey(staff, origin="https://localhost")
        except AssertionError:
            seen.append("refused")
        seen.append(str(len(entrance.held(staff).passkeys)))
    site.stores.close()
    assert seen == ["1", "0"]


def test_a_code_that_was_seen_opens_nothing_a_second_time(
    entrance: Entrance, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff = entrance.somebody()
    code = entrance.site.code(staff)
    entrance.inside(staff)
    thief = entrance.password(staff)
    assert thief.post(CODE, {"code": code}).status_code == 422
    assert not opens(thief)
    assert acts(entrance.site, staff) == [("account.signed_in", ""), ("account.refused", "code")]
    monkeypatch.setattr(factors.OnceOnly, "verify_totp", Totp.verify_totp)
    thief.post(CODE, {"code": code})
    assert opens(thief)


def test_of_two_requests_with_the_same_code_one_is_refused(entrance: Entrance) -> None:
    site, staff = entrance.site, entrance.somebody()
    register.spend_code(site.stores.app, staff.id, 100)
    for step in (100, 99):
        with pytest.raises(CodeSpent):
            register.spend_code(site.stores.app, staff.id, step)
    assert register.spend_code(site.stores.app, staff.id, 101).spent == 101


def test_the_code_that_confirms_a_new_phone_opens_nothing_afterwards(entrance: Entrance) -> None:
    staff = entrance.somebody(factor=False)
    browser = entrance.site.browser(staff)
    page = browser.post("/en/account/tf-setup", {"setup": "authenticator"}).get_data(as_text=True)
    key = page.split('<code class="hash">')[1].split("<")[0]
    to = page.split('action="/s/en/account/tf-setup/')[1].split('"')[0]
    code = totp(key)
    browser.post(f"/en/account/tf-setup/{to}", {"code": code}, at="/en/account/tf-setup")
    assert entrance.held(staff).has_second_factor
    thief = entrance.password(staff)
    thief.post(CODE, {"code": code})
    assert not opens(thief)
    thief.post(CODE, {"code": totp(key, 1)})
    assert opens(thief)


def test_a_recovery_code_lets_in_once_in_any_case(
    entrance: Entrance, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff = entrance.somebody(recovery=RECOVERY)
    page = "/en/account/mf-recovery"
    first = entrance.password(staff)
    first.post(page, {"code": f" {RECOVERY[0].upper()} "})
    assert opens(first)
    assert entrance.held(staff).secrets.recovery == RECOVERY[1:]
    second = entrance.password(staff)
    assert second.post(page, {"code": RECOVERY[0]}).status_code == 422
    assert not opens(second)
    assert acts(entrance.site, staff) == [
        ("account.factor", "recovery_code_used"),
        ("account.signed_in", ""),
        ("account.refused", "recovery_code"),
    ]
    monkeypatch.setattr(factors.RecoveryCodes, "delete_recovery_code", lambda *_: True)
    for _ in range(2):
        again = entrance.password(staff)
        again.post(page, {"code": RECOVERY[1]})
        assert opens(again)


def test_of_two_requests_with_the_same_recovery_code_one_is_refused(
    entrance: Entrance, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff = entrance.somebody(recovery=RECOVERY)
    store = entrance.site.app.extensions["security"].datastore
    both = [SignedIn(entrance.held(staff)) for _ in range(2)]
    assert store.mf_delete_recovery_code(both[0], 0)
    with pytest.raises(AccountChanged):
        store.mf_delete_recovery_code(both[1], 0)
    keep = register.keep_secrets
    monkeypatch.setattr(register, "keep_secrets", lambda *given, **_: keep(*given))
    assert store.mf_delete_recovery_code(both[1], 0)


def test_nobody_signs_in_with_json(entrance: Entrance) -> None:
    staff = entrance.somebody(factor=False)

    def by_json() -> tuple[int, Browser]:
        browser = entrance.site.browser()
        token = {"X-CSRFToken": browser.token()}
        sent = {"email": staff.email, "password": PASSWORD}
        answer = browser.client.post(
            LOGIN, json=sent, headers=token, base_url="http://localhost/s", follow_redirects=False
        )
        return answer.status_code, browser

    status, browser = by_json()
    assert (status, browser.get("/en/account/second-factor").status_code) == (400, 303)
    with without_way_in(entrance.site.app):
        status, browser = by_json()
        assert browser.get("/en/account/second-factor").status_code == 200


def test_a_token_of_flask_security_opens_nothing(entrance: Entrance) -> None:
    staff = entrance.somebody()
    with entrance.site.app.test_request_context("/"):
        token = {"Authentication-Token": SignedIn(entrance.held(staff)).get_auth_token()}
    assert entrance.site.browser().get("/en/", **token).status_code == 303
    manager = entrance.site.app.login_manager  # type: ignore[attr-defined]
    shut = manager._request_callback
    manager.request_loader(_request_loader)
    try:
        assert entrance.site.browser().get("/en/", **token).status_code == 200
    finally:
        manager.request_loader(shut)


@pytest.mark.parametrize("where", ELSEWHERE)
def test_the_sign_in_leads_to_no_other_site(entrance: Entrance, where: str) -> None:
    staff = entrance.somebody(factor=False)
    browser = entrance.site.browser()
    sent = {"email": staff.email, "password": PASSWORD, "next": where}
    answer = browser.post(f"{LOGIN}?next={quote(where)}", sent)
    led = urljoin(f"http://localhost/s{LOGIN}", answer.headers.get("Location", "").replace("\\", "/"))
    assert (urlsplit(led).scheme, urlsplit(led).netloc) == ("http", "localhost")


def test_without_its_check_the_sign_in_would_lead_elsewhere(
    entrance: Entrance, monkeypatch: pytest.MonkeyPatch
) -> None:
    for where in (forms, utils):
        monkeypatch.setattr(where, "validate_redirect_url", lambda _: True)
    staff = entrance.somebody(factor=False)
    sent = {"email": staff.email, "password": PASSWORD, "next": ELSEWHERE[0]}
    answer = entrance.site.browser().post(LOGIN, sent)
    assert answer.headers["Location"] == ELSEWHERE[0]


@pytest.mark.parametrize("way", ["code", "passkey", "recovery code", "choice"])
def test_whoever_asked_for_a_page_gets_it_at_the_end_of_every_way_in(entrance: Entrance, way: str) -> None:
    wanted = "/s/en/rounds/"
    staff = entrance.somebody(factor=way != "passkey", recovery=RECOVERY)
    key = entrance.passkey(staff) if way in {"passkey", "choice"} else SoftKey()
    browser = entrance.site.browser()
    answer = browser.get("/en/rounds/")
    answer = browser.post(answer.headers["Location"], {"email": staff.email, "password": PASSWORD})
    if way == "choice":
        answer = browser.post(answer.headers["Location"], {"which": "webauthn"})
    address = answer.headers["Location"]
    if way == "code":
        answer = browser.post(address, {"code": entrance.site.code(staff)})
    elif way == "recovery code":
        answer = browser.post(address.replace("tf-validate", "mf-recovery"), {"code": RECOVERY[0]})
    else:
        answer = show(browser, key, *asked(browser, address))
    assert answer.headers["Location"].removeprefix("http://localhost") == wanted
    assert browser.get(wanted).status_code == 200


def test_without_a_second_factor_only_its_set_up_is_reached(entrance: Entrance) -> None:
    staff = entrance.somebody(factor=False)
    browser = entrance.site.browser(staff)
    shut = ("change", "mf-recovery-codes", "wan-verify")
    for page in shut:
        answer = browser.get(f"/en/account/{page}")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/s/en/account/second-factor")
    for page in ("tf-setup", "wan-register", "verify", "second-factor"):
        assert browser.get(f"/en/account/{page}").status_code == 200, page
    with without_way_in(entrance.site.app):
        assert {browser.get(f"/en/account/{page}").status_code for page in shut} == {200}


@pytest.mark.parametrize("weak", ["so-so-so-so-so", "matkhau12345", "Mật khẩu 2026", "123456789012"])
def test_a_password_that_is_changed_is_held_to_the_same_rule(
    entrance: Entrance, monkeypatch: pytest.MonkeyPatch, weak: str
) -> None:
    staff = entrance.somebody()
    browser, before = entrance.inside(staff), entrance.held(staff).secrets.password
    form = {"password": PASSWORD, "new_password": weak, "new_password_confirm": weak}
    assert browser.post("/en/account/change", form).status_code == 422
    assert entrance.held(staff).secrets.password == before
    if weak == "matkhau12345":
        monkeypatch.setattr(factors.Passwords, "validate", PasswordUtil.validate)
        browser.post("/en/account/change", form)
        assert entrance.held(staff).secrets.password != before


def test_what_an_account_signs_in_with_is_told_to_the_log_before_it_changes(
    entrance: Entrance, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff = entrance.somebody(recovery=RECOVERY)
    browser, log = entrance.inside(staff), entrance.site.app.extensions["security"].datastore.log
    steps: tuple[tuple[str, dict[str, str], str], ...] = (
        ("change", {"password": "wrong", "new_password": OTHER, "new_password_confirm": OTHER}, "password"),
        ("mf-recovery-codes", {"generate_new_codes": "1"}, "recovery_codes"),
        (
            "change",
            {"password": PASSWORD, "new_password": OTHER, "new_password_confirm": OTHER},
            "",
        ),
        ("tf-setup", {"setup": "disable"}, "no_code"),
    )
    before = entrance.held(staff)
    with monkeypatch.context() as broken:

        def full(*_: object, **__: object) -> None:
            raise OSError("the disk is full")

        broken.setattr(type(log), "write", full)
        entrance.site.app.config["PROPAGATE_EXCEPTIONS"] = False
        for page, form, _ in steps:
            assert entrance.site.browser(staff).post(f"/en/account/{page}", form).status_code == 500
        lost = entrance.password(staff)
        lost.post(CODE, {"code": entrance.site.code(staff, 1)})
        assert not opens(lost)
        entrance.site.app.config["PROPAGATE_EXCEPTIONS"] = None
        spent = entrance.held(staff).secrets.spent
        assert entrance.held(staff).secrets == Secrets(
            before.secrets.password, before.secrets.totp, before.secrets.recovery, spent
        )
    browser = entrance.site.browser(staff)
    told = len(acts(entrance.site, staff))
    for page, form, _ in steps:
        browser.post(f"/en/account/{page}", form)
    assert [fact for _, fact in acts(entrance.site, staff)[told:]] == [fact for *_, fact in steps]


def test_forms_of_the_sign_in_are_refused_without_their_token(entrance: Entrance) -> None:
    staff = entrance.somebody(factor=False)
    site, sent = entrance.site, {"email": staff.email, "password": PASSWORD}
    assert site.browser().post(LOGIN, sent, token=False).status_code == 400
    site.app.config.update(WTF_CSRF_ENABLED=False, WTF_CSRF_CHECK_DEFAULT=False)
    try:
        assert site.browser().post(LOGIN, sent, token=False).status_code == 302
    finally:
        site.app.config.update(WTF_CSRF_ENABLED=True, WTF_CSRF_CHECK_DEFAULT=True)


def test_a_recovery_code_that_is_wrong_is_one_whatever_flask_security_thinks(entrance: Entrance) -> None:
    staff = entrance.somebody(recovery=RECOVERY)
    account = SignedIn(entrance.held(staff))
    with entrance.site.app.test_request_context("/en/account/mf-recovery"):
        ours = entrance.site.app.extensions["security"].mf_recovery_codes_util
        assert ours.check_recovery_code(account, RECOVERY[0].upper())
        assert not MfRecoveryCodesUtil.check_recovery_code(ours, account, RECOVERY[0].upper())
        assert not ours.check_recovery_code(account, "")


def test_the_log_says_what_happened_in_both_languages(entrance: Entrance) -> None:
    staff = entrance.somebody(factor=False)
    entrance.passkey(staff)
    browser = entrance.password(staff)
    entrance.show(browser, SoftKey())
    entrance.show(browser, entrance.passkey(entrance.somebody(factor=False)))
    auditor = entrance.site.account(f"auditor-of-{staff.name}", everything(Role.AUDITOR))
    for language, words in {
        "en": ("passkey made", "passkey refused"),
        "vi": ("đã tạo khóa truy cập", "khóa truy cập bị từ chối"),
    }.items():
        page = said(entrance.site.browser(auditor).get(f"/{language}/log/"))
        assert all(each in page for each in words)
        assert "auth_type" not in page
