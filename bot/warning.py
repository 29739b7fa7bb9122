"""The safety card above a form in which somebody has typed what calls for one (SAFEGUARDING, must 11)."""

from collections.abc import Callable

from bot.cards import Form, UpdateForm
from bot.formstate import FormState
from bot.safeguarding import in_a_form, safety_card
from bot.triage import Judgement
from bot.visit import Visit


def warning(
    visit: Visit, judged: Judgement, state: FormState, draw: Callable[[FormState], Form]
) -> UpdateForm | None:
    """The card, and the form with what was typed kept in it, drawn with a state that knows of the card. None
    when what was typed needs none, or the form has shown it."""
    if judged.card is None or judged.card.level in state.warned:
        return None
    warned = state.model_copy(update={"warned": (*state.warned, judged.card.level)})
    card = safety_card(visit.published.school, judged.card, closed=visit.closed)
    return UpdateForm(form=draw(warned), before=(in_a_form(card),))
