"""A school's whole staff list as one row of the database.

Every event needs it. SQLite's driver lets other threads run before each row it fetches, so that forty rows cost
more than all the rest of a small answer. And whether anything has changed since shows in the row itself: what was
made of it is made once, in every process, and none has to be told.
"""

import json
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Label, Row, String, bindparam, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from adapters.store.tables import absences, holdings, people
from bot.people import Absence, Person, Staff

LISTS_KEPT = 64
"""How many staff lists stay in memory: those of the schools that are talking, not of those that exist."""


class _Gathered(FunctionElement[str]):
    """These columns of all rows, as one JSON text: a list of lists, in no order."""

    type = String()
    inherit_cache = True


@compiles(_Gathered, "sqlite")
def _in_sqlite(element: _Gathered, compiler: SQLCompiler, **how: Any) -> str:
    return f"json_group_array(json_array({compiler.process(element.clauses, **how)}))"


@compiles(_Gathered, "postgresql")
def _in_postgresql(element: _Gathered, compiler: SQLCompiler, **how: Any) -> str:
    rows = f"json_agg(json_build_array({compiler.process(element.clauses, **how)}))"
    return f"CAST(coalesce({rows}, '[]') AS text)"


def whole_list(school: ColumnElement[str]) -> Iterator[Label[str]]:
    """The columns that hold a school's staff list, for `staff_of`."""
    listed, away = people.alias(), people.alias()
    persons = select(_Gathered(*(listed.c[name] for name in Person.model_fields)))
    yield persons.where(listed.c.school == school).label("people")
    held = select(_Gathered(holdings.c.role, holdings.c.person))
    yield held.where(holdings.c.school == school).label("holdings")
    gone = select(_Gathered(absences.c.person, absences.c.first, absences.c.last))
    yield gone.join(away, away.c.id == absences.c.person).where(away.c.school == school).label("absences")


def staff_of(row: Row[*tuple[Any, ...]], today: date) -> Staff:
    """What a row with a `whole_list` says: people by name, with roles and absences."""
    return _staff(row.people, row.holdings, row.absences, today)


@lru_cache(maxsize=LISTS_KEPT)
def _staff(listed: str, held: str, away: str, today: date) -> Staff:
    persons = (
        Person.model_validate(dict(zip(Person.model_fields, p, strict=True))) for p in json.loads(listed)
    )
    return Staff(
        today=today,
        people=tuple(sorted(persons, key=lambda p: (p.name.casefold(), p.id))),
        holdings=tuple(sorted((role, person) for role, person in json.loads(held))),
        absences=tuple(
            Absence(person=person, first=first, last=last)
            for person, first, last in sorted(map(tuple, json.loads(away)))
        ),
    )


STAFF_LIST = select(*whole_list(bindparam("school")))
"""The row of one school."""
