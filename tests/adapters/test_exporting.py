"""`policyclerk export register`: a file for whoever looks after the clerk, and nothing about people in it."""

import csv
import io
import stat
from pathlib import Path

import pytest

from adapters.exporting import CannotExport, exported, write_private
from bot.workflows.entry import Deed, Entry
from tests.school import Stage, staged


def keep(
    stage: Stage, name: str, number: str, cells: dict[str, tuple[str, ...]], about: bool = False
) -> None:
    school, now = stage.published.school.id, stage.clock.now()
    entry = Entry(
        id=number, school=school, name=name, at=now, cells=cells, entered_by="a", about_people=about
    )
    deed = Deed(at=now, action="entered", register_name=name, entry=number, version=1)
    stage.clerk.store.keep(entry, deed)


def test_the_file_opens_safely_and_the_export_is_recorded(aet: Stage, tmp_path: Path) -> None:
    attack = "=cmd|' /C calc'!A0"
    keep(aet, "filtering-decisions", "e1", {"address": ("@evil.example",), "why": (attack,)})
    before = aet.clerk.store.printed_head("aet").count
    out = tmp_path / "register.csv"
    write_private(out, exported(aet.clerk, "aet", "filtering-decisions"))
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    header, row = csv.reader(io.StringIO(out.read_text(encoding="utf-8-sig"), newline=""))
    assert header[:4] == ["Web address", "Asked by", "Why", "Risks and controls"]
    assert row[:4] == ["'@evil.example", "", f"'{attack}", ""]
    assert aet.clerk.store.printed_head("aet").count == before + 1
    assert aet.clerk.store.verify("aet") == []


def test_entries_about_people_stay_out(home: Path) -> None:
    for stage in staged(home, "leading-edge"):
        keep(stage, "relationships", "e1", {"who": ("Class teacher",)}, about=True)
        assert exported(stage.clerk, "leading-edge", "relationships").count("\n") == 1, "the header alone"


def test_what_cannot_be_exported_is_said(aet: Stage) -> None:
    with pytest.raises(CannotExport, match="There are: filtering-decisions"):
        exported(aet.clerk, "aet", "phones")
    with pytest.raises(CannotExport, match="step is not in force"):
        exported(aet.clerk, "step", "official-accounts")
