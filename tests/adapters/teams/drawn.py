"""The gallery of neutral cards and forms, drawn for Teams."""

from typing import Any

from adapters.teams import render
from tests.adapters.gallery import CARDS, DETAILS, ERRORS, FORMS, HOME, RESULTS

Drawn = dict[str, Any]


def inside(task: Drawn) -> Drawn:
    """The card of a dialog."""
    assert set(task) == {"title", "width", "height", "card"}
    assert task["card"]["contentType"] == "application/vnd.microsoft.card.adaptive"
    card: Drawn = task["card"]["content"]
    return card


MESSAGES = {
    **{f"card {name}": render.message(card) for name, card in CARDS.items()},
    "two cards": render.message([CARDS["safety"], CARDS["answer"]], opens={"form"}),
    "results": render.results(RESULTS),
    "home": render.home(HOME, opens={"form", "approve"}),
    **{f"form {name}": render.form_card(form) for name, form in FORMS.items()},
}


DIALOGS = {
    **{f"form {name}": inside(render.dialog(form)) for name, form in FORMS.items()},
    "safety before": inside(render.dialog(FORMS["reasons"], [CARDS["safety"]])),
    "errors": inside(render.dialog(ERRORS.form, errors=render.form_errors(ERRORS))),
    "details": inside(render.details(DETAILS)),
}


ALL = {f"message, {name}": card for name, card in MESSAGES.items()} | {
    f"dialog, {name}": card for name, card in DIALOGS.items()
}
