"""What the policy does not say: asked of a person, answered once, and shown to the next who asks.

Asking a person is a request like any other, so it is sent, reminded of and answered by the same
machinery. An answer its author lets others see is a note: signed, dated, labelled guidance and
not policy, and shown until the school's policy changes.
"""

from collections.abc import Iterable
from datetime import datetime

from bot.cards import Facts, Part, Text
from bot.model import Model
from bot.people import School
from bot.ports import Gap, Retriever
from bot.workflows.deadlines import day
from bot.workflows.definition import Field, Route, Stage, Workflow
from bot.workflows.request import Request
from knowledge.clauses import Draft, Policy, Section, with_ids

ASK = "ask-a-person"
HELD_BACK = 3
"""A count smaller than this could point to one person, and is not shown."""


def ask_workflow(school: School) -> Workflow:
    """`/ask-a-person`: a question for whoever owns the school's policy."""
    owner = school.title(school.policy.owner)
    question = Field(
        id="question",
        kind="long_text",
        label="Your question",
        hint=f"It goes to the {owner.lower()}, with your name. Leave out pupils' names.",
        max_length=1000,
    )
    answer = Field(id="answer", kind="long_text", label="Your answer")
    share = Field(
        id="share",
        kind="yes_no",
        label="May others who ask the same see this answer?",
        hint="They see the question, your answer, your role and the date; not who asked.",
    )
    stage = Stage(
        id="answer",
        kind="act",
        title="Answer",
        done_label="Answer",
        who=(Route(role=school.policy.owner, otherwise=True),),
        asks=(answer, share),
        set_by_school=True,
    )
    return Workflow(
        id=ASK,
        title="Ask a person",
        summary=f"Ask the {owner.lower()} what the policy does not say.",
        fields=(question,),
        stages=(stage,),
    )


class Note(Model):
    """An answer that others may see."""

    question: str
    answer: str
    role: str
    """Title of the role in which it was given."""
    at: datetime


def notes(school: School, answered: Iterable[Request], version: str) -> tuple[Note, ...]:
    """The notes among finished questions, newest first. Those given under another `version` of the
    school's policy are left out: they are for its owner to look at again."""
    found = []
    for request in answered:
        given = next((taken for taken in reversed(request.taken) if taken.action == "done"), None)
        if given is None or request.policy_version != version or given.values.get("share") != ("yes",):
            continue
        question, answer = "".join(request.values["question"]), "".join(given.values["answer"])
        title = school.title(given.role) if given.role in school.roles else "Staff"
        found.append(Note(question=question, answer=answer, role=title, at=given.at))
    return tuple(sorted(found, key=lambda note: note.at, reverse=True))


def nearest(retriever: Retriever, school: School, known: tuple[Note, ...], question: str) -> Note | None:
    """The note whose question is this one in other words: the notes' questions are searched as if
    they were the clauses of a policy."""
    if not known:
        return None
    section = Section(title="Guidance")
    clauses = with_ids(Draft(text=note.question, section=section) for note in known)
    version = "-".join(clause.id for clause in clauses)
    asked = Policy(school=school.id, title="Guidance", version=version, wording="verbatim", clauses=clauses)
    found = retriever.find(asked, question)
    if found.outcome != "answer":
        return None
    return known[asked.clauses.index(found.ranked[0].clause)]


def shown(note: Note) -> tuple[Part, ...]:
    """A note as it stands in an answer, never to be mistaken for the policy."""
    return (
        Text(text="Guidance, not policy", tone="strong"),
        Facts(rows=(("Asked before", note.question), ("Answer", note.answer))),
        Text(text=f"Answered by the {note.role.lower()}, {day(note.at.date())}.", tone="quiet"),
    )


def worth_showing(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """Gaps counted often enough that no one person can be read out of them, most frequent first."""
    return tuple(sorted((g for g in gaps if g.count >= HELD_BACK), key=lambda g: (-g.count, g.kind, g.about)))
