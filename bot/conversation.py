"""A typed message to a reply: safety first, then a cited answer, a form, or "the policy does not say"."""

import re
from collections.abc import Callable, Iterable
from datetime import date

from bot.calm_line import under_card
from bot.cards import Audience, Button, Card, Message, Part, Quote, Text
from bot.guidance import ASK, Note, nearest, shown
from bot.people import School
from bot.ports import Published, Retriever
from bot.safeguarding import concern_button, safety_card, urgent_line
from bot.triage import Triage, judge, triage_ready
from bot.workflows.definition import Workflow
from knowledge.asking import dealt_with
from knowledge.clauses import Clause, Policy
from knowledge.retriever import Found
from knowledge.topics import default_topics
from knowledge.verdict import Verdict, verdict_for

VERDICT_WORDS: dict[Verdict, str] = {
    "must": "✔ You must",
    "must_not": "✘ Not allowed",
    "must_not_if": "✘ Not allowed in some cases",
    "must_not_unless": "✘ Not allowed unless…",
    "may": "✔ Allowed",
    "may_if": "✔ Allowed if…",
    "advised": "● Advised",
    "advised_against": "▲ Advised against",
    "duty": "● A duty",
    "fact": "● What the policy says",
}
"""The verdict in words, with a shape before it: never by colour alone."""

"""How long before the review date the policy's owner is shown it."""
REPORT = "report"
"""The built-in command that finds the right report."""
_GREETING = re.compile(
    r"(hi|hiya|hello|hey|good (morning|afternoon|evening)|help|what can you do\??)[\s!.?]*", re.IGNORECASE
)
_THANKS = re.compile(
    r"(thanks|thank you|ta|cheers|great|ok(ay)?|perfect|lovely)[\s!.,a-z]{0,20}", re.IGNORECASE
)
_ASKS = re.compile(
    r"\?|(?:^|[.!;,:]\s*)(?:(?:what|who|when|where|which|how|why)\b"
    r"|(?:can|could|may|must|should|do|does|is|are|am|will) (?:i|we|you|it|they|there|the|our|my|an?|any|staff)\b)",
    re.IGNORECASE,
)
"""Something is asked, and not only told."""


class Answer:
    """A question, what was found for it, and how it is said."""

    def __init__(
        self,
        published: Published,
        retriever: Retriever,
        question: str,
        today: date,
        notes: Callable[[], tuple[Note, ...]] = tuple,
        closed: bool = False,
    ) -> None:
        """Look the question up in this school's policy, and only where that is silent, among its `notes`.
        `closed`: the school is, now."""
        judged = judge(question)
        self.safeguarding = judged.card
        self.published = published
        self.question = question
        self.today = today
        self.closed = closed
        lined = judged.unsure or (triage_ready() and not judged.card)
        self.line = urgent_line(published.school, judged.about_head) if lined else None
        self.is_help = bool(_GREETING.fullmatch(question.strip()) or _THANKS.fullmatch(question.strip()))
        self.found = (
            Found(outcome="not_in_policy") if self.is_help else retriever.find(published.policy, question)
        )
        silent = not self.is_help and self.found.outcome != "answer"
        self.note = nearest(retriever, published.school, notes(), question) if silent else None

    @property
    def outcome(self) -> str:
        """`answer`, `not_in_policy` or `help`."""
        return "help" if self.is_help else self.found.outcome

    @property
    def verdict(self) -> Verdict | None:
        """The first clause's verdict; None unless there is an answer."""
        if self.outcome != "answer":
            return None
        return verdict_for(self.found.ranked[0].clause, self.question, default_topics().concepts)

    @property
    def forms(self) -> tuple[Workflow, ...]:
        """The forms that the clauses shown lead to, where this school has them. A clause on other people than
        the question's leads to none."""
        if self.outcome != "answer":
            return ()
        topics = default_topics()
        asked = dealt_with(self.question, topics.concepts) - {"staff"}
        clauses = [ranked.clause for ranked in self.found.ranked[:2] if ranked.clause.key]
        people = {clause.key: dealt_with(clause.shown, topics.concepts) - {"staff"} for clause in clauses}
        keys = {key for key, named in people.items() if not asked or not named or asked & named}
        commands = {topics.by_id(topic).form for topic in self.found.about[:1]}
        return tuple(
            w for w in self.published.workflows if keys.intersection(w.clauses) or w.command in commands
        )

    def reply(self) -> Message:
        """The cards: a safety card first if one is needed, then the answer. Only what is about the policy
        and nobody's safety may be shown where others read along (must 11)."""
        first = (first_card(self.published, self.safeguarding, self.closed),) if self.safeguarding else ()
        audience: Audience = "person" if self.safeguarding or self.line else "place"
        if self.is_help:
            helped = help_card(self.published, thanks=bool(_THANKS.fullmatch(self.question.strip())))
            return Message(cards=(*first, helped), audience=audience)
        if first and (self.outcome != "answer" or not _ASKS.search(self.question)):
            return Message(cards=first)  # anything that was not asked for is noise at the wrong moment
        card = self._answer() if self.outcome == "answer" else self._not_in_policy()
        return Message(cards=(*first, under_card(card, self.line) if self.line else card), audience=audience)

    def _answer(self) -> Card:
        policy, best = self.published.policy, self.found.ranked[0].clause
        beside = tuple(r.clause for r in self.found.ranked[1:3] if r.score > 0.6 * self.found.ranked[0].score)
        parts: list[Part] = [quote(policy, best)]
        if beside:
            parts.append(Text(text="Beside it:", tone="quiet"))
            parts += [quote(policy, clause) for clause in beside]
        parts += overdue(self.published.school, self.today)
        shown_already = 1 + len(beside)
        next_best = self.found.ranked[shown_already : shown_already + 3]
        further = ",".join((best.id, *(ranked.clause.id for ranked in next_best)))
        buttons = (
            *form_buttons(self.forms),
            Button(action="not_meant", target=further, label="Not what I meant"),
            *ask_button(self.published),
        )
        # Beside a concern a verdict would read as one on what happened, or on who did it.
        verdict = "fact" if self.safeguarding else self.verdict or "fact"
        return Card(title=VERDICT_WORDS[verdict], parts=tuple(parts), buttons=buttons)

    def _not_in_policy(self) -> Card:
        school, policy = self.published.school, self.published.policy
        owner = school.title(school.policy.owner)
        silent = f"I found nothing in {policy.title} that answers this."
        parts: list[Part] = [Text(text=silent)]
        parts += shown(self.note) if self.note else (Text(text=f"You can ask the {owner.lower()}."),)
        if self.found.ranked:
            parts += [
                Text(text="The nearest thing it says:", tone="quiet"),
                quote(policy, self.found.ranked[0].clause),
            ]
        return Card(title="○ The policy does not say", parts=tuple(parts), buttons=ask_button(self.published))


