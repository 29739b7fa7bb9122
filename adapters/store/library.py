"""Published schools, kept as `bot.ports.Library` asks: what is in force, and every procedure that was."""

import json
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Connection, bindparam, select

from adapters.store.engine import Database, insert_or_skip, upsert
from adapters.store.tables import in_force, published, published_workflows
from bot.people import School
from bot.ports import Published
from bot.workflows.definition import Workflow
from knowledge.clauses import Policy

SCHOOLS_KEPT = 64
"""How many schools' versions stay in memory: those that are talking, not those that exist."""


class DifferentContent(ValueError):
    """This school has already published something else under this version."""


class SqlLibrary:
    """`bot.ports.Library` on SQLite or PostgreSQL. What was once published never changes, so a version
    is read and parsed once; only which version is in force is asked each time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._edition = lru_cache(maxsize=SCHOOLS_KEPT)(self._read_edition)
        self._workflow = lru_cache(maxsize=16 * SCHOOLS_KEPT)(self._read_workflow)

    def schools(self) -> tuple[str, ...]:
        """Ids of the schools in force."""
        with self._database.read() as connection:
            return tuple(connection.execute(select(in_force.c.school).order_by(in_force.c.school)).scalars())

    def published(self, school: str) -> Published:
        """What is in force now. KeyError for a school that has published nothing."""
        with self._database.read() as connection:
            version = connection.execute(_IN_FORCE, {"school": school}).scalar()
        if version is None:
            raise KeyError(school)
        return self._edition(school, version)

    def outline(self, school: str) -> Published:
        """What is in force now without the policy's clauses, and of its procedures the first alone; read anew
        each time, and not kept. KeyError for a school that has published nothing."""
        chosen = select(published).join(
            in_force, (in_force.c.school == published.c.school) & (in_force.c.version == published.c.version)
        )
        with self._database.read() as connection:
            row = connection.execute(chosen.where(published.c.school == school)).first()
        if row is None:
            raise KeyError(school)
        return Published(
            school=School.model_validate_json(row.school_json),
            policy=Policy.model_validate({**json.loads(row.policy_json), "clauses": ()}),
            workflows=tuple(self._read_workflow(school, *named) for named in json.loads(row.workflows)[:1]),
            version=row.version,
        )

    def edition(self, school: str, version: str) -> Published:
        """What a school had published as `version`. KeyError when there is none."""
        return self._edition(school, version)

    def workflow(self, school: str, command: str, version: str) -> Workflow:
        """A procedure as it was at `version`. KeyError when it was never published."""
        return self._workflow(school, command, version)

    def publish(self, edition: Published, at: datetime) -> None:
        """Write a version down and put it in force. Publishing the same again, or an earlier version,
        puts that in force. DifferentContent when the version names something else."""
        school = edition.school.id
        row = {
            "school": school,
            "version": edition.version,
            "school_json": edition.school.model_dump_json(by_alias=True),
            "policy_json": edition.policy.model_dump_json(by_alias=True),
            "workflows": json.dumps([(w.command, w.version) for w in edition.workflows]),
            "at": at,
        }
        with self._database.write() as connection:
            if not insert_or_skip(connection, published, row):
                _same_or_raise(connection, row)
            for workflow in edition.workflows:
                _keep(connection, school, workflow)
            upsert(connection, in_force, {"school": school, "version": edition.version, "at": at})

    def _read_edition(self, school: str, version: str) -> Published:
        chosen = select(published).where(published.c.school == school, published.c.version == version)
        with self._database.read() as connection:
            row = connection.execute(chosen).first()
        if row is None:
            raise KeyError(f"{school} {version}")
        edition = Published(
            school=School.model_validate_json(row.school_json),
            policy=Policy.model_validate_json(row.policy_json),
            workflows=tuple(self._workflow(school, *named) for named in json.loads(row.workflows)),
            version=version,
        )
        self._keep_as_read(edition, json.loads(row.workflows))
        return edition

    def _keep_as_read(self, edition: Published, named: list[tuple[str, str]]) -> None:
        """A newer program may compute another version for the same procedure, because its definition
        has a new setting. Requests that begin now carry that one, so it must be found as well."""
        stored = {version for _command, version in named}
        if renamed := [w for w in edition.workflows if w.version not in stored]:
            with self._database.write() as connection:
                for workflow in renamed:
                    _keep(connection, edition.school.id, workflow)

    def _read_workflow(self, school: str, command: str, version: str) -> Workflow:
        table = published_workflows
        chosen = select(table.c.json).where(
            table.c.school == school, table.c.command == command, table.c.version == version
        )
        with self._database.read() as connection:
            text = connection.execute(chosen).scalar()
        if text is None:
            raise KeyError(f"{school} /{command} {version}")
        return Workflow.model_validate_json(text)


_IN_FORCE = select(in_force.c.version).where(in_force.c.school == bindparam("school"))
"""Read with every event; building a statement takes as long as asking SQLite."""


def _keep(connection: Connection, school: str, workflow: Workflow) -> None:
    row = {"school": school, "command": workflow.command, "version": workflow.version}
    insert_or_skip(connection, published_workflows, {**row, "json": workflow.model_dump_json(by_alias=True)})


def _same_or_raise(connection: Connection, row: dict[str, object]) -> None:
    same = ("school_json", "policy_json", "workflows")
    known = connection.execute(
        select(published).where(published.c.school == row["school"], published.c.version == row["version"])
    ).one()
    if any(known._mapping[name] != row[name] for name in same):
        raise DifferentContent(f"{row['school']} has published something else as version {row['version']}")
