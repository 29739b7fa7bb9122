"""Who holds what and who is away, changed together with the audit chain: `bot.ports.StaffBook`."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date

from sqlalchemy import Connection, delete, insert, select

from adapters.store import queue, registers
from adapters.store.crypto import Keys
from adapters.store.engine import Database
from adapters.store.people import drop_absence, put_absence, put_identity, put_person, put_role
from adapters.store.places import (
    Chat,
    drop_connection,
    mark_channel,
    put_adoption,
    put_channel,
    put_connection,
    read_channels,
    read_connections,
)
from adapters.store.tables import role_changes
from bot.events import Identity
from bot.people import Absence, Channel, Person, RoleChange
from bot.ports import Conflict
from bot.workflows.entry import Deed
from bot.workflows.request import Notice


class SqlStaffBook:
    """Every method is one transaction, and leaves its deed in the school's chain."""

    def __init__(self, database: Database, keys: Keys) -> None:
        self._database = database
        self._keys = keys

    def note(self, school: str, deed: Deed) -> None:
        """Append what was done elsewhere."""
        with self._noted(school, deed):
            pass

    def enter(
        self,
        school: str,
        people: tuple[Person, ...],
        holders: Mapping[str, tuple[str, ...]],
        accounts: tuple[tuple[Identity, str], ...],
        deed: Deed,
    ) -> None:
        """Put people on the school's list or bring them up to date, with the roles that change hands and
        their accounts: all of it or nothing."""
        with self._noted(school, deed) as connection:
            for person in people:
                put_person(connection, person)
            for role, wanted in holders.items():
                put_role(connection, school, role, wanted)
            for identity, person_id in accounts:
                put_identity(connection, identity, person_id)

    def set_holders(
        self, school: str, role: str, holders: tuple[str, ...], deed: Deed, told: tuple[Notice, ...] = ()
    ) -> None:
        """Exactly these people hold the role from now on. ValueError names whom the school does not list."""
        with self._noted(school, deed, told) as connection:
            put_role(connection, school, role, holders)

    def set_absence(self, school: str, absence: Absence, deed: Deed, told: tuple[Notice, ...] = ()) -> None:
        """The person is away on these days; the same first day again changes the last."""
        with self._noted(school, deed, told) as connection:
            put_absence(connection, absence)

    def clear_absence(
        self, school: str, person: str, first: date, deed: Deed, told: tuple[Notice, ...] = ()
    ) -> None:
        """The absence that begins on this day is off."""
        with self._noted(school, deed, told) as connection:
            drop_absence(connection, person, first)

    def ask(self, change: RoleChange, deed: Deed, told: tuple[Notice, ...] = ()) -> None:
        """Let a change wait for a second person, instead of an earlier one of the same role."""
        row = change.model_dump() | {"gains": json.dumps(change.gains), "losses": json.dumps(change.losses)}
        with self._noted(change.school, deed, told) as connection:
            connection.execute(
                delete(role_changes).where(
                    role_changes.c.school == change.school, role_changes.c.role == change.role
                )
            )
            connection.execute(insert(role_changes).values(row))

    def asked(self, school: str) -> tuple[RoleChange, ...]:
        """The changes that wait for a second person, oldest first."""
        chosen = select(role_changes).where(role_changes.c.school == school)
        with self._database.read() as connection:
            rows = connection.execute(chosen.order_by(role_changes.c.asked_at, role_changes.c.id)).all()
        return tuple(
            RoleChange.model_validate(
                {**row._mapping, "gains": json.loads(row.gains), "losses": json.loads(row.losses)}
            )
            for row in rows
        )

    def settle(
        self, change: RoleChange, holders: tuple[str, ...] | None, deed: Deed, told: tuple[Notice, ...] = ()
    ) -> None:
        """The change waits no more, and these hold the role; None leaves it as it is. Conflict when it has
        been settled meanwhile."""
        with self._noted(change.school, deed, told) as connection:
            waited = delete(role_changes).where(role_changes.c.id == change.id)
            if connection.execute(waited).rowcount != 1:
                raise Conflict(change.id)
            if holders is not None:
                put_role(connection, change.school, change.role, holders)

    def connect(
        self, school: str, who: Identity, person: str, deed: Deed, told: tuple[Notice, ...] = ()
    ) -> None:
        """The school is talked to from this account's workspace or tenant, and the account is that person's.
        NotAdopted before the school has been adopted; ValueError from the web, which has no workspaces."""
        if who.platform == "web":
            raise ValueError("the web has no workspace")
        with self._noted(school, deed, told) as connection:
            put_connection(connection, who.platform, who.tenant, school)
            put_identity(connection, who, person)

    def adopt(self, school: str, deed: Deed) -> None:
        """The school's folder is its own from now on. Does nothing where it was already."""
        with self._database.write() as connection:
            if put_adoption(connection, school, deed.at):
                registers.note(connection, self._keys, school, deed)

    def join(self, school: str, platform: Chat, tenant: str, deed: Deed) -> None:
        """The school is talked to from there. NotAdopted before it has been adopted."""
        with self._noted(school, deed) as connection:
            put_connection(connection, platform, tenant, school)

    def part(self, school: str, platform: Chat, tenant: str, deed: Deed) -> bool:
        """The school is not talked to from there any more. Whether it was."""
        with self._database.write() as connection:
            gone = drop_connection(connection, platform, tenant, school)
            if gone:
                registers.note(connection, self._keys, school, deed)
            return gone

    def workspaces(self, school: str) -> tuple[tuple[Chat, str], ...]:
        """Platform and tenant of each place a school is talked to from."""
        with self._database.read() as connection:
            return tuple((c.platform, c.tenant) for c in read_connections(connection, school))

    def channels(self, school: str) -> tuple[Channel, ...]:
        """The channels of a school's roles."""
        with self._database.read() as connection:
            return read_channels(connection, school)

    def set_channel(self, school: str, channel: Channel, deed: Deed, told: tuple[Notice, ...] = ()) -> None:
        """A role's messages go there on that platform; with an empty `channel`, to each holder alone.
        ValueError when the school is not talked to from that workspace."""
        with self._noted(school, deed, told) as connection:
            put_channel(connection, school, channel)

    def channel_lost(self, school: str, channel: Channel, told: tuple[Notice, ...]) -> bool:
        """Nothing can be put into the channel since its `lost_at`: tell these people, once. False when that is
        known already, or the role's messages go elsewhere by now."""
        with self._database.write() as connection:
            first = mark_channel(connection, school, channel)
            if first and channel.lost_at:
                queue.tell(connection, told, channel.lost_at)
        return first

    def channel_found(self, school: str, channel: Channel) -> None:
        """Something was put into the channel again."""
        with self._database.write() as connection:
            mark_channel(connection, school, channel.model_copy(update={"lost_at": None}))

    @contextmanager
    def _noted(self, school: str, deed: Deed, told: tuple[Notice, ...] = ()) -> Iterator[Connection]:
        """A transaction that ends with whom to tell, and with its entry in the chain."""
        with self._database.write() as connection:
            yield connection
            queue.tell(connection, told, deed.at)
            registers.note(connection, self._keys, school, deed)
