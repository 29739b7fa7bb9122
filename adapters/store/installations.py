"""The workspaces a chat platform's app was installed in, each with its token: sealed, because whoever has the token
speaks as the clerk."""

from datetime import datetime

from sqlalchemy import delete, select

from adapters.store.crypto import Keys
from adapters.store.engine import Database, upsert
from adapters.store.places import Chat
from adapters.store.tables import installations


class Installations:
    """Every method is one transaction."""

    def __init__(self, database: Database, keys: Keys) -> None:
        self._database = database
        self._keys = keys

    def keep(self, platform: Chat, tenant: str, token: str, at: datetime) -> None:
        """The app was installed there, or once more: this token counts from now on."""
        master = self._keys.current
        sealed = self._keys.installation_key(master).seal(token.encode(), "installations", platform, tenant)
        row = {"platform": platform, "tenant": tenant, "at": at, "master": master, "sealed": sealed}
        with self._database.write() as connection:
            upsert(connection, installations, row)

    def token(self, platform: Chat, tenant: str) -> str:
        """The token; empty where the app is not installed. Unreadable when it was tampered with."""
        found = select(installations.c.master, installations.c.sealed).where(
            installations.c.platform == platform, installations.c.tenant == tenant
        )
        with self._database.read() as connection:
            row = connection.execute(found).first()
        if row is None:
            return ""
        key = self._keys.installation_key(row.master)
        return key.open(row.sealed, "installations", platform, tenant).decode()

    def forget(self, platform: Chat, tenant: str, token: str) -> bool:
        """The app is not there any more. False when another token has taken the place of this one meanwhile."""
        if self.token(platform, tenant) != token:
            return False
        gone = delete(installations).where(
            installations.c.platform == platform, installations.c.tenant == tenant
        )
        with self._database.write() as connection:
            return connection.execute(gone).rowcount == 1
