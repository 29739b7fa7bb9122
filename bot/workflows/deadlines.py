"""School days, school hours, and when the clock looks at a request next.

Decisions are reminded of in school time. A request about a person runs in real time, nights
and half-terms included (WORKFLOWS, who decides, rule 7).
"""

from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

from bot.people import Calendar
from bot.workflows.checklist import reminders
from bot.workflows.request import OpenStage, Request
from bot.workflows.routing import Context

SCHOOL_ZONE = ZoneInfo("Europe/London")


@cache
def _bank_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


def is_school_day(calendar: Calendar, day: date) -> bool:
    """A weekday in term that is no bank holiday. After the last term entered, every weekday
    counts: a calendar nobody renewed must not stop the clock."""
    if day.weekday() >= 5 or day in _bank_holidays(day.year):
        return False
    known_until = max((term.last for term in calendar.terms), default=date.min)
    return day > known_until or any(term.first <= day <= term.last for term in calendar.terms)


def after_school_days(calendar: Calendar, start: datetime, days: int) -> datetime:
    """The same time of day, `days` school days after `start`, moved into school hours. UTC in and out."""
    local = start.astimezone(SCHOOL_ZONE)
    at = min(max(local.time(), calendar.opens), calendar.closes)
    day = local.date()
    while days > 0:
        day += timedelta(days=1)
        days -= is_school_day(calendar, day)
    return datetime.combine(day, at, SCHOOL_ZONE).astimezone(start.tzinfo)


def in_school_hours(calendar: Calendar, moment: datetime) -> bool:
    """Whether someone can be expected to be at their desk."""
    local = moment.astimezone(SCHOOL_ZONE)
    return is_school_day(calendar, local.date()) and calendar.opens <= local.time() < calendar.closes


def next_opening(calendar: Calendar, moment: datetime) -> datetime:
    """When somebody can next be expected at their desk. UTC in and out."""
    local = moment.astimezone(SCHOOL_ZONE)
    day = local.date() + timedelta(days=local.time() >= calendar.opens)
    while not is_school_day(calendar, day):
        day += timedelta(days=1)
    return datetime.combine(day, calendar.opens, SCHOOL_ZONE).astimezone(moment.tzinfo)


def moment(at: datetime) -> str:
    """A time as people in school read it: `21 Nov 2026, 14:05`."""
    local = at.astimezone(SCHOOL_ZONE)
    return f"{day(local.date())}, {local:%H:%M}"


def day(date_: date) -> str:
    """A day as people in school read it: `21 Nov 2026`."""
    return f"{date_.day} {date_:%b %Y}"


def next_look(ctx: Context, request: Request) -> datetime | None:
    """The earliest moment at which an open stage wants a reminder or an escalation, or something late in
    a case a reminder; None when nothing waits, or when everything about a person has been opened."""
    if request.status != "open":
        return None
    stages = (look_at(ctx, request, waiting) for waiting in request.open)
    late = (
        at
        for waiting in request.open
        for _, at in reminders(request, ctx.workflow.stage(waiting.stage), waiting)
    )
    return min(filter(None, (*stages, *late)), default=None)


def look_at(ctx: Context, request: Request, waiting: OpenStage) -> datetime | None:
    """When this stage wants a reminder or an escalation; None when it wants none."""
    calendar = ctx.school.calendar
    if request.about_people and not ctx.workflow.school_time:
        unopened = timedelta(minutes=calendar.unopened_minutes)
        return None if waiting.seen else waiting.opened_at + unopened * (waiting.escalations + 1)
    days = ctx.workflow.stage(waiting.stage).due_days
    # Reminders back off: after 2 school days, then 4 more, then 8 more.
    return after_school_days(calendar, waiting.opened_at, days * (2 ** (waiting.reminders + 1) - 1))
