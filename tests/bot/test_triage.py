"""The triage on the frozen 300, without its model, at speed, and when its files are wrong.

The frozen messages were written before any training message and are not tuned on: bot/training/README.md
notes every look. The aim is no emergency and no concern about staff missed, none understated from
emergency, 3 of 150 missed in all; the bars below are what is reached, so that it does not get worse.
"""

import hashlib
import json
import statistics
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from rapidfuzz import fuzz, process

from bot import triage as triage_module
from bot import triage_rules as rules
from bot.training.messages import messages
from bot.triage import Judge, judge, triage, triage_ready
from bot.triage_model import CARD, FOLDER, WEIGHTS, TriageModel, WeightsUnavailable, tidied

FROZEN = Path(__file__).with_name("triage") / "frozen.jsonl"
FROZEN_SHA = "50a9de286617435b85bed39d583629bc0f9696c702caed24b916003817f74b17"
ROWS = [json.loads(line) for line in FROZEN.read_text(encoding="utf-8").splitlines()]
EMERGENCIES_MISSED, EMERGENCIES_UNDERSTATED, STAFF_MISSED, POSITIVES_MISSED = 0, 0, 0, 2


def rows(level: str) -> list[str]:
    """The frozen messages of a level."""
    return [row["text"] for row in ROWS if row["expect"] == level]


def voices(judged: Judge, texts: list[str]) -> Counter[str]:
    """How often each voice is used: a level's card, unsure, or none."""
    said: Counter[str] = Counter()
    for text in texts:
        result = judged.judge(text)
        said[result.card.level if result.card else "unsure" if result.unsure else "none"] += 1
    return said


@pytest.fixture(scope="module")
def whole() -> Judge:
    """The triage with everything it needs."""
    assert triage_ready() == ""
    return triage_module._own_judge()


def missed(said: Counter[str]) -> int:
    """How many got no card."""
    return said["unsure"] + said["none"]


def test_the_frozen_set_is_as_it_was_frozen() -> None:
    assert hashlib.sha256(FROZEN.read_bytes()).hexdigest() == FROZEN_SHA
    assert Counter(row["expect"] for row in ROWS) == {
        "none": 150, "dsl": 60, "emergency": 50, "headteacher": 40
    }  # fmt: skip


def test_training_messages_are_not_the_frozen_ones() -> None:
    frozen = [row["text"].casefold() for row in ROWS]
    written = messages()
    assert len(written) >= 1500
    for text, _ in written:
        _, ratio, _ = process.extractOne(text.casefold(), frozen, scorer=fuzz.ratio)
        assert ratio <= 70, text


def test_frozen_no_emergency_is_missed(whole: Judge) -> None:
    assert missed(voices(whole, rows("emergency"))) <= EMERGENCIES_MISSED


def test_frozen_no_emergency_is_understated(whole: Judge) -> None:
    said = voices(whole, rows("emergency"))
    assert said["dsl"] + said["headteacher"] <= EMERGENCIES_UNDERSTATED


def test_frozen_no_concern_about_staff_is_missed(whole: Judge) -> None:
    assert missed(voices(whole, rows("headteacher"))) <= STAFF_MISSED


def test_frozen_at_most_so_many_positives_are_missed(whole: Judge) -> None:
    positives = [row["text"] for row in ROWS if row["expect"] != "none"]
    assert missed(voices(whole, positives)) <= POSITIVES_MISSED


def test_frozen_at_most_4_in_100_harmless_get_a_card(whole: Judge) -> None:
    said = voices(whole, rows("none"))
    assert 150 - said["none"] - said["unsure"] <= 6


def test_frozen_at_most_10_in_100_harmless_get_the_calm_line(whole: Judge) -> None:
    assert voices(whole, rows("none"))["unsure"] <= 15


def test_frozen_about_the_head(whole: Judge) -> None:
    for row in ROWS:
        if row["expect"] == "headteacher":
            card = whole.judge(row["text"]).card
            if card and card.level == "headteacher":
                assert card.about_head == row["about_head"], row["text"]


def test_without_the_encoder_it_goes_by_words(whole: Judge) -> None:
    words = Judge(whole._model, None, "no encoder")
    found = {level: voices(words, rows(level)) for level in ("emergency", "dsl", "headteacher", "none")}
    assert missed(found["emergency"]) <= 20
    assert missed(found["dsl"]) <= 24
    assert missed(found["headteacher"]) <= 16
    assert 150 - missed(found["none"]) <= 12


def test_by_phrases_alone_it_misses_much_and_says_so() -> None:
    phrases = Judge(None, None, "only plain phrases are looked for: gone")
    found = {level: voices(phrases, rows(level)) for level in ("emergency", "dsl", "headteacher", "none")}
    assert phrases.missing.startswith("only plain phrases")
    assert missed(found["emergency"]) <= 30
    assert missed(found["dsl"]) <= 48
    assert missed(found["headteacher"]) <= 30
    assert 150 - missed(found["none"]) <= 12


@pytest.mark.parametrize("text", ["", "   ", "hi", "thanks so much!", "ok", "\n\n", "?", "👍"])
def test_nothing_to_say(text: str) -> None:
    assert judge(text) == triage_module.Judgement()


