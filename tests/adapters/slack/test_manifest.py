"""The manifest: what Slack takes, every command there is, and no scope or event that the program does not use."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from adapters.cli import app
from adapters.schools import Folder, read_school
from adapters.slack.app import ASK_SHORTCUT, REPORT_SHORTCUT
from adapters.slack.manifest import PATH, CannotWrite, manifest
from tests.adapters.seen import walk
from tests.adapters.slack.conftest import MANIFEST, Office
from tests.adapters.slack.test_stories import UNBLOCK
from tests.school import Stage
from tests.slack_server import scopes

SCHOOLS = ("aet", "step", "leamington", "leading-edge", "st-alphege")
SCHEMA = Path(__file__).resolve().parents[3].parent / "shared" / "schemas" / "slack-manifest-1.0.0.json"
FEATURES: dict[str, Any] = MANIFEST["features"]
SCOPES = set(MANIFEST["oauth_config"]["scopes"]["bot"])
EVENTS = set(MANIFEST["settings"]["event_subscriptions"]["bot_events"])


def test_slacks_own_schema_takes_it() -> None:
    taken_by_schema(MANIFEST)


def taken_by_schema(written: dict[str, Any]) -> None:
    """Raises what Slack's schema says; skips where it is not at hand."""
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    if not SCHEMA.exists():
        pytest.skip(f"no schema at {SCHEMA}")
    jsonschema.validate(written, json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_lengths_slack_refuses() -> None:
    """As the schema has them, for where there is no schema (slackapi/manifest-schema)."""
    about = MANIFEST["display_information"]
    assert len(about["name"]) <= 35
    assert len(about["description"]) <= 140
    assert 175 <= len(about["long_description"]) <= 4000
    assert len(FEATURES["slash_commands"]) <= 50
    assert all(
        len(one["command"]) <= 32 and one["command"].startswith("/") for one in FEATURES["slash_commands"]
    )
    assert all(len(one["name"]) <= 24 and len(one["description"]) <= 150 for one in FEATURES["shortcuts"])


def test_every_command_of_every_school_and_no_other(aet: Stage, tmp_path: Path) -> None:
    """But those by which Slack has something of its own, or another app may: `/policyclerk help` and so on."""
    commands = [one["command"].removeprefix("/") for one in FEATURES["slash_commands"]]
    theirs = {w.command for school in SCHOOLS for w in read_school(Folder(school, tmp_path)).workflows}
    own = {name for player in aet.players.values() for name, _, _ in aet.clerk.assistant.commands(player.who)}
    assert set(commands) == {"policyclerk", *theirs, *own} - {"help", "setup", "away"}
    assert len(commands) == len(set(commands))


def test_the_shortcuts_are_those_the_program_answers() -> None:
    kinds = {one["callback_id"]: one["type"] for one in FEATURES["shortcuts"]}
    assert kinds == {REPORT_SHORTCUT: "message", ASK_SHORTCUT: "global"}


def test_one_address_is_all_there_is_to_set() -> None:
    addresses = {value for thing in walk(MANIFEST) for key, value in thing.items() if key.endswith("url")}
    (address,) = addresses
    assert address.endswith(PATH)


def test_one_is_written_for_an_address_with_a_schools_own_commands() -> None:
    written = manifest(
        "https://clerk.school.example/", {"phone-loan": "Borrow a school phone", "acknowledge": "Other"}
    )
    mine = {one["command"]: one for one in written["features"]["slash_commands"]}
    assert mine["/phone-loan"]["url"] == "https://clerk.school.example/slack/events"
    assert mine["/phone-loan"]["description"] == "Borrow a school phone"
    assert mine["/acknowledge"]["description"] != "Other"
    assert written["settings"]["interactivity"]["message_menu_options_url"] == mine["/acknowledge"]["url"]
    assert written["oauth_config"]["redirect_urls"] == ["https://clerk.school.example/slack/oauth_redirect"]
    assert not written["settings"]["socket_mode_enabled"]
    taken_by_schema(written)


def test_one_is_written_for_socket_mode_which_has_no_address() -> None:
    written = manifest("", {})
    assert written["settings"]["socket_mode_enabled"]
    assert not [key for thing in walk(written) for key in thing if key.endswith(("url", "urls"))]
    taken_by_schema(written)


@pytest.mark.parametrize(
    ("address", "commands", "why"),
    [
        ("http://clerk.school.example", {}, "whole https address"),
        ("clerk.school.example", {}, "whole https address"),
        ("", {f"form-{n}": "A form" for n in range(40)}, "Slack takes 50 commands"),
        ("", {"a" * 32: "A form"}, "at most 31 letters"),
    ],
)
def test_what_slack_would_refuse_is_said(address: str, commands: dict[str, str], why: str) -> None:
    with pytest.raises(CannotWrite, match=why):
        manifest(address, commands)


def test_the_command_writes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLICYCLERK_HOME", str(tmp_path))
    out = tmp_path / "app.json"
    done = CliRunner().invoke(app, ["slack", "manifest", "--out", str(out)])
    assert done.output == f"{out} is ready, for Socket Mode.\n"
    assert json.loads(out.read_text(encoding="utf-8")) == manifest("", {})
    assert CliRunner().invoke(app, ["slack", "manifest", "--address", "x"]).exit_code == 1


async def test_scopes_and_events_are_exactly_those_used(office: Office) -> None:
    """Everything is done once by an app that has nothing but the manifest's; then nothing of it is left over."""
    delivered = set()
    teacher, technician = office["class-teacher"], office["ict-technician"]
    office.channel("ict-technician", "CICT", "ict-technician")
    await teacher.opens_home()
    await office.slack.until(lambda: teacher.home)
    delivered.add("app_home_opened")
    await teacher.says("May I accept a friend request from a parent?")
    await teacher.until("Not what I meant", "dm")
    delivered.add("message.im")
    office.slack.channel("CSTAFF", teacher.id, technician.id)
    await teacher.says("@Policy Clerk may I post about my class?", "CSTAFF")
    await teacher.until("↳", "CSTAFF")
    delivered.add("app_mention")
    await teacher.uses_shortcut(ASK_SHORTCUT)
    await teacher.until("What would you like to know?", "modal")
    await teacher.closes()
    await teacher.types("/unblock-request")
    await teacher.fills(UNBLOCK)
    await teacher.submits()
    await teacher.until("sent", "modal")
    await teacher.closes()
    await technician.until("Pass to headteacher", "CICT")
    await technician.clicks("Open details", where="CICT")
    await technician.until("A science lesson", "modal")
    await technician.clicks("Print")
    await technician.until("📎", "dm")
    for event in ("tokens_revoked", "app_uninstalled"):
        assert await office.slack.happens(event)
        delivered.add(event)
    used = {scopes.COMMANDS} if office.slack.offered else set()
    for call in office.slack.calls:
        assert call.came == "ok", call
        needed = scopes.METHODS.get(call.method, ())
        used |= {needed[0]} if needed else set()
        used |= (
            {"users:read.email"} if call.method == "users.info" else set()
        )  # for the address in the profile
    used |= {scope for event in delivered for scope in scopes.EVENTS[event]}
    assert (used, delivered) == (SCOPES, EVENTS)
