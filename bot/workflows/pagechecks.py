"""Mistakes in what a procedure shows: a form too big for one window, where it leads, how its record is laid out."""

from collections.abc import Iterator

from bot.workflows.definition import Field, Workflow
from bot.workflows.layout import REQUESTER, SENT
from bot.yamlfile import Mistake, Source

Loc = tuple[str | int, ...]
LARGEST = 36
"""How much is asked in one window, with every error beside its field (PLATFORM, Slack: 100 blocks)."""
LISTS = 4
"""What a list of people or entries counts as: it may hold a hundred names."""


def size_mistakes(source: Source, fields: tuple[Field, ...], loc: Loc) -> Iterator[Mistake]:
    """More than one window holds, where it cannot be asked in steps: of a form about people nothing is kept before
    it is sent, and whoever acts on a request fills in all of it at once."""
    size = 0
    for i, field in enumerate(fields):
        own = LISTS if field.kind in ("person", "entry") else 1
        before, size = size, size + own + sum(bool(option.detail) for option in field.options)
        if before <= LARGEST < size:
            yield source.mistake(
                f"`{field.id}` and what follows is more than one window holds, and this is asked in one: at most "
                f"{LARGEST} questions, a list of people or of entries counting as {LISTS}. Ask less, or ask it in a "
                "later stage",
                *loc,
                i,
            )


def lead_mistakes(source: Source, workflow: Workflow, commands: set[str]) -> Iterator[Mistake]:
    """Buttons that lead nowhere. `commands`: all that the school has."""
    for i, command in enumerate(workflow.leads_to):
        if command not in commands:
            known = ", ".join(sorted(commands - {workflow.command}))
            yield source.mistake(f"there is no command `{command}`; there are: {known}", "leads_to", i)
        elif command == workflow.command:
            yield source.mistake("a procedure cannot lead to itself", "leads_to", i)


def paper_mistakes(source: Source, workflow: Workflow) -> Iterator[Mistake]:
    """Rows and signatures that are not there, or stand on the form twice."""
    fields = {REQUESTER, SENT, *(field.id for field in workflow.fields)}
    stages = {stage.id for stage in workflow.stages}
    placed: set[str] = set()
    for i, section in enumerate(workflow.paper):
        names: list[tuple[str, Loc, set[str]]]
        names = [(name, ("paper", i, "rows", j), fields) for j, name in enumerate(section.rows)]
        names += [(section.stage, ("paper", i, "stage"), stages)] if section.stage else []
        for name, loc, known in names:
            if name not in known:
                yield source.mistake(f"there is no `{name}`; there are: {', '.join(sorted(known))}", *loc)
            elif name in placed:
                yield source.mistake(f"`{name}` stands on the form twice", *loc)
            placed.add(name)
