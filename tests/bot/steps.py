"""Two procedures and where a request of each stands: what the tests of requests share."""

from bot.workflows import requests
from bot.workflows.request import Change, Request
from bot.workflows.routing import Context
from tests.bot.small import concern, flow, sent, told_of

STEPS = flow("""\
  - id: check
    kind: act
    title: Check
    who: {role: ict}
    may_send_back: true
    asks: [{id: blocked, kind: yes_no, label: Blocked?}]
  - {id: decision, kind: decide, title: Decision, who: {role: head}}
  - {id: read, kind: acknowledge, title: Read, who: {role: manager}}
""")
CONCERN = concern(top=told_of("head"))


def at_decision(ctx: Context) -> Request:
    request = sent(ctx)
    return requests.finish(ctx, request, "check", "ict", request.revision, "", {}).request


def asked_of(change: Change) -> set[str]:
    return {notice.person for notice in change.notices if notice.kind == "asked"}


def reported(ctx: Context, requester: str = "teacher", **values: str) -> Request:
    return sent(ctx, requester, **{"url": "a.org", "who": "pupil"} | values)
