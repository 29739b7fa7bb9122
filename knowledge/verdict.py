"""What a clause says about doing something: its modality, with its conditions kept in view.

Read from the clause's own words; where those decide nothing, from its lead-in and its words
together. The verdict never stands alone: it is shown with the clause, and a condition in the
clause is part of the verdict's name.
"""

import re
from typing import Literal

from knowledge.asking import dealt_with
from knowledge.clauses import Clause
from knowledge.concepts import Concepts

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
    return re.compile(r"(?<![\w-])(" + "|".join(phrases) + r")(?![\w-])")


_PERMISSION = "(approval|permission|consent|advice|authori[sz]ation|agreement|authority)"
_PEOPLE = (
    r"(staff|employees?|teachers?|pupils?|learners?|students?|children|parents?|carers|governors|volunteers|"
    r"members?|individuals|people|person|contractors|you|they|we|anyone|everyone|the (school|academy|trust)|requests?)"
)
_MODAL_NOT = r"(must|will|shall|may|can|could|need|is|are) (\w+ ){0,2}?(not|never)"

_UNLESS = _any(
    "unless|except|excepting|other than|apart from|save (where|with|for)",
    rf"without (the |any |prior |express |written |having )*{_PERMISSION}",
    "until (approved|permission|it has been)",
)
_IF = _any("if|likely to|in cases where|where (it|this|that|doing so) (is|would|could)")
_ONLY = _any(
    r"only (be )?(\w+ ){0,4}?(may|can|will|to|by|if|when|where|with|through|after|once|use|used|take|takes|be)",
    r"(will|may|can|must|is|are|do) (\w+ ){0,3}?only",
    r"only (the|those|staff|people|authori[sz]ed|approved|social)",
    "sites only|accounts only",
    "after approval",
)
_ALLOWED = _any(
    r"not (be )?(prohibited|forbidden|banned)",
    "no prohibition",
    r"not expect\w*( \w+){0,2} to (stop|give up|end|discontinue)",
    rf"{_PEOPLE} (\w+ ){{0,4}}?(is|are) (allowed|permitted|welcome|free|able|entitled) to",
)
_ADVISED_AGAINST = _any(
    r"(advised|encouraged|recommended|asked|urged|reminded|instructed)[:,]? ([\w-]+ ){0,6}?"
    r"(not|against|never|neither|avoid)",
    r"asked[\w, ]{0,20}? to (post|share|name) no",
    r"(should|ought) (\w+ ){0,3}?(not|never|avoid)",
    r"(recommend|recommends|recommendation|advise|advises)\b[^.;]{0,60}(not to|against)",
    "discouraged|is not safe|not advisable|rarely appropriate|not the way to",
)
_BARE_DENIAL = _any(
    r"(is|are) not (limited|necessarily|expected|private|part|obliged|required|meant|the|a|an|only|available)",
    r"who (cannot|can not|do not|does not|will not|must not)",
)
_FORBIDDEN = _any(
    r"(must|will|shall|may|can|could) (\w+ ){0,3}?(not|never|no)",
    r"(must|will|shall) (\w+ )?(avoid|refrain|decline to)",
    r"(nor|neither|no \w+|no (\w+ ){1,3}?who \w+ (\w+ ){1,4}?|nobody|no one|no pupil who is under \d+)"
    r" (should|must|may|will|can)",
    "at no time|in no circumstances|not .{0,20}under any circumstances|cannot|mustn't|not permitted|not allowed",
    "not (be )?(permitted|allowed|tolerated|acceptable)|prohibited|forbidden|banned",
    "is not (tolerated|permitted)|instructed to sign up to no|no tolerance",
    r"(will|must|asked)[\w, ]{0,20}? (use|make|post|share|have|take) (no|nothing)",
    r"no [\w' ]{1,60} will (breach|be|include)|none of it (will|must|may)|with nobody except",
)
_IMPERATIVE_NOT = re.compile(r"(^|[.;:] )(please )?(do not|don't|never)\b")
_DENIED_ITEM = re.compile(r"^(it |they )?(does not|do not|has no|have no|takes no|nothing|no |not )")
_ADVISED = _any(
    "advised|encouraged|recommended|recommends?|good idea|ought to|asked to|urged|advisable",
    r"(?<!^)(?<!how it )(?<!how they )should(?! (\w+ ){0,3}be raised)",
    "good practice to",
)
_MUST = _any(
    "must",
    r"(is|are|be) required (to|of)",
    "required of",
    r"have to|has to|a need to|(?<!contact )needs to|obliged",
)
_POSSIBLE = r"(\w+ly )?(be|result|lead|affect|involve|include|have|pose|need|mean|wish|interact)"
"""After `may` and `can`, what tells of a possibility and not of leave."""
_MAY = _any(
    rf"{_PEOPLE} (\w+ ){{0,5}}?(may|can)(?! {_POSSIBLE})",
    r"may be (made|used|posted|shared)",
    "can be used by",
)
_DUTY = _any(
    r"will(?! be (able|aware))|shall|responsib\w+|expected[\w, ]{0,12}? (to|of)|duty|is to|are to|aims to",
    "dealt with|acts as follows|has to be",
)
_DEFINITION = re.compile(r"^(the |a |an )?(term|word|phrase) ")
_CONSEQUENCE = _any(
    r"action[\w, ]{0,60} may follow|may follow any",
    r"(may|could|can|might) (\w+ ){0,2}?(result|lead|end|be (taken|liable|held|treated|dismissed|under))",
    r"(fall|falls|come|comes|lie|are|is) (within|outside|under|inside) (the |this )?(policy|scope)('s)?",
    "is outside|is within|are within|are outside",
)


