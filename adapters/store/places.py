"""Where schools are talked to from, and where their messages go: workspaces, channels, conversations."""

from datetime import datetime

from sqlalchemy import Connection as Connected
from sqlalchemy import delete, select, update

from adapters.store.crypto import Keys
from adapters.store.engine import Database, insert_or_skip, upsert
from adapters.store.tables import adoptions, connections, conversations, role_channels
from bot.model import Model
from bot.people import Channel
from bot.people import Chat as Chat


class NotAdopted(ValueError):
    """A school's folder is still the package's: only a school that made it its own can be connected."""


class Connection(Model):
    """A Slack workspace or a Teams tenant from which a school is talked to."""

    platform: Chat
    tenant: str
    school: str


class Places:
    """Adopted schools, their workspaces and channels. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def adopt(self, school: str, at: datetime) -> None:
        """The school's folder is its own from now on. Harmless to repeat."""
        with self._database.write() as connection:
            put_adoption(connection, school, at)

    def adopted(self) -> frozenset[str]:
        """Ids of the schools that made their folder their own."""
        with self._database.read() as connection:
            return frozenset(connection.execute(select(adoptions.c.school)).scalars())

    def connect(self, platform: Chat, tenant: str, school: str) -> None:
        """The school is talked to from this workspace or tenant, and from others as before. NotAdopted
        before it has been adopted. Harmless to repeat."""
        with self._database.write() as connection:
            put_connection(connection, platform, tenant, school)

    def disconnect(self, platform: Chat, tenant: str, school: str) -> bool:
        """The school is not talked to from there any more, and its messages go to no channel there. Whether
        it was."""
        with self._database.write() as connection:
            return drop_connection(connection, platform, tenant, school)

    def connections(self, school: str = "") -> tuple[Connection, ...]:
        """A school's workspaces and tenants, or everybody's."""
        with self._database.read() as connection:
            return read_connections(connection, school)

    def served(self) -> tuple[str, ...]:
        """Schools that are talked to from somewhere, by id."""
        return tuple(dict.fromkeys(connection.school for connection in self.connections()))

    def set_channel(self, school: str, channel: Channel) -> None:
        """A role's messages go there on that platform; with an empty `channel`, to each holder alone.
        ValueError when the school is not talked to from that workspace."""
        with self._database.write() as connection:
            put_channel(connection, school, channel)

    def channels(self, school: str) -> tuple[Channel, ...]:
        """The channels of a school's roles."""
        with self._database.read() as connection:
            return read_channels(connection, school)


def put_adoption(connection: Connected, school: str, at: datetime) -> bool:
    """See `Places.adopt`. Whether it was news."""
    return insert_or_skip(connection, adoptions, {"school": school, "at": at})


def drop_connection(connection: Connected, platform: Chat, tenant: str, school: str) -> bool:
    """See `Places.disconnect`."""
    for table in (role_channels, connections):
        theirs = (table.c.platform == platform, table.c.tenant == tenant, table.c.school == school)
        gone = connection.execute(delete(table).where(*theirs)).rowcount
    return gone == 1


def put_connection(connection: Connected, platform: Chat, tenant: str, school: str) -> None:
    """See `Places.connect`."""
    own = select(adoptions.c.school).where(adoptions.c.school == school)
    if connection.execute(own).first() is None:
        raise NotAdopted(school)
    insert_or_skip(connection, connections, {"platform": platform, "tenant": tenant, "school": school})


def put_channel(connection: Connected, school: str, channel: Channel) -> None:
    """See `Places.set_channel`."""
    if not channel.channel:
        connection.execute(
            delete(role_channels).where(
                role_channels.c.school == school,
                role_channels.c.role == channel.role,
                role_channels.c.platform == channel.platform,
            )
        )
        return
    known = select(connections.c.school).where(
        connections.c.platform == channel.platform,
        connections.c.tenant == channel.tenant,
        connections.c.school == school,
    )
    if connection.execute(known).first() is None:
        raise ValueError(f"{school} is not connected to {channel.tenant} on {channel.platform}")
    upsert(connection, role_channels, {"school": school, **channel.model_dump()})


def mark_channel(connection: Connected, school: str, channel: Channel) -> bool:
    """Since when nothing reaches the channel, or that it is reached again. Whether that was news."""
    stands, lost_at = role_channels.c.lost_at, channel.lost_at
    marked = (
        update(role_channels)
        .where(
            role_channels.c.school == school,
            role_channels.c.role == channel.role,
            role_channels.c.platform == channel.platform,
            role_channels.c.channel == channel.channel,
            stands.is_(None) if lost_at else stands.is_not(None),
        )
        .values(lost_at=lost_at)
    )
    return connection.execute(marked).rowcount == 1


def read_connections(connection: Connected, school: str = "") -> tuple[Connection, ...]:
    """See `Places.connections`."""
    chosen = select(connections).order_by(connections.c.school, connections.c.platform, connections.c.tenant)
    if school:
        chosen = chosen.where(connections.c.school == school)
    return tuple(Connection.model_validate(dict(row._mapping)) for row in connection.execute(chosen).all())


def read_channels(connection: Connected, school: str) -> tuple[Channel, ...]:
    """See `Places.channels`."""
    chosen = select(role_channels).where(role_channels.c.school == school)
    rows = connection.execute(chosen.order_by(role_channels.c.role, role_channels.c.platform)).all()
    return tuple(
        Channel.model_validate({name: row._mapping[name] for name in Channel.model_fields}) for row in rows
    )


class Conversations:
    """What a platform needs in order to speak first (Teams' conversation references), sealed: they name
    people and places."""

    def __init__(self, database: Database, keys: Keys) -> None:
        self._database = database
        self._keys = keys

    def remember(self, platform: Chat, tenant: str, key: str, reference: str) -> None:
        """Keep the reference of a user or a channel (`key`), instead of an earlier one."""
        place = ("conversations", platform, tenant, key)
        master = self._keys.current
        sealed = self._keys.conversation_key(master).seal(reference.encode(), *place)
        row = {"platform": platform, "tenant": tenant, "key": key, "master": master, "sealed": sealed}
        with self._database.write() as connection:
            upsert(connection, conversations, row)

    def reference(self, platform: Chat, tenant: str, key: str) -> str | None:
        """The reference, or None when the clerk has never been spoken to there. Unreadable when it was
        tampered with."""
        with self._database.read() as connection:
            row = connection.execute(
                select(conversations.c.master, conversations.c.sealed).where(
                    conversations.c.platform == platform,
                    conversations.c.tenant == tenant,
                    conversations.c.key == key,
                )
            ).first()
        if row is None:
            return None
        place = ("conversations", platform, tenant, key)
        return self._keys.conversation_key(row.master).open(row.sealed, *place).decode()

    def forget(self, platform: Chat, tenant: str, key: str) -> None:
        """The clerk cannot speak there any more: it was removed, or the account is gone."""
        with self._database.write() as connection:
            connection.execute(
                delete(conversations).where(
                    conversations.c.platform == platform,
                    conversations.c.tenant == tenant,
                    conversations.c.key == key,
                )
            )
