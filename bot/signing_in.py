"""The way from chat to the page: a link that signs this person in once, shown to them alone."""

from bot.cards import Card, Link, Part, Text
from bot.visit import Services, Visit

SIGN_IN = "sign-in"
"""The built-in command."""
NO_DOOR = Card(
    title="The page has no address yet",
    parts=(Text(text="Ask the person who looks after the clerk to set POLICYCLERK_PUBLIC_URL."),),
)


def offers_sign_in(services: Services, visit: Visit) -> bool:
    """Whether this person could sign in from where they are."""
    return services.door is not None and visit.who is not None and visit.who.platform != "web"


def sign_in_card(services: Services, visit: Visit) -> Card:
    """The link, and what to know of it; nobody gets one who is on the page already."""
    if services.door is None:
        return NO_DOOR
    if visit.who is None or not offers_sign_in(services, visit):
        return Card(title="You are signed in", parts=(Text(text="This is the page."),), mood="good")
    parts: tuple[Part, ...] = (
        Link(label="Open the page and sign in", url=services.door.link(services.directory.who(visit.who))),
        Text(text="It works once, in the next 15 minutes, and instead of any earlier link."),
        Text(text="It lets in whoever has it: pass it on to nobody.", tone="warning"),
    )
    return Card(title="Sign in on the web", parts=parts)
