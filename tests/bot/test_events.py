"""What JSON lets through and no database holds is replaced where it comes in."""

import pytest

from bot.events import Asked, FormSubmitted, Identity
from tests.school import Stage, text_of

WHO = Identity(platform="web", tenant="", user="teacher")


@pytest.mark.parametrize("odd", ["\x00", "\ud83d"])
def test_half_characters_are_replaced(odd: str) -> None:
    asked = Asked(id="1", who=WHO, text=f"a{odd}b")
    who = Identity(platform="slack", tenant=odd, user=odd)
    sent = FormSubmitted(id=odd, who=who, form="f", state=odd, values={"x": (odd, "whole 😀")})
    assert asked.text == "a\ufffdb"
    assert sent.values == {"x": ("\ufffd", "whole 😀")}
    assert sent.model_dump_json().encode()


def test_a_question_with_half_an_emoji_is_answered(aet: Stage) -> None:
    said = text_of(aet["class-teacher"].asks("can I accept a parent's friend request? \ud83d"))
    assert "friend" in said
    assert "did not work" not in said
