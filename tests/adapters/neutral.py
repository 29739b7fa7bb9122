"""What a reader must find of a card or a form, and what must come back from it, told of neutral words."""

from collections.abc import Iterator

from bot.cards import Card, Choice, Facts, Field, Form, Link, Part, PersonPicker, Quote, Text


def card_words(card: Card) -> Iterator[str]:
    """Everything of a card that a reader must find."""
    yield card.title
    for part in card.parts:
        yield from part_words(part)
    yield from (button.label for button in card.buttons)


def part_words(part: Part) -> Iterator[str]:
    """Everything of a part."""
    match part:
        case Text(text=text):
            yield text
        case Quote(text=text, citation=citation):
            yield from (text, citation)
        case Facts(rows=rows):
            yield from (word for row in rows for word in row)
        case Link(label=label, shown=shown):
            yield from (label, shown)


def form_words(form: Form) -> Iterator[str]:
    """Everything of a form: also what was typed, and what is wrong."""
    yield form.title
    for part in form.intro:
        yield from part_words(part)
    for item in form.inputs:
        yield from (item.label, item.hint, item.error)
        match item:
            case Field(value=value):
                yield value
            case Choice(options=options, details=details):
                yield from (option.label for option in options)
                yield from (option.detail for option in options)
                yield from (f"If you chose “{option.label}”." for option in options if option.detail)
                yield from (typed for _, typed in details)
            case PersonPicker(people=people, value=value):
                shown = people if len(people) <= 100 else [one for one in people if one[0] == value]
                yield from (name for _, name in shown)


def form_ids(form: Form) -> set[str]:
    """The ids of all that can be filled in."""
    ids = set()
    for item in form.inputs:
        if isinstance(item, Field) or (item.options if isinstance(item, Choice) else item.people):
            ids.add(item.id)
        if isinstance(item, Choice):
            ids |= {f"{item.id}.{option.value}" for option in item.options if option.detail}
    return ids


def form_values(form: Form) -> dict[str, tuple[str, ...]]:
    """What the form already holds, as it must come back when sent unchanged."""
    held: dict[str, tuple[str, ...]] = dict.fromkeys(form_ids(form), ())
    for item in form.inputs:
        match item:
            case Field(kind="lines"):
                held[item.id] = tuple(item.value.splitlines())
            case Choice(options=options):
                held[item.id] = tuple(option.value for option in options if option.value in item.value)
                held |= {f"{item.id}.{option}": (typed,) for option, typed in item.details if typed}
            case Field(kind="date", value=value):
                held[item.id] = (value,) if value[:1].isdigit() else ()
            case Field() | PersonPicker() if item.value and item.id in held:
                held[item.id] = (item.value,)
    return held


def card_buttons(*cards: Card) -> list[tuple[str, str, int]]:
    """What the buttons of cards mean."""
    return sorted((b.action, b.target, b.version) for card in cards for b in card.buttons)
