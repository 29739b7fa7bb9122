"""SAFEGUARDING.md, must 13: how long records are kept, legal hold, export, erasure."""

import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from adapters import disposing
from adapters.subjectaccess import export_subject
from bot.workflows.change import Refused
from tests.bot.disclosures import UNBLOCK
from tests.finished import closed_concern, looked_daily, unblocked
from tests.school import Stage


def test_must_13_erasure_leaves_the_audit_chain_whole(aet: Stage) -> None:
    teacher, school = aet["class-teacher"], aet.published.school.id
    teacher.sends(teacher.calls("unblock-request"), **UNBLOCK)
    (request,) = aet.clerk.store.requested_by(teacher.id)
    teacher.presses("Withdraw")
    (request,) = aet.clerk.store.requested_by(teacher.id)
    before = aet.clerk.store.printed_head(school)
    deed = disposing.erasure(aet.clerk, request, "Asked for.", "")
    disposing.erase(aet.clerk, request, deed)
    assert aet.clerk.store.load(request.id) is None
    assert aet.clerk.store.history(request.id) == ()
    assert teacher.feed() == ()
    assert aet.clerk.store.verify(school, before) == []
    assert aet.clerk.store.printed_head(school).count == before.count + 2, "the erasure, and why"
    assert aet.clerk.store.deeds(school)[-1] == deed


def test_must_13_retention_is_set_per_kind_of_record_and_no_concern_goes_by_itself(aet: Stage) -> None:
    concern, request = closed_concern(aet), unblocked(aet)
    aet.clock.pass_by(timedelta(days=3 * 366))
    looked_daily(aet)
    assert aet.clerk.store.load(request.id) is None, "two years, unless the school says otherwise"
    assert aet.clerk.store.load(concern.id) is not None, "until a person decides"
    assert aet.clerk.store.verify("aet") == []


def test_must_13_nobody_erases_what_is_on_legal_hold(aet: Stage) -> None:
    request = disposing.put_on_hold(aet.clerk, unblocked(aet).reference, "A claim is expected.")
    aet.clock.pass_by(timedelta(days=9 * 366))
    looked_daily(aet)
    assert aet.clerk.store.load(request.id) is not None
    with pytest.raises(Refused, match="legal hold"):
        disposing.erasure(aet.clerk, request, "Asked for.", "")


def test_must_13_a_subject_access_export_keeps_concerns_for_their_reviewer(
    aet: Stage, tmp_path: Path
) -> None:
    concern, request = closed_concern(aet), unblocked(aet)
    out = tmp_path / "held.zip"
    assert export_subject(aet.clerk, "aet", "Class teacher", out, "") == 1
    with zipfile.ZipFile(out) as file:
        names = file.namelist()
        assert f"requests/{request.reference}.txt" in names
        assert not any(concern.reference.encode() in file.read(name) for name in names)
        assert "safeguarding lead's review" in file.read("READ-ME-FIRST.txt").decode()
