"""The matrix through the real edges: forged buttons, signed as each platform signs, by whoever may and whoever may
not. In the gate one state with everybody, and every action; the whole of it takes minutes (`-m slow`)."""

import asyncio
from pathlib import Path

import pytest

from bot.cards import Form
from tests.authorisation.edges import WAYS, Edge
from tests.authorisation.parties import SECRET, Party
from tests.authorisation.trying import ACTIONS, PEOPLE, STATES, let_through, may, ordered, press

SPANNING = {name: ("find", "open", ACTIONS[(3 + place) % len(ACTIONS)]) for place, name in enumerate(PEOPLE)}
"""For each party the three that they try in the gate: between them they try every action there is."""


async def tried(edge: Edge, procedure: str, state: str, tries: dict[str, tuple[str, ...]]) -> list[str]:
    """Everything that went otherwise than the table says."""
    request = await asyncio.to_thread(edge.town.request, procedure, state)
    nobody = Party(
        edge.town.stage["class-teacher"].who
    )  # an event's own identity is not sent: only its deed is
    wrong = []
    for action in ACTIONS:
        allowed = may(procedure, state, action)
        form: Form | None = None
        for name in ordered(allowed):
            if action not in tries[name]:
                continue
            shown = await edge.tries(name, press(nobody, action, request))
            now = edge.town.loaded(request)
            if let_through(edge.replies.get(name), action, request, now) != (name in allowed):
                wrong.append(
                    f"{name} {action}: {'refused' if name in allowed else 'let through'}: {shown:.300}"
                )
            if SECRET in shown and name not in may(procedure, state, "open"):
                wrong.append(f"{name} {action}: reads what was written")
            form = getattr(edge.replies.get(name), "form", form)
            if now.revision != request.revision:
                request = await asyncio.to_thread(edge.town.request, procedure, state)
        for name in set(PEOPLE) - set(allowed) if form else ():
            shown = await edge.sends(name, form)
            if SECRET in shown and name not in may(procedure, state, "open"):
                wrong.append(f"{name} sends the form of {action}: reads what was written")
            if edge.town.loaded(request).revision != request.revision:
                wrong.append(f"{name} sends the form of {action}: it was done")
                request = await asyncio.to_thread(edge.town.request, procedure, state)
    return wrong


@pytest.mark.parametrize("way", WAYS)
async def test_a_sample_that_spans_everybody_and_every_action(way: str, home: Path) -> None:
    async with WAYS[way](home) as edge:
        wrong = await tried(edge, "concern-about-staff", "sent", SPANNING)
        assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.slow
@pytest.mark.parametrize(("procedure", "state"), STATES, ids=str)
@pytest.mark.parametrize("way", WAYS)
async def test_everybody_and_everything(way: str, procedure: str, state: str, home: Path) -> None:
    async with WAYS[way](home) as edge:
        wrong = await tried(edge, procedure, state, dict.fromkeys(PEOPLE, tuple(ACTIONS)))
        assert not wrong, "\n" + "\n".join(wrong)