def verdict(clause: Clause) -> Verdict:
    """The modality of a clause. Form fields and plain statements are facts."""
    if clause.form_field:
        return "fact"
    own = read(clause.text)
    if not clause.lead_in or (own not in ("fact", "duty", "may") and not _leans(clause)):
        return own
    return _with_lead_in(clause, own)


def _leans(clause: Clause) -> bool:
    """`not to meet ...` and `creating terms which must ...` are parts of their lead-in's sentence."""
    return bool(re.match(r"(not to|to|\w+ing) ", _plain(clause.text)))


def verdict_for(clause: Clause, question: str, concepts: Concepts) -> Verdict:
    """The modality of what a clause says to this question. Where one clause rules on pupils and on
    parents, and the question names one of them, only the sentences about those are read."""
    whom = _people(question, concepts)
    parts = _SENTENCES.split(clause.text)
    fitting = [part for part in parts if whom & _people(part, concepts)]
    if clause.form_field or not fitting or len(fitting) == len(parts):
        return verdict(clause)
    return read(" ".join((clause.lead_in, *fitting)))


_SENTENCES = re.compile(r"(?<=[.;!?]) +|(?<=,) +(?=(?:Individuals|Staff|Pupils|Parents|All|They)\b)")
"""Also where an extraction has made a comma of a full stop."""


def _people(text: str, concepts: Concepts) -> frozenset[str]:
    return dealt_with(text, concepts) - {"staff"}


def read(text: str) -> Verdict:
    """The modality of a text: what it forbids before what it advises, demands or allows."""
    said = _plain(text)
    if _ALLOWED.search(said):
        return "may_if" if _conditional(said) else "may"
    if _ADVISED_AGAINST.search(said) and not _excepted_ban(said):
        return "advised_against"
    if _forbids(said):
        return _ban(said)
    if _CONSEQUENCE.search(said) or _DEFINITION.search(said):
        return "fact"
    if _ONLY.search(said) and (_DUTY.search(said) or _MAY.search(said) or "only" in said):
        return "must_not_unless"
    return _positive(said)


def _with_lead_in(clause: Clause, own: Verdict) -> Verdict:
    """An item that does not decide for itself takes its lead-in's modality."""
    above = read(clause.lead_in.rstrip(": "))
    if _leans(clause) and above in ("advised", "duty"):
        return "advised_against" if _plain(clause.text).startswith("not ") else above
    if above in ("duty", "must", "fact") and _DENIED_ITEM.match(_plain(clause.text)):
        return _ban(_plain(clause.text))
    if above in ("fact", "may", "may_if"):
        return own
    together = read(f"{clause.lead_in.rstrip(': ')} {clause.text}")
    return together if own == "fact" or above not in ("duty", "must") else own


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("’", "'").replace("‘", "'").split())


def _forbids(said: str) -> bool:
    without_denials = _BARE_DENIAL.sub(" ", said)
    return bool(_FORBIDDEN.search(without_denials) or _IMPERATIVE_NOT.search(without_denials))


def _excepted_ban(said: str) -> bool:
    """`Nor should any contact be accepted, except ...` is a ban with a way out, not advice."""
    return bool(re.search(r"\bnor (should|must)\b", said) and _UNLESS.search(said))


def _ban(said: str) -> Verdict:
    if _UNLESS.search(said):
        return "must_not_unless"
    return "must_not_if" if _IF.search(said) else "must_not"


def _conditional(said: str) -> bool:
    return bool(_UNLESS.search(said) or re.search(r"\b(if|provided|as long as|only with)\b", said))


def _positive(said: str) -> Verdict:
    """The modality of a text that forbids nothing."""
    if _ADVISED.search(said):
        return "advised"
    if _MUST.search(said):
        return "must"
    if _DUTY.search(said):
        return "duty"
    if _MAY.search(said):
        return "may_if" if _conditional(said) else "may"
    return "fact"
