"""The calm line under a reply: when it is not clear whether a real child is meant, and under every reply
while the triage is not whole."""

from bot.cards import (
    Card,
    Details,
    FieldErrors,
    Form,
    Home,
    Message,
    OpenForm,
    Paper,
    Redraw,
    Reply,
    Results,
    Text,
    UpdateForm,
)


def under(reply: Reply, line: Text) -> Reply:
    """The reply with the line, once. A reply that holds a safety card needs none."""
    match reply:
        case Message(cards=cards) | Home(cards=cards) | Results(cards=cards):
            if any(card.mood == "safety" or line in card.parts for card in cards):
                return reply
            lined = (*cards[:-1], under_card(cards[-1], line)) if cards else (_alone(line),)
            return reply.model_copy(update={"cards": lined})
        case OpenForm(form=form, before=before) | UpdateForm(form=form, before=before):
            first = any(card.mood == "safety" for card in before)
            return reply if first else reply.model_copy(update={"form": _above(form, line)})
        case FieldErrors(form=form):
            return reply.model_copy(update={"form": _above(form, line)})
        case Redraw(notice=notice):
            return reply.model_copy(update={"notice": f"{notice} {line.text}".strip()})
        case Details(card=card):
            return reply.model_copy(update={"card": under_card(card, line)})
        case Paper():
            return reply  # a record holds what was kept, and nothing else


def under_card(card: Card, line: Text) -> Card:
    """The card with the line under it, once."""
    return card if line in card.parts else card.model_copy(update={"parts": (*card.parts, line)})


def _above(form: Form, line: Text) -> Form:
    return form if line in form.intro else form.model_copy(update={"intro": (*form.intro, line)})


def _alone(line: Text) -> Card:
    return Card(title="Worried about a child?", parts=(line,))
