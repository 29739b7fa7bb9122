"""What the policy does not say: asked of a person, answered once, and shown to the next who asks.

Asking a person is a request like any other, so it is sent, reminded of and answered by the same
machinery. An answer its author lets others see is a note: signed, dated, labelled guidance and
not policy, and shown until the school's policy changes.
"""

from collections.abc import Iterable
from datetime import datetime

from bot.cards import Button, Card, Facts, Part, Text
from bot.model import Model
from bot.people import School
from bot.ports import Gap, Published, Retriever
from bot.workflows.deadlines import day
from bot.workflows.definition import Field, Route, Stage, Workflow
from bot.workflows.request import Change, Request, Taken
from knowledge.clauses import Draft, Policy, Section, with_ids
from knowledge.topics import default_topics

ASK = "ask-a-person"
NOTES = "Guidance"
"""The title of the notes of a school where they are searched like a policy."""
LOOKED_AT = "policy_version"
"""Under which version of the policy an answer was confirmed."""
HELD_BACK = 3
"""A count smaller than this could point to one person, and is not shown."""
REVIEWED_AT_ONCE = 3
"""How many earlier answers the policy's owner is shown at a time."""


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

    request: str
    question: str
    answer: str
    role: str
    """Title of the role in which it was given."""
    at: datetime
    versions: frozenset[str]
    """Versions of the policy it was given or confirmed under."""


def notes(school: School, answered: Iterable[Request]) -> tuple[Note, ...]:
    """The notes among finished questions, newest first, whatever version of the policy they stand by."""
    found = []
    for request in answered:
        given = next((taken for taken in reversed(request.taken) if taken.action == "done"), None)
        if given is None or given.values.get("share") != ("yes",):
            continue
        looked_at = [v for taken in request.taken for v in taken.values.get(LOOKED_AT, ())]
        note = Note(
            request=request.id,
            question="".join(request.values["question"]),
            answer="".join(given.values["answer"]),
            role=school.title(given.role) if given.role in school.roles else "Staff",
            at=given.at,
            versions=frozenset({request.policy_version, *looked_at}),
        )
        found.append(note)
    return tuple(sorted(found, key=lambda note: note.at, reverse=True))


def in_force(known: Iterable[Note], version: str) -> tuple[Note, ...]:
    """The notes that may be shown beside this version of the policy; the others are for its owner to
    look at again."""
    return tuple(note for note in known if version in note.versions)


def to_review(known: Iterable[Note], version: str) -> tuple[Note, ...]:
    """The notes given under an earlier version only."""
    return tuple(note for note in known if version not in note.versions)


def confirmed(request: Request, person: str, role: str, version: str, at: datetime) -> Change:
    """The policy's owner says that an answer still holds under this version of the policy."""
    taken = Taken(at=at, action="confirmed", person=person, role=role, values={LOOKED_AT: (version,)})
    after = request.model_copy(
        update={"taken": (*request.taken, taken), "version": request.version + 1, "updated_at": at}
    )
    return Change(request=after, taken=taken, notices=())


def nearest(retriever: Retriever, school: School, known: tuple[Note, ...], question: str) -> Note | None:
    """The note whose question is this one in other words: the notes' questions are searched as if
    they were the clauses of a policy."""
    if not known:
        return None
    section = Section(title=NOTES)
    clauses = with_ids(Draft(text=note.question, section=section) for note in known)
    version = "-".join(clause.id for clause in clauses)
    asked = Policy(school=school.id, title=NOTES, version=version, wording="verbatim", clauses=clauses)
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


def gaps_card(published: Published, gaps: tuple[Gap, ...], again: tuple[Note, ...]) -> Card:
    """What the policy did not answer, in words its owner can act on, and `again`: their own answers that
    the policy has changed since."""
    policy, topics = published.policy, default_topics()
    rows: list[tuple[str, str]] = []
    for gap in gaps:
        times = f"{gap.count} times"
        if gap.kind == "silent":
            rows.append((topics.by_id(gap.about).about, f"asked {times}, and the policy is silent"))
        elif clause := policy.by_id(gap.about):
            rows.append((clause.shown, f"shown {times} when something else was meant"))
    note = Text(text=f"Counted without who asked, and shown from {HELD_BACK} times on.", tone="quiet")
    parts: tuple[Part, ...] = (Facts(rows=tuple(rows)), note) if rows else (Text(text="Nothing yet."), note)
    buttons = tuple(
        Button(action="still_right", target=one.request, label=f"Answer {number} still holds")
        for number, one in enumerate(again[:REVIEWED_AT_ONCE], 1)
    )
    return Card(
        title="What staff ask and the policy does not answer", parts=(*parts, *_again(again)), buttons=buttons
    )


def _again(earlier: tuple[Note, ...]) -> tuple[Part, ...]:
    """Answers to look at again. They are kept from staff until somebody says that they hold."""
    if not earlier:
        return ()
    given = "1 answer was" if len(earlier) == 1 else f"{len(earlier)} answers were"
    said = f"The policy has changed since {given} given. Staff do not see them until you say that they still hold."
    shown_now = enumerate(earlier[:REVIEWED_AT_ONCE], 1)
    rows = tuple((f"{number}. {one.question}", one.answer) for number, one in shown_now)
    return Text(text="Answers to look at again", tone="strong"), Text(text=said), Facts(rows=rows)
