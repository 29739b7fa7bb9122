"""How urgent something typed may be. Read, judged by phrases, and forgotten: nothing is stored, nobody told.

Levels: `emergency` (somebody may be in danger now), `dsl` (a concern about a child),
`headteacher` (a concern about staff).
"""

import re
from typing import Literal

from bot.model import Model
from bot.people import School

Level = Literal["emergency", "dsl", "headteacher"]


class Triage(Model):
    """How urgent a text may be. `about_head`: the concern is about the head, so the chair is named.
    `image`: it may speak of a sexual image of a child."""

    level: Level
    about_head: bool = False
    image: bool = False

    def to(self, school: School) -> tuple[str, ...]:
        """Role keys of the school that this is for, first things first."""
        if self.level == "headteacher":
            return (school.chair,) if self.about_head else tuple(sorted(school.head_roles))[:1]
        return (school.dsl, *school.roles[school.dsl].deputies)


def triage(text: str) -> Triage | None:
    """The level a text calls for, by plain phrase rules; None when nothing in it does.

    Questions about policy, teaching or training mention the same words: they count only with a
    sign of a real person or event beside them.
    """
    said = re.sub(r"\s+", " ", text.casefold().replace("’", "'"))
    image = bool(_IMAGE.search(said) and _CHILD.search(said))
    if _EMERGENCY.search(said) and not _ABOUT_TEACHING.search(said):
        return Triage(level="emergency", image=image)
    if _ABOUT_TEACHING.search(said):
        return None
    if _STAFF_CONDUCT.search(said):
        return Triage(level="headteacher", about_head=bool(_HEAD.search(said)), image=image)
    if image or _DISCLOSURE.search(said):
        return Triage(level="dsl", image=image)
    return None


def _any(*phrases: str) -> re.Pattern[str]:
    """A pattern that finds any of the phrases, each from the start of a word to the end of one."""
    return re.compile(r"\b(" + "|".join(phrases) + r")\b")


_THEM = r"(him|her|them|me|my)"
_PUPILS = r"(pupils?|child|children|girls?|boys?|kids?|students?|lads?|year \d+|yr ?\d+)"
_PICTURE = r"(pics?|pictures?|photos?|images?|videos?|snaps?|selfies?|screenshots?)"
_BARE = r"(nudes?|naked|topless|indecent|sexual\w*|explicit|intimate|undress\w*|private parts|no clothes)"
_STAFF = (
    r"(colleagues?|teachers?|teaching assistants?|tas?|member of staff|staff members?"
    r"|head ?teacher|our head|the head|caretaker|coach|mr|mrs|miss|ms|sir|principal|supply)"
)
_CONDUCT = (
    r"(messag(es|ing|ed)|text(s|ing|ed)|dm(s|ing|ed)?|snapchat\w*|adds?|added|flirt\w*|touch\w*|alone with"
    r"|too close|inappropriate\w*|grop\w*|hit(s|ting)?|sexual\w*|relationship with"
    r"|meets?|meeting|photos? of|liking)"
)

_CHILD = _any(_PUPILS, "under 18", "minor", "daughter", "son", "she", "he")
_HEAD = _any("head ?teacher", "the head", "our head", "head of school", r"executive head\w*", "principal")
_IMAGE = _any(
    rf"{_BARE}\b.{{0,60}}\b{_PICTURE}",
    rf"{_PICTURE}\b.{{0,60}}\b{_BARE}",
    r"(sent|sending|shared|sharing|got|has|had) (\w+ ){0,3}nudes?",
    "dick pics?",
    "sexting",
)
_EMERGENCY = _any(
    rf"kill(ing)? {_THEM}sel(f|ves)",
    r"wants? to die|wanted to die|suicid\w+|overdos\w+",
    r"end (it all|(his|her|their|my) life)",
    r"taken (\w+ ){0,3}(tablets|pills)",
    r"last night of (his|her|my|their) life",
    "going to jump",
    r"(has|got|with) a (knife|gun|weapon)",
    "bleeding|not breathing|unconscious|being attacked|attacking",
    r"in (immediate )?danger( right)? now",
    r"(don't|doesn't|won't) want to (be alive|live|wake up)",
    rf"meet(ing)? ({_THEM}|a man|someone|up)\b.{{0,50}}\b(tonight|today|now|after school)",
    r"run(ning)? away (tonight|now)",
    r"said goodbye|goodbye (note|message|letter)",
    r"threaten\w* to (kill|stab|hurt|shoot)",
    rf"cutting {_THEM}self (right )?now",
    rf"locked {_THEM}self in",
)
_DISCLOSURE = _any(
    r"self[- ]?harm\w*|groom(ed|ing)|abus(ed|ing)|assault\w*|rap(ed|ing)|bruis\w+|disclos(ed|ure)",
    rf"cut(s|ting)? {_THEM}sel(f|ves)",
    rf"(touch(ed|es|ing)|hit(s|ting)?|threaten(s|ed|ing)) ({_THEM}|a {_PUPILS})",
    rf"hurt(s|ing)? {_THEM} at home",
    r"scared (to go|of going) home",
    r"told me (\w+ ){0,6}(secret|scared|hurt|touch\w*|hit\w*)",
    r"blackmail\w*|sextort\w*|exploit(ed|ing)|county lines|being bullied",
    r"stranger\b.{0,40}\b(messag|chat|snap|dm)\w*",
    "(older|adult) (man|guy|woman|person)",
)
_STAFF_CONDUCT = _any(rf"{_STAFF}\b.{{0,80}}\b{_CONDUCT}\b.{{0,60}}\b({_PUPILS}|him|her)")
_ABOUT_TEACHING = _any(
    "what does (the|our) policy|polic(y|ies) (say|about|on|for)",
    "lesson|curriculum|pshe|assembly|training|inset|scheme of work|worksheet|display",
    "risk assessment|definition of",
    r"teach(ing)? (about|the|pupils|children|them|year)",
    "who (is|do i|should)|where (do|can|is)|should (i|we|staff)|do (i|we) (have|need) to",
    "how do (i|we) (report|record|teach|block)",
    "can (i|we|staff|teachers|you)|am i allowed|are (we|staff) allowed",
)
