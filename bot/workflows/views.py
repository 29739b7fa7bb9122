"""A request as cards: for whoever is asked, the requester, those told. Built when shown, never stored.

Requests about people show in chat only reference, kind and urgency (WORKFLOWS, rule 6); their
details are a card of their own, given only after `routing.may_open` was asked.
"""

from collections.abc import Container, Iterable

from bot.cards import Button, Card, Facts, Mood, Part, Quote, Style, Text
from bot.people import UNLISTED, UNLISTED_NAME
from bot.ports import Delivery
from bot.workflows import routing
from bot.workflows.checklist import unsettled
from bot.workflows.deadlines import moment
from bot.workflows.definition import Stage
from bot.workflows.forms import SET_BY_SCHOOL, describe
from bot.workflows.history import account, blinkered, checklist, holds, seen_by, shown_values, signatures
from bot.workflows.receipts import receipts
from bot.workflows.request import Request, Status, Taken
from bot.workflows.routing import Context
from knowledge.clauses import Policy

STATUS: dict[Status, str] = {
    "open": "Waiting",
    "sent_back": "Sent back to you to change",
    "refused": "Refused",
    "withdrawn": "Withdrawn",
    "completed": "Finished",
    "closed": "Closed",
}
_MOODS: dict[Status, Mood] = {
    "open": "waiting",
    "sent_back": "waiting",
    "refused": "bad",
    "completed": "good",
    "closed": "good",
}


def card_for(
    ctx: Context, policy: Policy, request: Request, person: str, deliveries: Iterable[Delivery] = ()
) -> Card | None:
    """What this person may see of the request now, in chat; None when that is nothing at all."""
    if person == request.requester and person in request.subjects:
        return _sent_card(ctx, request)
    if person == request.requester:
        return status_card(ctx, request, tuple(deliveries))
    if person in routing.barred(ctx, request):
        return None
    theirs = [stage for stage, holder in routing.asked(ctx, request) if holder.person == person]
    if theirs:
        return asked_card(ctx, policy, request, theirs[0], person)
    if any(holder.person == person for holder in routing.told(ctx, request)):
        return told_card(ctx, request)
    was_asked = any(d.person == person and d.request == request.id for d in deliveries)
    if was_asked or routing.may_open(ctx, request, person):
        return _settled_card(ctx, request, person)
    return None


def asked_card(ctx: Context, policy: Policy, request: Request, stage: Stage, person: str) -> Card:
    """For somebody the request waits for: what it is, and the buttons of this stage."""
    if request.about_people:
        buttons = (Button(action="open", label="Open details", target=request.id, style="primary"),)
        return Card(
            title=title_of(ctx, request),
            parts=(covered(ctx, request), *school_step(request, stage)),
            buttons=buttons,
            mood="waiting",
        )
    parts: list[Part] = [Text(text=stage.title, tone="strong"), *school_step(request, stage)]
    parts += [asker(ctx, request), *_facts(ctx, request, person), *signatures(ctx, request)]
    parts += [_rests_on(ctx, policy)]
    return Card(
        title=title_of(ctx, request),
        parts=tuple(parts),
        buttons=stage_buttons(request, stage),
        mood="waiting",
    )


def details_card(
    ctx: Context, request: Request, person: str, history: Iterable[Taken], linked: Iterable[str] = ()
) -> Card:
    """Everything this person may see of the request, with the buttons they have. Ask `may_open` first.
    `linked`: references of linked requests that they may open too."""
    theirs = [stage for stage, holder in routing.asked(ctx, request) if holder.person == person]
    waiting = waiting_for(ctx, request, person)
    parts: list[Part] = [Text(text=waiting if request.is_open and waiting else STATUS[request.status])]
    if request.urgent:
        parts.append(Text(text="Urgent: the reporter said that someone was in danger.", tone="warning"))
    if request.on_hold:
        *_, held = holds(ctx, request, person)
        why = f" Why: {held.reason}" if held.reason else ""
        parts.append(
            Text(text=f"On legal hold since {moment(held.at)}: it is not erased.{why}", tone="strong")
        )
    parts += [asker(ctx, request), *account(ctx, request, person), *_facts(ctx, request, person)]
    parts += checklist(ctx, request, person)
    parts += signatures(ctx, request, person, frozenset(linked))
    seen = (t for t in history if t.action in ("opened", "printed"))
    opened = [f"{moment(t.at)}, {seen_by(ctx, t)}" for t in seen]
    if opened and person != request.requester and not blinkered(ctx, request, person):
        parts.append(Facts(rows=(("Opened by", "; ".join(opened)),)))
    buttons = tuple(button for stage in theirs for button in stage_buttons(request, stage))
    printing = Button(action="print", label="Print", target=request.id)
    return Card(
        title=title_of(ctx, request),
        parts=tuple(parts),
        buttons=(*buttons, *_case_buttons(ctx, request, person), printing),
    )