def first_card(published: Published, found: Triage, closed: bool) -> Card:
    """The safety card for something typed outside a form, with the policy's clause and the one right form."""
    school, policy = published.school, published.policy
    whom = "child" if found.level != "headteacher" else "head" if found.about_head else "staff"
    key: str = getattr(school.concern_clauses, whom)
    clause = next((c for c in policy.clauses if key and c.key == key), None)
    # What the policy says about a child may send them to the head, whom this concern is about.
    shown = quote(policy, clause) if clause and not (found.about_head and whom == "child") else None
    buttons = concern_button(published.workflow("report-concern") is not None)
    return safety_card(school, found, closed=closed, clause=shown, buttons=buttons)


def quote(policy: Policy, clause: Clause) -> Quote:
    """A clause with its lead-in and citation; restated wording is marked as such."""
    return Quote(text=clause.shown, citation=policy.cite(clause), restated=policy.wording == "restated")


def quotes(policy: Policy, keys: Iterable[str]) -> tuple[Quote, ...]:
    """The clauses of these author's keys, in that order, as far as the policy has them."""
    by_key = {clause.key: clause for clause in policy.clauses if clause.key}
    return tuple(quote(policy, by_key[key]) for key in keys if key in by_key)


def overdue(school: School, today: date) -> tuple[Text, ...]:
    """One short line when the policy's review date has passed."""
    due = school.policy.review_due
    if due is None or due >= today:
        return ()
    return (Text(text=f"This policy was due for review by {due:%B %Y}.", tone="warning"),)


def not_meant(published: Published, clause_ids: Iterable[str]) -> Card:
    """The next clauses that might be meant, after those already shown, and somebody to ask."""
    policy = published.policy
    clauses = [clause for clause_id in clause_ids if (clause := policy.by_id(clause_id))]
    parts: list[Part] = [quote(policy, clause) for clause in clauses]
    parts.insert(0, Text(text="Perhaps one of these?" if clauses else "I have nothing nearer to show."))
    parts.append(
        Text(text="Or put it in other words: say who it is about and what they want to do.", tone="quiet")
    )
    return Card(title="Sorry about that", parts=tuple(parts), buttons=ask_button(published))


def ask_button(published: Published) -> tuple[Button, ...]:
    """A way to a person, wherever the clerk's own answer may not be enough."""
    asking = published.workflow(ASK)
    return (Button(action="start", target=ASK, label=asking.title),) if asking else ()


def form_buttons(workflows: Iterable[Workflow]) -> tuple[Button, ...]:
    """A button for each form."""
    return tuple(Button(action="start", target=w.command, label=w.title) for w in workflows)


_EXAMPLES = {"friend": "Can I accept a parent's friend request?", "approv": "Who approves a post?"}
"""A word that a policy about it has, and what somebody may ask then."""


def help_card(published: Published, thanks: bool = False) -> Card:
    """What the clerk can do here."""
    said = " ".join(clause.text for clause in published.policy.clauses).casefold()
    examples = " or ".join(f"“{question}”" for word, question in _EXAMPLES.items() if word in said)
    like = f", for example {examples}" if examples else "."
    parts: list[Part] = [Text(text=f"Ask me about {published.policy.title} in your own words{like}")]
    parts.append(urgent_line(published.school))
    if published.workflows:
        parts.append(Text(text="Or start one of these:"))
    title = "You're welcome" if thanks else f"Policy Clerk for {published.school.name}"
    report = Button(action="start", target=REPORT, label="Report something")
    return Card(title=title, parts=tuple(parts), buttons=(report, *form_buttons(published.workflows)))
