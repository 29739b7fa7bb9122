"""A school's folder that is being edited while the clerk runs: what was published stays in force."""

from pathlib import Path

import pytest

from adapters import settingup
from adapters.schools import Folder, read_school
from bot.cards import OpenForm
from bot.yamlfile import Mistakes
from tests.school import Stage, text_of


def test_a_folder_half_edited_changes_nothing_until_it_is_published_whole(aet: Stage, tmp_path: Path) -> None:
    folder = Folder("aet", tmp_path)
    settingup.adopt(aet.clerk, folder)
    version = aet.clerk.library.published("aet").version
    before = text_of(aet["class-teacher"].asks("can I accept a parent's friend request?"))
    for name in ("school.yaml", "policy.md", "workflows/unblock-request.yaml"):
        whole = (folder.own / name).read_text(encoding="utf-8")
        (folder.own / name).write_text(whole[: len(whole) // 2] + "\n  - {", encoding="utf-8")
    with pytest.raises(Mistakes):
        read_school(folder)
    assert aet.clerk.library.published("aet").version == version
    assert text_of(aet["class-teacher"].asks("can I accept a parent's friend request?")) == before
    assert isinstance(aet["class-teacher"].calls("unblock-request"), OpenForm)