def status_card(ctx: Context, request: Request, deliveries: tuple[Delivery, ...] = ()) -> Card:
    """For the requester: where it is, what was decided and why, and what is next."""
    parts: list[Part] = []
    if request.status == "open":
        parts.append(Text(text=waiting_for(ctx, request), tone="strong"))
        waiting = [ctx.workflow.stage(open_stage.stage) for open_stage in request.open]
        own = [stage for stage in waiting if school_step(request, stage)]
        several = len(waiting) > len(own) and f"{' and '.join(stage.title for stage in own)}: "
        parts += (
            [Text(text=f"{several or 'This step: '}{SET_BY_SCHOOL.lower()}", tone="quiet")] if own else []
        )
        parts += receipts(ctx, request, deliveries)
    parts += [Facts(rows=(("Sent", moment(request.created_at)),)), *signatures(ctx, request)]
    return Card(
        title=f"{title_of(ctx, request)}: {STATUS[request.status].lower()}",
        parts=tuple(parts),
        buttons=_own_buttons(ctx, request),
        mood=_MOODS.get(request.status, "plain"),
    )


def sent_card(ctx: Context, request: Request) -> Card:
    """What the requester is told at once: that it is kept, and whom it now waits for."""
    waits, then = (waiting_for(ctx, request), "You will be told at each step.")
    if not request.is_open:
        waits, then = ("This is recorded.", "Nobody has to do anything about it.")
    elif request.requester in request.subjects:
        then = "It is about you, so nothing more of it is shown to you here."
    parts = (Text(text=waits, tone="strong"), Text(text=then))
    return Card(title=f"{title_of(ctx, request)}: sent", parts=parts, mood="good")


def told_card(ctx: Context, request: Request) -> Card:
    """For somebody who learns that it exists: reference, kind and urgency."""
    note = Text(text="For your information. Nothing is asked of you.", tone="quiet")
    return Card(title=title_of(ctx, request), parts=(covered(ctx, request), note))


def _sent_card(ctx: Context, request: Request) -> Card:
    """For a requester it is about: that it was sent, and nothing that has happened since."""
    rows = (
        ("Reference", request.reference),
        ("Kind", ctx.workflow.title),
        ("Sent", moment(request.created_at)),
    )
    return Card(title=title_of(ctx, request), parts=(Facts(rows=rows),))


def stage_buttons(request: Request, stage: Stage) -> tuple[Button, ...]:
    """What the holder of an open stage can do."""

    def button(action: str, label: str, style: Style = "plain") -> Button:
        target = f"{request.id}/{stage.id}"
        return Button(action=action, label=label, target=target, version=request.revision, style=style)

    first: list[Button]
    match stage.kind:
        case "decide":
            first = [button("approve", "Approve", "primary"), button("refuse", "Refuse", "danger")]
        case "receive":
            waiting = request.waiting(stage.id)
            first = (
                [] if waiting and waiting.received else [button("receive", "I am dealing with it", "primary")]
            )
            first.append(button("close", "Close with an outcome"))
        case _:
            first = [button("done", stage.done_label, "primary")]
    back = (button("send_back", "Send back"),) if stage.may_send_back and not request.about_people else ()
    on = () if stage.kind == "acknowledge" else (button("hand_on", "Hand on"),)
    return (*first, *back, *on)


def _settled_card(ctx: Context, request: Request, person: str) -> Card:
    """For somebody who was asked or has acted, when it waits for them no more."""
    waiting = waiting_for(ctx, request, person)
    parts: list[Part] = [Text(text=waiting if request.is_open and waiting else STATUS[request.status])]
    if not request.about_people:
        parts += signatures(ctx, request)
    opens = routing.may_open(ctx, request, person)
    buttons = (Button(action="open", label="Open details", target=request.id),) if opens else ()
    return Card(title=title_of(ctx, request), parts=tuple(parts), buttons=buttons)


def title_of(ctx: Context, request: Request) -> str:
    """Reference and procedure."""
    return f"{request.reference} {ctx.workflow.title}"


