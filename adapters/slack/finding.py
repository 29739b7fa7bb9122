"""Whose account in Slack an e-mail address is: for people who have not written to the clerk yet."""

from collections.abc import Callable

from slack_sdk.errors import SlackClientError
from slack_sdk.web import WebClient

from adapters.slack.outbound import failure
from adapters.slack.people import standing_of, verified_email
from bot.events import Identity


class SlackFinder:
    """`adapters.reaching.Finder`. Synchronous: the worker calls it in a thread."""

    def __init__(self, client: Callable[[str], WebClient | None]) -> None:
        self._client = client

    def find(self, tenant: str, email: str) -> Identity | None:
        """The member of the workspace who has confirmed this address (docs.slack.dev, users.lookupByEmail);
        None for a guest, and where there is nobody or the app is not installed. SendFailed to try later."""
        client = self._client(tenant)
        if client is None:
            return None
        try:
            profile = client.users_lookupByEmail(email=email)["user"]
        except (SlackClientError, OSError) as error:
            why = failure(error)
            if why.permanent:
                return None
            raise why from None
        who = Identity(platform="slack", tenant=tenant, user=profile["id"])
        same = verified_email(profile).casefold() == email.casefold()
        return who if same and standing_of(who, profile) == "member" else None
