"""The app package: what Teams takes, the commands there are, and our own icons."""

import io
import json
import os
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from adapters.cli import app
from adapters.schools import Folder, read_school
from adapters.teams.inbound import REPORT_MESSAGE
from adapters.teams.package import FOLDER, CannotPackage, packaged
from bot.lists import MY_REQUESTS

MANIFEST: dict[str, Any] = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
APP = "1f2e3d4c-1111-2222-3333-444455556666"
HERE = "https://clerk.school.example/"
ROOT = Path(__file__).resolve().parents[3]
SCHOOLS = ("aet", "step", "leamington", "leading-edge", "st-alphege")


def opened(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def schema() -> dict[str, Any]:
    """Microsoft's own, from the npm package @microsoft/app-manifest."""
    named = os.environ.get("POLICYCLERK_NODE_MODULES")
    places = [Path(named)] if named else [ROOT / "node_modules", ROOT.parent / "node_modules"]
    version = MANIFEST["manifestVersion"]
    for place in places:
        schemas = place / "@microsoft" / "app-manifest" / "build" / "json-schemas" / "teams"
        if (path := schemas / f"v{version}" / "MicrosoftTeams.schema.json").exists():
            found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return found
    pytest.skip("no npm package @microsoft/app-manifest: set POLICYCLERK_NODE_MODULES")


def test_microsofts_own_schema_takes_it() -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    whole = json.loads(opened(packaged(APP, HERE, HERE, HERE, "Oak Tree School"))["manifest.json"])
    checker = jsonschema.validators.validator_for(schema())(schema())
    assert [error.message[:200] for error in checker.iter_errors(whole)] == []


def test_lengths_teams_refuses() -> None:
    """As the schema has them, for where there is no schema."""
    assert len(MANIFEST["name"]["short"]) <= 30
    assert len(MANIFEST["name"]["full"]) <= 100
    assert len(MANIFEST["description"]["short"]) <= 80
    assert len(MANIFEST["description"]["full"]) <= 4000
    for listed in MANIFEST["bots"][0]["commandLists"]:
        assert len(listed["commands"]) <= 12
        for command in listed["commands"]:
            assert len(command["title"]) <= 32
            assert len(command["description"]) <= 128
    for command in MANIFEST["composeExtensions"][0]["commands"]:
        assert len(command["title"]) <= 32
        assert len(command["description"]) <= 128


def test_every_command_listed_is_one_that_some_school_has() -> None:
    known = {"help", "report", MY_REQUESTS}
    for school in SCHOOLS:
        known |= {w.command for w in read_school(Folder(school, Path("nowhere"))).workflows}
    (listed,) = MANIFEST["bots"][0]["commandLists"]
    commands = [command["title"] for command in listed["commands"]]
    assert set(commands) <= known
    assert commands[0] == "help"
    assert listed["scopes"] == MANIFEST["bots"][0]["scopes"]


def test_the_message_action_is_the_one_the_clerk_answers() -> None:
    (action,) = MANIFEST["composeExtensions"][0]["commands"]
    assert (action["id"], action["context"], action["fetchTask"]) == (REPORT_MESSAGE, ["message"], True)


def test_icons_are_of_the_size_and_kind_teams_wants() -> None:
    size, kind, _ = png(FOLDER / "color.png")
    assert (size, kind) == ((192, 192), 2)
    size, kind, pixels = png(FOLDER / "outline.png")
    assert (size, kind) == ((32, 32), 6)
    seen = [pixels[at : at + 4] for at in range(0, len(pixels), 4)]
    assert {pixel[:3] for pixel in seen if pixel[3]} == {b"\xff\xff\xff"}, "white on nothing"
    assert sum(1 for pixel in seen if not pixel[3]) > 500


def png(path: Path) -> tuple[tuple[int, int], int, bytes]:
    """Size, colour kind and pixels of a PNG of eight bits."""
    data, at, packed = path.read_bytes(), 8, b""
    size, kind = (0, 0), 0
    while at < len(data):
        length, name = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        if name == b"IHDR":
            width, height, depth, kind = struct.unpack(">IIBB", body[:10])
            size = (width, height)
            assert depth == 8
        packed += body if name == b"IDAT" else b""
        at += 12 + length
    return size, kind, _unfiltered(zlib.decompress(packed), size, {2: 3, 6: 4}[kind])


def _unfiltered(raw: bytes, size: tuple[int, int], step: int) -> bytes:
    """The pixels: each line of a PNG is told as a difference to those beside and above it."""
    width = size[0] * step
    above, out = bytearray(width), bytearray()
    for line in range(size[1]):
        start = line * (width + 1)
        kind, row = raw[start], bytearray(raw[start + 1 : start + 1 + width])
        for x in range(width):
            left, up = row[x - step] if x >= step else 0, above[x]
            corner = above[x - step] if x >= step else 0
            guess = left + up - corner
            paeth = min((left, up, corner), key=lambda one: abs(guess - one))
            row[x] = (row[x] + (0, left, up, (left + up) // 2, paeth)[kind]) & 0xFF
        above = row
        out += row
    return bytes(out)


def test_the_package_holds_the_schools_own_ids_and_addresses() -> None:
    files = opened(packaged(APP, HERE, "https://school.example/privacy", HERE, "Oak Tree School"))
    assert set(files) == {"manifest.json", "color.png", "outline.png"}
    text = files["manifest.json"].decode()
    assert text.count(APP) == 3
    assert "00000000" not in text
    assert "https://school.example/privacy" in text
    assert packaged(APP, HERE, HERE, HERE, "x") == packaged(APP, HERE, HERE, HERE, "x")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("", HERE, HERE, HERE, "x"), "TEAMS_APP_ID"),
        (("my-app", HERE, HERE, HERE, "x"), "TEAMS_APP_ID"),
        ((APP, "http://clerk.school.example/", HERE, HERE, "x"), "--address"),
        ((APP, HERE, "privacy", HERE, "x"), "--privacy"),
        ((APP, HERE, HERE, "https://", "x"), "--terms"),
        ((APP, HERE, HERE, HERE, "x" * 33), "--developer"),
    ],
)
def test_what_teams_would_refuse_is_said_in_words(given: tuple[str, ...], told: str) -> None:
    with pytest.raises(CannotPackage, match=told):
        packaged(*given)


def test_the_command_writes_the_zip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEAMS_APP_ID", APP)
    out = tmp_path / "clerk.zip"
    done = CliRunner().invoke(app, ["teams", "package", "--address", HERE, "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert set(opened(out.read_bytes())) == {"manifest.json", "color.png", "outline.png"}
    monkeypatch.delenv("TEAMS_APP_ID")
    done = CliRunner().invoke(app, ["teams", "package", "--address", HERE, "--out", str(out)])
    assert done.exit_code == 1