def covered(ctx: Context, request: Request) -> Facts:
    """All that chat shows of a request about people."""
    urgency = "Urgent: someone may be in danger" if request.urgent else "Normal"
    unlisted = (("Sent by", UNLISTED_NAME),) if request.requester == UNLISTED else ()
    kind = ("Kind", ctx.workflow.title)
    return Facts(rows=(("Reference", request.reference), kind, ("Urgency", urgency), *unlisted))


def asker(ctx: Context, request: Request) -> Facts:
    """Who asked, and when."""
    return Facts(rows=(("Asked by", describe(ctx, request.requester)), ("Sent", moment(request.created_at))))


def _facts(ctx: Context, request: Request, person: str) -> tuple[Facts, ...]:
    rows = shown_values(ctx.workflow.fields, request.values, ctx, routing.hidden_from(ctx, request, person))
    return (Facts(rows=rows),) if rows else ()


def waiting_for(ctx: Context, request: Request, person: str = "") -> str:
    """What it waits for, as far as this person may know; empty when they may know none of it."""
    if request.status == "sent_back":
        return "Waiting for the requester to change it."
    own = {stage.id for stage, holder in routing.asked(ctx, request) if holder.person == person}
    narrow = bool(person) and person != request.requester and blinkered(ctx, request, person)
    waits = []
    for stage, holder in routing.asked(ctx, request):
        if narrow and stage.id not in own:
            continue
        who = (
            ctx.school.title(holder.role) if holder.role in ctx.school.roles else describe(ctx, holder.person)
        )
        waits.append(f"{stage.title} ({who[:1].lower() + who[1:] if who[1:2].islower() else who})")
    return "Waiting for: " + "; ".join(dict.fromkeys(waits)) + "." if waits else ""


def school_step(request: Request, stage: Stage) -> tuple[Text, ...]:
    """That a step is the school's own and not the policy's, where it is."""
    by_school = stage.set_by_school or stage.route(request.values).set_by_school
    return (Text(text=f"This step: {SET_BY_SCHOOL.lower()}", tone="quiet"),) if by_school else ()


def _rests_on(ctx: Context, policy: Policy) -> Part:
    clause = next((c for c in policy.clauses if c.key and c.key in ctx.workflow.clauses[:1]), None)
    if clause is None:
        return Text(text=f"Rests on {policy.title} ({policy.version}).", tone="quiet")
    return Quote(text=clause.shown, citation=policy.cite(clause), restated=policy.wording == "restated")


def _own_buttons(ctx: Context, request: Request) -> tuple[Button, ...]:
    def button(action: str, label: str, style: Style = "plain") -> Button:
        return Button(action=action, label=label, target=request.id, version=request.revision, style=style)

    open_details = button("open", "Show what I sent")
    if not request.is_open:
        return (open_details,)
    if request.about_people:
        return (open_details, *_evidence(ctx, request), button("add", "Add a note"))
    change = (button("change", "Change and send again", "primary"),) if request.status == "sent_back" else ()
    return (*change, open_details, button("withdraw", "Withdraw"))


def _case_buttons(ctx: Context, request: Request, person: str) -> tuple[Button, ...]:
    """What else can be done with an open request about people: by its reporter, and by those who handle
    it and see all of it."""
    if not request.about_people or not request.is_open:
        return ()
    theirs = {stage.id for stage, holder in routing.asked(ctx, request) if holder.person == person}
    handled = [ctx.workflow.stage(o.stage) for o in request.open if o.stage in theirs]
    tick = tuple(
        Button(
            action="settle",
            label="Tick the checklist",
            target=f"{request.id}/{s.id}",
            version=request.revision,
        )
        for s in handled
        if unsettled(request, s)
    )
    note = Button(action="add", label="Add a note", target=request.id)
    named = Button(action="name_subject", label="It is about someone on the staff", target=request.id)
    link = Button(action="link", label="Link to another report", target=request.id)
    if person == request.requester:
        return (*_evidence(ctx, request), note, named)
    if not routing.handles(ctx, request, person):
        return (note,)
    return (*tick, *_evidence(ctx, request, theirs), note, named, link)


def _evidence(ctx: Context, request: Request, stages: Container[str] | None = None) -> tuple[Button, ...]:
    """The button of an evidence log, for each open stage (of `stages`, if given) that keeps one."""
    logs = [
        o.stage
        for o in request.open
        if ctx.workflow.stage(o.stage).log and (stages is None or o.stage in stages)
    ]
    return tuple(Button(action="log", label="Add evidence", target=f"{request.id}/{stage}") for stage in logs)
