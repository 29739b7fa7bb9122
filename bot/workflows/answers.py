"""What was filled in: made tidy, checked field by field, and who it says the request is about."""

import re
from collections.abc import Iterable
from datetime import date

from bot.people import Staff
from bot.workflows.definition import Field, Values, Workflow

_ADDRESS = re.compile(r"(https?://)?([\w-]+\.)+[^\W\d_]{2,}(:\d+)?([/?#]\S*)?", re.IGNORECASE)
LONGEST = 3000
"""Characters in anything somebody types."""
_SEVERAL = ("addresses", "lines", "choices")
_FREE_TEXT = ("text", "long_text", "lines")
_ADDRESSES = ("address", "addresses")


def tidied(
    fields: Iterable[Field], values: Values, known: Values | None = None
) -> dict[str, tuple[str, ...]]:
    """The values of fields that apply, trimmed, one entry a line, empty ones left out. Conditions
    may look at `known` values too: those of the request, when a stage asks for more."""
    tidy: dict[str, tuple[str, ...]] = {}
    for field in fields:
        if not field.applies({**(known or {}), **tidy}):
            continue
        entries = values.get(field.id, ())
        if field.kind in ("addresses", "lines"):
            entries = tuple(line for entry in entries for line in entry.splitlines())
        kept = tuple(entry.strip() for entry in entries if entry.strip())
        if field.kind not in _SEVERAL:
            kept = kept[:1]
        if kept:
            tidy[field.id] = kept
        for option in field.options:
            detail = "".join(values.get(f"{field.id}.{option.value}", ())).strip()
            if option.detail and option.value in kept and detail:
                tidy[f"{field.id}.{option.value}"] = (detail,)
    return tidy


def errors(
    fields: Iterable[Field], values: Values, staff: Staff, known: Values | None = None
) -> dict[str, str]:
    """What is wrong with tidied `values`: field id (or `field.option`) to what would be right."""
    found: dict[str, str] = {}
    for field in fields:
        if not field.applies({**(known or {}), **values}):
            continue
        entries = values.get(field.id, ())
        if not entries:
            if field.required:
                found[field.id] = _missing(field)
            continue
        if problem := _problem(field, entries, staff):
            found[field.id] = problem
        for option in field.options:
            if option.detail and option.value in entries:
                detail = "".join(values.get(f"{field.id}.{option.value}", ()))
                if not detail:
                    found[f"{field.id}.{option.value}"] = f"Please say more: {option.detail.lower()}."
                elif len(detail) > field.max_length:
                    found[f"{field.id}.{option.value}"] = too_long(field.max_length)
    return found


def chose_themselves(workflow: Workflow, values: Values, requester: str) -> dict[str, str]:
    """Fields in which the requester chose themselves to deal with their own request: routing would leave
    them out without a word (WORKFLOWS, who decides, rule 1)."""
    choosing = {route.chosen_in for stage in workflow.stages for route in stage.who}
    mine = (f.id for f in workflow.asked(values) if f.id in choosing and requester in values.get(f.id, ()))
    return dict.fromkeys(mine, "Please choose somebody else: nobody decides their own request.")


def subjects(workflow: Workflow, values: Values, staff: Staff) -> frozenset[str]:
    """Ids of the people these values say the request is about: picked by name, or by their role."""
    people = {
        entry for field in workflow.asked(values) if field.subject for entry in values.get(field.id, ())
    }
    for field in workflow.asked(values):
        for option in field.options:
            if option.subject_role and option.value in values.get(field.id, ()):
                people |= {person.id for person in staff.holders(option.subject_role)}
    return frozenset(people)


def free_text(fields: Iterable[Field], values: Values) -> tuple[str, ...]:
    """Everything somebody typed in their own words, for triage, whether its field still applies or not.
    A web address is none; anything else typed where an address belongs is."""
    typed: list[str] = []
    for field in fields:
        entries = values.get(field.id, ())
        if field.kind in _FREE_TEXT:
            typed += entries
        elif field.kind in _ADDRESSES:
            lines = [line.strip() for entry in entries for line in entry.splitlines()]
            typed += [line for line in lines if not _ADDRESS.fullmatch(line)]
    return (*typed, *(entry for key, entries in values.items() if "." in key for entry in entries))


def too_long(limit: int) -> str:
    """What is said of a text above `limit` characters."""
    return f"Please shorten this to {limit:,} characters."


def _missing(field: Field) -> str:
    match field.kind:
        case "choice" | "choices" | "yes_no" | "entry":
            return "Please choose an answer."
        case "person":
            return "Please choose a person."
        case "date":
            return "Please give a date."
        case _:
            return "Please fill this in."


def _problem(field: Field, entries: tuple[str, ...], staff: Staff) -> str:
    """What is wrong with a field that is filled in; empty when nothing is."""
    if any(len(entry) > field.max_length for entry in entries):
        return too_long(field.max_length)
    match field.kind:
        case "address" | "addresses":
            wrong = [entry for entry in entries if not _ADDRESS.fullmatch(entry)]
            return (
                f"“{wrong[0][:60]}” is not a full web address, such as https://www.example.org/page"
                if wrong
                else ""
            )
        case "date":
            return _date_problem(field, entries[0], staff.today)
        case "choice" | "choices" | "entry":
            if not {option.value for option in field.options}.issuperset(entries):
                return "Please choose one of the answers shown."
            few = field.kind == "choices" and len(set(entries)) < field.minimum
            return f"Please choose at least {field.minimum}." if few else ""
        case "yes_no":
            return "" if entries[0] in ("yes", "no") else "Please answer yes or no."
        case "person":
            return "" if staff.person(entries[0]) else "Please choose somebody on the staff list."
    if field.kind == "lines" and len(entries) < field.minimum:
        return f"Please give at least {field.minimum}, one on each line."
    return ""


def _date_problem(field: Field, entry: str, today: date) -> str:
    try:
        day = date.fromisoformat(entry)
    except ValueError:
        return f"Please write the date as year-month-day, such as {today.isoformat()}."
    return "Please choose today or a later date." if field.not_before_today and day < today else ""
