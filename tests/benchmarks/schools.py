"""Any number of schools that differ in name, wording and size, each from one of the five in the package.

The same number always gives the same school. Names are made of common parts; a school of that name may exist,
and has nothing to do with it.
"""

import random
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from adapters.schools import PACKAGED, Folder, read_school
from bot.ports import Published
from knowledge.importers import parse_policy_md

BASES = ("aet", "leading-edge", "leamington", "st-alphege", "step")
BEFORE = (
    "Alder",
    "Birch",
    "Cross",
    "Down",
    "East",
    "Fern",
    "Green",
    "Hazel",
    "Kings",
    "Long",
    "Mill",
    "North",
)
AFTER = ("bridge", "brook", "bury", "field", "ford", "gate", "ham", "hill", "lea", "mead", "ton", "wood")
KINDS = ("Academy", "Community School", "Federation", "High School", "Infant School", "Junior School",
         "Primary School", "School and Nursery", "Schools Trust", "Sixth Form College")  # fmt: skip
WORDS = {
    "staff": ("staff", "staff", "colleagues", "employees"),
    "pupils": ("pupils", "children", "students", "learners"),
    "parents": ("parents", "parents and carers", "families"),
    "governors": ("governors", "trustees", "the governing board"),
    "must not": ("must not", "may not", "are not to"),
    "should": ("should", "should", "are expected to"),
    "personal": ("personal", "private"),
    "inappropriate": ("inappropriate", "unsuitable"),
}
"""What one school calls what another calls by another name."""
ARRANGEMENTS = (
    "A {device} is lent for {event}; it is signed out at the office and back there by {time}.",
    "{who} must ask the {lead} before starting an account for {event}.",
    "Photographs of {event} are looked through by the {lead} before any is posted.",
    "{who} must not use a {device} for their own messages between the bell and {time}.",
    "Comments under posts about {event} are closed after {time}.",
    "The {lead} keeps the password of the account for {event}, and one other person knows it.",
    "A live stream of {event} needs the agreement of the {lead}, in writing.",
    "{who} may follow the accounts of {place}, and reply from the school's own account alone.",
    "Names of {place} are left out of posts about {event}.",
    "A {device} that is found is handed to the {lead} and not looked into.",
)
FILL = {
    "device": ("tablet", "camera", "school phone", "laptop", "voice recorder"),
    "event": (
        "sports day",
        "the summer fair",
        "a residential visit",
        "the carol service",
        "a science week",
        "the school council",
        "open evening",
        "a concert",
        "the gardening club",
        "work experience",
    ),
    "time": ("four o'clock", "half past three", "the end of the day", "noon the next day"),
    "lead": ("head of year", "office manager", "subject lead", "deputy headteacher", "network manager"),
    "who": ("Teaching assistants", "Supply teachers", "Volunteers", "Midday supervisors", "Trainees"),
    "place": (
        "partner schools",
        "the local library",
        "feeder schools",
        "the parish",
        "the parents' association",
    ),
}


def school(number: int) -> Published:
    """The school of that number, ready to publish."""
    pick = random.Random(number)
    base = _base(BASES[number % len(BASES)])
    name = f"{pick.choice(BEFORE)}{pick.choice(AFTER)} {pick.choice(KINDS)}"
    own = f"school-{number:05}"
    policy = parse_policy_md("\n".join(_reworded(base.school.id, name, pick)), own)
    settings = base.school.model_copy(update={"id": own, "name": name})
    return Published(school=settings, policy=policy, workflows=base.workflows, version=f"v{number}")


@lru_cache
def _base(name: str) -> Published:
    return read_school(Folder(name, Path("/nonexistent")))


def _reworded(base: str, name: str, pick: random.Random) -> Iterator[str]:
    """The lines of its policy: fewer rules or more, in other words. What a form rests on stays."""
    text = (PACKAGED / base / "policy.md").read_text(encoding="utf-8")
    chosen = {word: pick.choice(others) for word, others in WORDS.items()}
    known = re.compile(rf"\b({'|'.join(WORDS)})\b")
    kept = pick.uniform(0.4, 1.0)
    blocks = text.split("\n\n")
    for block in blocks:
        plain = not block.startswith(("#", "-", "---", " ")) and "{#" not in block and not block.endswith(":")
        if plain and pick.random() > kept:
            continue
        head, key, rest = block.partition("{#")
        yield known.sub(lambda found: chosen[found[1]], head) + key + rest if head[:1] != "-" else block
        yield ""
    yield f"# Arrangements at {name}"
    for _ in range(pick.choice((0, 3, 10, 30, 80)) + 1):
        said = pick.choice(ARRANGEMENTS)
        yield ""
        yield said.format(**{word: pick.choice(others) for word, others in FILL.items()})
