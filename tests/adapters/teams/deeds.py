"""What the tests in Teams do again and again: ask to unblock a page, report a concern."""

from typing import Any

from tests.adapters.seen import walk
from tests.adapters.teams.staff import Staffer, replaced, words

UNBLOCK = {
    "url": "https://example.org/a",
    "content": "A page with pictures.",
    "reasons": "A lesson.",
    "risks": "None.",
    "for_pupils": "no",
}


SECRET = "A girl in my class told me her uncle touches her, he found her on here"


async def ask_to_unblock(teacher: Staffer) -> str:
    """Fill in the form in the chat. The request's reference."""
    (form,) = await teacher.says("/unblock-request")
    sent = replaced(await teacher.fills(form.card, message=form.id, **UNBLOCK))
    await teacher.teams.deliver()
    return next(word for word in words(sent).replace("\n", " ").split() if word.startswith("AET-")).strip(
        ".:"
    )


async def report_a_concern(teacher: Staffer) -> None:
    """Answer whatever the form asks, until it is sent."""
    (gates,) = await teacher.says("/report-concern")
    form = replaced(await teacher.fills(gates.card, message=gates.id, danger="no", image="no"))
    asked = form
    for _ in range(4):
        chosen = {
            item["id"].partition(":")[2]: _answer(item) for item in inputs(asked) if not item.get("value")
        }
        asked = replaced(await teacher.fills(asked, message=gates.id, **chosen))
        if not inputs(asked):
            break
    assert "AET-" in words(asked)


def inputs(card: dict[str, Any]) -> list[dict[str, Any]]:
    return [thing for thing in walk(card) if str(thing.get("type", "")).startswith("Input.")]


def _answer(item: dict[str, Any]) -> str:
    if item["type"] != "Input.ChoiceSet":
        return "020 7946 0000"
    values = [choice["value"] for choice in item["choices"]]
    return "no" if "no" in values else str(values[0])
