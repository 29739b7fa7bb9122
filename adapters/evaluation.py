"""Answers as data and as text: the command line's side of the contracts in docs/reference."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from adapters.schools import NoSuchSchool
from adapters.scoring import BadLine, Question, judged, read_questions, table
from bot.cards import Card, Facts, Link, Quote, Text
from bot.conversation import Answer
from bot.ports import Published, Retriever
from bot.triage import triage
from knowledge.clauses import Clause, Policy


def as_contract(answer: Answer, ms: float) -> dict[str, Any]:
    """One answer as `policyclerk ask --json` prints it."""
    policy, school = answer.published.policy, answer.published.school
    found = answer.safeguarding
    return {
        "school": school.id,
        "question": answer.question,
        "outcome": answer.outcome,
        "verdict": answer.verdict,
        "clauses": [
            {
                "id": ranked.clause.id,
                "text": ranked.clause.shown,
                "citation": policy.cite(ranked.clause),
                "section": ranked.clause.section.heading,
                "score": round(ranked.score, 3),
            }
            for ranked in answer.found.ranked
        ],
        "safeguarding": {"level": found.level, "to": list(found.to(school))} if found else None,
        "forms": [workflow.command for workflow in answer.forms],
        "ms": round(ms, 1),
    }


def as_text(answer: Answer) -> str:
    """One answer as a person reads it in a terminal."""
    return "\n\n".join(card_as_text(card) for card in answer.reply().cards)


def card_as_text(card: Card) -> str:
    """A card in plain text, buttons by their labels."""
    lines = [card.title]
    for part in card.parts:
        match part:
            case Text(text=text):
                lines.append(text)
            case Quote(text=text, citation=citation, restated=restated):
                lines.append(f"  In short: {text}" if restated else f"  “{text}”")
                lines.append(f"  {citation}")
            case Facts(rows=rows):
                lines += [f"  {label}: {value}" for label, value in rows]
            case Link():
                lines.append(f"  {part.label}: {part.shown}")
    lines += [f"  [{button.label}]" for button in card.buttons]
    return "\n".join(lines)


def policy_as_contract(policy: Policy) -> dict[str, Any]:
    """A policy as `policyclerk policy show --json` prints it."""
    return {
        "school": policy.school,
        "title": policy.title,
        "version": policy.version,
        "wording": policy.wording,
        "clauses": [
            {
                "id": clause.id,
                "lead_in": clause.lead_in,
                "text": clause.text,
                "section": clause.section.heading,
                "citation": policy.cite(clause),
                "form_field": clause.form_field,
            }
            for clause in policy.clauses
        ],
    }


def policy_as_text(policy: Policy) -> str:
    """A policy with its headings and the ids of its clauses."""
    lines = [f"{policy.title} ({policy.version}), {policy.wording}, {len(policy.clauses)} clauses"]
    section = None
    for clause in policy.clauses:
        if clause.section != section:
            section = clause.section
            lines += ["", section.heading]
        field = " [form field]" if clause.form_field else ""
        lines.append(f"  {clause.id}  {'  ' * clause.depth}{clause.text}{field}")
    return "\n".join(lines)


def evaluate(
    questions: Path, out: Path, in_force: Callable[[str], Published], retriever: Retriever, today: date
) -> str:
    """Answer every line of a question file and write the predictions; a line without a policy is only
    triaged. Returns the table of figures, or how many lines there were when none says what is right.
    BadLine names a line that cannot be used, and then nothing is written."""
    schools: dict[str, Published] = {}
    predictions, outcomes = [], []
    for where, item in read_questions(questions):
        text, school = str(item.get("question") or item.get("text")), item.get("policy")
        ranked: list[Clause] = []
        abstained = True
        if isinstance(school, str) and school:
            if school not in schools:
                try:
                    schools[school] = in_force(school)
                except NoSuchSchool as error:
                    raise BadLine(f"{where}: {error}") from error
            answer = Answer(schools[school], retriever, text, today)
            ranked = [r.clause for r in answer.found.ranked]
            abstained = answer.outcome != "answer"
            if "gold" in item or "keys" in item:
                asked = _question(item, school, text).within(schools[school].policy)
                outcomes.append(judged(asked, ranked, abstained))
        found = triage(text)
        predictions.append(
            {
                "id": item["id"],
                "ranked": [clause.shown for clause in ranked],
                "abstained": abstained,
                "safeguarding": found.level if found else None,
            }
        )
    out.write_text("".join(json.dumps(p, ensure_ascii=False) + "\n" for p in predictions), encoding="utf-8")
    return table(outcomes) if outcomes else f"{len(predictions)} lines read; none says what is right."


def _question(item: dict[str, Any], school: str, text: str) -> Question:
    return Question(
        id=str(item["id"]),
        policy=school,
        text=text,
        kind=str(item.get("kind", "")),
        gold=tuple(item.get("gold", ())),
        keys=tuple(item.get("keys", ())),
    )
