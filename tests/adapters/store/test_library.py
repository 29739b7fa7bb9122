"""Published schools: one version in force, every procedure findable for as long as requests live."""

import pytest
from sqlalchemy import select, update

from adapters.store import tables
from adapters.store.engine import Database
from adapters.store.library import DifferentContent, SqlLibrary
from tests.adapters.store.samples import MINUTE, NOW, count, published, workflow


@pytest.fixture
def library(database: Database) -> SqlLibrary:
    return SqlLibrary(database)


def test_what_was_published_comes_back_as_it_was(library: SqlLibrary, database: Database) -> None:
    library.publish(published(), NOW)
    assert library.published("hill") == published()
    assert SqlLibrary(database).published("hill") == published()
    assert library.published("hill").workflow("unblock-request") == workflow()


def test_an_unknown_school_procedure_or_version_is_a_key_error(library: SqlLibrary) -> None:
    library.publish(published(), NOW)
    with pytest.raises(KeyError, match="dale"):
        library.published("dale")
    for asked in (
        ("dale", "unblock-request", workflow().version),
        ("hill", "report", "1"),
        ("hill", "unblock-request", "1"),
    ):
        with pytest.raises(KeyError):
            library.workflow(*asked)


def test_schools_in_force_are_listed_once(library: SqlLibrary) -> None:
    assert library.schools() == ()
    for name in ("hill", "dale"):
        library.publish(published("1", name=name), NOW)
        library.publish(published("2", name=name), NOW)
    assert library.schools() == ("dale", "hill")


def test_a_new_version_is_in_force_at_once_in_every_process(library: SqlLibrary, database: Database) -> None:
    other = SqlLibrary(database)
    library.publish(published("1"), NOW)
    assert other.published("hill").version == "1"
    library.publish(published("2", title="New title"), NOW + MINUTE)
    assert library.published("hill") == other.published("hill") == published("2", title="New title")


def test_old_procedures_stay_findable(library: SqlLibrary, database: Database) -> None:
    old = workflow("Old title")
    library.publish(published("1", title="Old title"), NOW)
    library.publish(published("2", title="New title"), NOW)
    assert SqlLibrary(database).workflow("hill", "unblock-request", old.version) == old
    assert library.edition("hill", "1").workflows == (old,)


def test_publishing_an_earlier_version_again_puts_it_in_force(library: SqlLibrary) -> None:
    for version, title in (("1", "Old"), ("2", "New"), ("1", "Old")):
        library.publish(published(version, title=title), NOW)
    assert library.published("hill").version == "1"


def test_a_version_means_one_thing(library: SqlLibrary) -> None:
    library.publish(published("1"), NOW)
    with pytest.raises(DifferentContent, match="version 1"):
        library.publish(published("1", title="Something else"), NOW)
    assert library.published("hill") == published("1")


def test_a_version_is_read_once(
    library: SqlLibrary, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.publish(published(), NOW)
    assert library.published("hill") is library.published("hill")
    assert library.workflow("hill", "unblock-request", workflow().version) is library.workflow(
        "hill", "unblock-request", workflow().version
    )


def test_a_procedure_is_findable_under_the_version_a_newer_program_computes(
    library: SqlLibrary, database: Database
) -> None:
    """As if an older program had published it, whose definition hashed to something else."""
    library.publish(published(), NOW)
    with database.write() as connection:
        connection.execute(update(tables.published_workflows).values(version="older"))
        named = connection.execute(select(tables.published.c.workflows)).scalar_one()
        renamed = named.replace(workflow().version, "older")
        connection.execute(update(tables.published).values(workflows=renamed))
    newer = SqlLibrary(database)
    version = newer.published("hill").workflows[0].version
    assert newer.workflow("hill", "unblock-request", version) == workflow()
    assert newer.workflow("hill", "unblock-request", "older") == workflow()
    assert count(database, tables.published_workflows) == 2


def test_an_outline_is_what_is_in_force_without_the_clauses(library: SqlLibrary) -> None:
    library.publish(published("1"), NOW)
    library.publish(published("2"), NOW)
    outline, whole = library.outline("hill"), library.published("hill")
    assert outline == whole.model_copy(
        update={
            "policy": whole.policy.model_copy(update={"clauses": ()}),
            "workflows": whole.workflows[:1],
        }
    )
    with pytest.raises(KeyError, match="dale"):
        library.outline("dale")
