"""A school in no chat, from an empty home to a decision on the page: commands as typed, and `serve` as a process."""

import json
import re
import urllib.error
import urllib.request
from contextlib import closing
from html import unescape
from http.cookiejar import CookieJar
from pathlib import Path
from uuid import uuid4

import pytest

from tests.adapters.cli.shell import UNBLOCK, Clerk, saved
from tests.adapters.cli.test_serving import patiently, serving

STAFF = """school,name,email,roles,line_manager
aet,H. Head,head@aet.example,headteacher,
aet,I. Tech,tech@aet.example,ict-technician,head@aet.example
aet,S. Lead,lead@aet.example,dsl,head@aet.example
aet,A. Teacher,teacher@aet.example,,head@aet.example
"""


class Browser:
    """One person's browser, as far as HTTP goes."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def page(self, path: str = "") -> str:
        with self._opener.open(f"{self._address}{path}", timeout=20) as answer:
            return str(answer.read().decode())

    def post(self, path: str, body: dict[str, object]) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Origin": self._address.rstrip("/")}
        asked = urllib.request.Request(f"{self._address}{path}", json.dumps(body).encode(), headers)
        with self._opener.open(asked, timeout=20) as answer:
            given: dict[str, str] = json.loads(answer.read())
            return given

    def does(self, kind: str, **what: object) -> str:
        return self.post("me/event", {"kind": kind, "id": str(uuid4()), **what})["html"]

    def fills(self, html: str, values: dict[str, tuple[str, ...]]) -> str:
        """Send the form that is open, and the next step of it."""
        for _ in range(2):
            form = re.search(r'data-form="([^"]*)" data-state="([^"]*)"', html)
            if form is None:
                break
            html = self.does("submitted", form=form[1], state=unescape(form[2]), values=values)
        return html

    def presses(self, label: str, feed: str, values: dict[str, tuple[str, ...]]) -> str:
        pattern = (
            r'data-action="([^"]*)" data-target="([^"]*)" data-version="(\d+)"><span dir="auto">' + label
        )
        button = re.search(pattern, feed)
        assert button, f"no “{label}”"
        opened = self.does("pressed", action=button[1], target=button[2], version=int(button[3]))
        return self.fills(opened, values)


def test_from_an_empty_home_to_a_decision(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "not your own" in clerk("sign-in", "--school", "aet", "office@aet.example").err
    clerk("school", "adopt", "aet")
    clerk("setup", "--school", "aet", "--admin", "office@aet.example", "--name", "O. Office")
    assert clerk("people", "import", saved("staff.csv", STAFF), "--yes").status == 0
    monkeypatch.setenv("POLICYCLERK_PUBLIC_URL", "https://clerk.school.example")
    never = "never signed in, so nothing can be delivered to them: H. Head, I. Tech, O. Office, S. Lead"
    assert never in clerk("check", "--school", "aet").out
    monkeypatch.delenv("POLICYCLERK_PUBLIC_URL")
    assert "Nobody on the staff list" in clerk("sign-in", "--school", "aet", "who@aet.example").err
    monkeypatch.setenv("POLICYCLERK_PORT", "0")
    with serving("serve") as (_, address):

        def signed_in(email: str) -> Browser:
            code = re.search(r"code: +(\S+)", clerk("sign-in", "--school", "aet", email).out)
            assert code
            browser = Browser(address)
            assert "Worried about a child?" in browser.page()
            browser.post("sign-in", {"email": email, "code": code[1]})
            return browser

        technician, head = signed_in("tech@aet.example"), signed_in("head@aet.example")
        office, teacher = signed_in("office@aet.example"), signed_in("teacher@aet.example")
        assert "Setting up Aspire" in office.does("said", text="/setup")
        sent = teacher.fills(teacher.does("said", text="/unblock-request"), UNBLOCK)
        assert re.search(r"AET-[A-Z0-9]{5}[^<]*: sent", sent), sent[:300]
        for who, label, values in (
            (technician, "Pass to headteacher", {"blocked": ("yes",)}),
            (head, "Approve", {"reason": ("A good use.",)}),
            (technician, "Mark done", {}),
        ):
            feed = patiently(lambda who=who, label=label: [html] if label in (html := seen(who)) else [])
            assert feed, f"{label} never came"
            who.presses(label, feed[0], values)
        assert patiently(lambda: [html] if "finished" in (html := seen(teacher)) else [])
        assert clerk("sign-out", "--school", "aet", "tech@aet.example").out.startswith(
            "I. Tech is signed out of 1 browser"
        )
        with pytest.raises(urllib.error.HTTPError) as refused:
            seen(technician)
        with closing(refused.value):
            assert refused.value.code == 401
    assert clerk("audit", "verify").status == 0


def seen(browser: Browser) -> str:
    """The requests on somebody's page."""
    return str(json.loads(browser.page("me/feed"))["html"])


def test_a_code_for_a_page_that_nobody_can_reach_is_not_issued(
    clerk: Clerk, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk("school", "adopt", "aet")
    monkeypatch.setenv("POLICYCLERK_HOST", "0.0.0.0")
    assert "POLICYCLERK_PUBLIC_URL" in clerk("sign-in", "--school", "aet", "head@aet.example").err
