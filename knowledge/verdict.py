"""What a clause says about doing something: its modality, with its conditions kept in view.

Read from the clause's own words, lead-in included. The verdict never stands alone: it is shown
with the clause, and a condition in the clause is part of the verdict's name.
"""

import re
from typing import Literal

from knowledge.clauses import Clause

Verdict = Literal[
    "must",
    "must_not",
    "must_not_if",
    "must_not_unless",
    "may",
    "may_if",
    "advised",
    "advised_against",
    "duty",
    "fact",
]


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile(r"\b(" + "|".join(phrases) + r")\b")


_PERMISSION = "(approval|permission|consent|advice|authori[sz]ation)"
_UNLESS = _any(
    "unless|except|excepting|other than|apart from",
    rf"without (the |any |prior |express |written )*{_PERMISSION}",
)
_IF = _any("if|where|when|in case|likely to")
_PROVIDED = _any("if|provided|as long as|only with")
_ALLOWED = _any(
    r"not( be)? (prohibited|forbidden|banned)",
    r"not( be)? expect\w*( \w+)? to (stop|give up|end|discontinue)",
)
_ADVISED_AGAINST = _any(
    r"(advised|encouraged|recommended|asked|urged|reminded)\b[^.;]{0,25}\b(not|against|never|avoid)",
    r"(should|ought)( \w+){0,2} (not|never|avoid)",
    r"(recommend|advise)s?\b[^.;]{0,60}\b(not|against)",
    "is not safe|rarely appropriate|not the way to",
)
_FORBIDDEN = _any(
    r"(must|will|shall|may|can|do|does|are|is|be)( \w+){0,2} (not|never)",
    "cannot|mustn't|don't|never|prohibited|forbidden|banned",
    "no (pupil|member of staff|one|staff)",
    "not (permitted|allowed|tolerated)",
)
_ADVISED = _any("advised|encouraged|recommended|recommends?|good idea|should|ought to|asked to")
_MUST = _any("must|required to|have to|has to|needs? to|obliged|only")
_MAY = _any("may|can|could|able to|allowed to|permitted|free to|is fine|are welcome")
_DUTY = _any(r"will|shall|responsib\w+|expected|duty|is to|are to")


def verdict(clause: Clause) -> Verdict:
    """The modality of a clause. Form fields and plain statements are facts."""
    if clause.form_field:
        return "fact"
    return read(clause.shown)


def read(text: str) -> Verdict:
    """The modality of a text: what it forbids before what it advises, allows or demands."""
    said = text.casefold().replace("’", "'")
    if _ALLOWED.search(said):
        return "may_if" if _PROVIDED.search(said) or _UNLESS.search(said) else "may"
    if _ADVISED_AGAINST.search(said):
        return "advised_against"
    if _FORBIDDEN.search(said):
        if _UNLESS.search(said):
            return "must_not_unless"
        return "must_not_if" if _IF.search(said) else "must_not"
    if _ADVISED.search(said):
        return "advised"
    if _MUST.search(said):
        return "must"
    if _DUTY.search(said):
        return "duty"
    if _MAY.search(said):
        return "may_if" if _IF.search(said) or _UNLESS.search(said) else "may"
    return "fact"