@pytest.mark.parametrize("text", ["a" * 20_000, "word " * 5_000, "one. " * 3_000, "\x00\ud83d", "'" * 500])
def test_odd_texts_are_judged_without_harm(text: str) -> None:
    started = time.perf_counter()
    judge(text)
    assert time.perf_counter() - started < 5


def test_what_was_harmless_is_known_again_and_of_a_concern_nothing_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    judged, harmless = Judge.load(), "can I accept a parent's friend request?"
    concern = next(text for text in rows("dsl") if judged.judge(text).card)
    looked: list[str] = []
    look = judged._judged

    def counted(text: str) -> triage_module.Judgement:
        looked.append(text)
        return look(text)

    monkeypatch.setattr(judged, "_judged", counted)
    for text in (harmless, harmless, concern, concern):
        judged.judge(text)
    assert looked == [harmless, concern, concern]
    assert list(judged._harmless) == [hashlib.sha256(harmless.encode()).digest()]


@pytest.mark.parametrize(
    "text",
    [
        "how do i report a nude being shared, just so i know for next time",
        "which form is for sexting between pupils, just so we all know",
        "how would a picture of a child be reported, hypothetically",
        "how do staff report sexual images, for my induction",
    ],
)
def test_a_question_for_one_day_gets_the_line_at_most(text: str) -> None:
    assert judge(text).card is None


@pytest.mark.parametrize(
    "text",
    [
        "how do i report a nude thats going round y9, just so i know for next time as well",
        "just so i know, he sent her a nude and its going round, what do i do",
        "for future reference who do i tell, one of my pupils has told me her uncle touches her",
        "just so i know for next time, my mate in year 8 is being sent dick pics",
        "for my training, what do i do, a girl says she is going to kill herself",
    ],
)
def test_a_question_for_one_day_about_somebody_gets_the_card(text: str) -> None:
    assert judge(text).card


def test_one_line_is_not_lost_in_a_long_text() -> None:
    calm = "We had a good term with the choir and the new piano is lovely. The programme is at the printer. "
    told = "One of the girls told me that her uncle hurts her at night."
    assert triage(calm * 6 + told + " " + calm * 6)


@pytest.mark.parametrize(
    ("text", "is_head"),
    [
        ("the headteacher hit a pupil", True),
        ("The boss has been texting a pupil", True),
        ("HT grabbed a child", True),
        ("our head of school slapped a boy", True),
        ("the executive head is meeting a girl", True),
        ("The principal kissed a student", True),
        ("the acting head shoved a child", True),
        ("the deputy head hit a pupil", False),
        ("the head of maths touched a girl", False),
        ("head of year is texting a pupil", False),
        ("the vice principal shoved a boy", False),
        ("she hit him on the head", False),
        ("a TA hit a child, do I tell the head", False),
        ("a teacher kissed a girl and I told the headteacher last week", False),
        ("a pupil's head was bleeding", False),
    ],
)
def test_who_the_head_is(text: str, is_head: bool) -> None:
    assert rules.about_head(text) == is_head


@pytest.mark.parametrize(
    ("text", "image"),
    [
        ("a nude of a year 9 girl is going round", True),
        ("he sent a topless photo of his ex to the group", True),
        ("can I post photos of the pupils at sports day", False),
        ("What does the policy say about indecent images?", False),
    ],
)
def test_what_an_image_is(text: str, image: bool) -> None:
    assert rules.speaks_of_image(text) == image


def test_shorthand_is_one_thing() -> None:
    assert tidied("yr9 lad") == tidied("Y9 lad") == tidied("year 9 lad")
    assert tidied("HT said hes off") == "headteacher said he's off"


def test_the_same_text_is_judged_the_same_in_any_order_and_thread() -> None:
    texts = [row["text"] for row in ROWS[::5]]
    once = [judge(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        again = list(pool.map(judge, reversed(texts)))
    assert once == again[::-1]


def test_a_file_that_was_changed_is_refused(tmp_path: Path) -> None:
    for name in (WEIGHTS, CARD):
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    assert TriageModel.load(tmp_path)
    with (tmp_path / WEIGHTS).open("ab") as file:
        file.write(b"x")
    with pytest.raises(WeightsUnavailable, match="sha256 differs"):
        TriageModel.load(tmp_path)
    (tmp_path / CARD).write_text("{}")
    with pytest.raises(WeightsUnavailable, match="not a description"):
        TriageModel.load(tmp_path)
    with pytest.raises(WeightsUnavailable, match="no readable"):
        TriageModel.load(tmp_path / "gone")


def test_the_weights_hold_no_pickle() -> None:
    with np.load(FOLDER / WEIGHTS, allow_pickle=False) as stored:
        assert all(stored[name].dtype != object for name in stored.files)


def test_triage_costs_little_more_than_reading_the_text_once(whole: Judge) -> None:
    """At most twice what the encoder alone takes for the same texts (the 15 ms bar is measured by the bench)."""
    encoder = whole._encoder
    assert encoder
    texts = [row["text"] for row in ROWS[::6]]
    encoder.encode(["warm", "up"], keep=False)
    alone, judged = [], []
    for text in texts:
        started = time.perf_counter()
        encoder.encode([text], keep=False)
        read = time.perf_counter()
        whole.judge(text)
        alone.append(read - started)
        judged.append(time.perf_counter() - read)
    assert statistics.median(judged) < 2.5 * statistics.median(alone)
