"""Where somebody is reached. Who is on the staff list and has not written to the clerk yet is looked up, by
their e-mail address, in the workspaces that their school is connected to."""

from collections.abc import Mapping
from typing import Protocol

from adapters.store.people import SqlDirectory
from adapters.store.places import Places
from bot.events import Identity
from bot.ports import Place, SendFailed


class Finder(Protocol):
    """A platform that can say whose account an e-mail address is."""

    def find(self, tenant: str, email: str) -> Identity | None:
        """The account of the one member who has confirmed this address. SendFailed: it cannot say now."""


class Reaching:
    """`SqlDirectory.places`, once whoever is in no chat has been looked for."""

    def __init__(self, directory: SqlDirectory, places: Places, finders: Mapping[str, Finder]) -> None:
        """`finders` by platform; one that is not there can look nobody up."""
        self._directory = directory
        self._places = places
        self._finders = finders

    def places(self, person_id: str, role: str) -> tuple[Place, ...]:
        """Where a message for this person goes, first choice first. SendFailed where only a platform that does
        not answer now could say."""
        known = self._directory.places(person_id, role)
        if any(place.user and place.platform != "web" for place in known):
            return known
        try:
            found = self._found(person_id)
        except SendFailed:
            if known:
                return known
            raise
        return self._directory.places(person_id, role) if found else known

    def _found(self, person_id: str) -> bool:
        """Whether an account was found, and is known from now on to be theirs."""
        person = self._directory.employed(person_id)
        if person is None or not person.email:
            return False
        for connection in self._places.connections(person.school):
            finder = self._finders.get(connection.platform)
            if finder and (who := finder.find(connection.tenant, person.email)):
                self._directory.recognise(who, person.email)
                return True
        return False
