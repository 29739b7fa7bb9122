"""A typed message to a reply: safety first, then a cited answer, a form, or "the policy does not say"."""

import re
from collections.abc import Iterable
from datetime import date

from bot.cards import Button, Card, Message, Part, Quote, Text
from bot.people import School
from bot.ports import Published, Retriever
from bot.safeguarding import safety_card, urgent_line
from bot.triage import triage
from bot.workflows.definition import Workflow
from knowledge.clauses import Clause, Policy
from knowledge.retriever import Found
from knowledge.verdict import Verdict, verdict

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

_GREETING = re.compile(
    r"(hi|hiya|hello|hey|good (morning|afternoon|evening)|help|what can you do\??)[\s!.?]*", re.IGNORECASE
)
_THANKS = re.compile(
    r"(thanks|thank you|ta|cheers|great|ok(ay)?|perfect|lovely)[\s!.,a-z]{0,20}", re.IGNORECASE
)


class Answer:
    """A question, what was found for it, and how it is said."""

    def __init__(self, published: Published, retriever: Retriever, question: str, today: date) -> None:
        """Look the question up in this school's policy."""
        self.published = published
        self.question = question
        self.today = today
        self.safeguarding = triage(question)
        self.is_help = bool(_GREETING.fullmatch(question.strip()) or _THANKS.fullmatch(question.strip()))
        self.found = (
            Found(outcome="not_in_policy") if self.is_help else retriever.find(published.policy, question)
        )

    @property
    def outcome(self) -> str:
        """`answer`, `not_in_policy` or `help`."""
        return "help" if self.is_help else self.found.outcome

    @property
    def verdict(self) -> Verdict | None:
        """The first clause's verdict; None unless there is an answer."""
        return verdict(self.found.ranked[0].clause) if self.outcome == "answer" else None

    @property
    def forms(self) -> tuple[Workflow, ...]:
        """The forms that the clauses shown lead to, where this school has them."""
        keys = {ranked.clause.key for ranked in self.found.ranked[:3] if ranked.clause.key}
        return tuple(w for w in self.published.workflows if keys.intersection(w.clauses))

    def reply(self) -> Message:
        """The cards: a safety card first if one is needed, then the answer."""
        school = self.published.school
        first = (safety_card(school, self.safeguarding),) if self.safeguarding else ()
        if self.is_help:
            return Message(
                cards=(
                    *first,
                    help_card(self.published, thanks=bool(_THANKS.fullmatch(self.question.strip()))),
                )
            )
        if self.outcome == "answer":
            return Message(cards=(*first, self._answer()))
        # Under a safety card, "the policy does not say" would be noise at the wrong moment.
        return Message(cards=first or (self._not_in_policy(),))

    def _answer(self) -> Card:
        policy, best = self.published.policy, self.found.ranked[0].clause
        beside = tuple(r.clause for r in self.found.ranked[1:3] if r.score > 0.6 * self.found.ranked[0].score)
        parts: list[Part] = [quote(policy, best)]
        if beside:
            parts.append(Text(text="Beside it:", tone="quiet"))
            parts += [quote(policy, clause) for clause in beside]
        parts += overdue(self.published.school, self.today)
        buttons = (*form_buttons(self.forms),)
        return Card(title=VERDICT_WORDS[verdict(best)], parts=tuple(parts), buttons=buttons)

    def _not_in_policy(self) -> Card:
        school, policy = self.published.school, self.published.policy
        owner = school.title(school.policy.owner)
        parts: list[Part] = [
            Text(text=f"I found nothing in {policy.title} that answers this. Ask the {owner.lower()}.")
        ]
        if self.found.ranked:
            parts += [
                Text(text="The nearest thing it says:", tone="quiet"),
                quote(policy, self.found.ranked[0].clause),
            ]
        parts.append(urgent_line(school))
        return Card(title="○ The policy does not say", parts=tuple(parts))


def quote(policy: Policy, clause: Clause) -> Quote:
    """A clause with its lead-in and citation; restated wording is marked as such."""
    return Quote(text=clause.shown, citation=policy.cite(clause), restated=policy.wording == "restated")


def overdue(school: School, today: date) -> tuple[Text, ...]:
    """One short line when the policy's review date has passed."""
    due = school.policy.review_due
    if due is None or due >= today:
        return ()
    return (Text(text=f"This policy was due for review by {due:%B %Y}.", tone="warning"),)


def form_buttons(workflows: Iterable[Workflow]) -> tuple[Button, ...]:
    """A button for each form."""
    return tuple(Button(action="start", target=w.command, label=w.title) for w in workflows)


def help_card(published: Published, thanks: bool = False) -> Card:
    """What the clerk can do here."""
    examples = "“Can I accept a parent's friend request?” or “Who approves a post?”"
    parts: list[Part] = [
        Text(text=f"Ask me about {published.policy.title} in your own words, for example {examples}")
    ]
    parts.append(urgent_line(published.school))
    if published.workflows:
        parts.append(Text(text="Or start one of these forms:"))
    title = "You're welcome" if thanks else f"Policy Clerk for {published.school.name}"
    return Card(title=title, parts=tuple(parts), buttons=form_buttons(published.workflows))
