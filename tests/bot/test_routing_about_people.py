"""Who is asked and told of a request about people, who opens it, and who must never know (WORKFLOWS, rule 2)."""

from datetime import timedelta

import pytest

from bot.people import Role
from bot.workflows import answers, change, requests, routing
from bot.workflows.change import NobodyLeft
from bot.workflows.request import Request
from bot.workflows.routing import Context
from tests.bot.small import (
    PEOPLE,
    ROLES,
    SCHOOL,
    concern,
    context,
    later,
    sent,
    st_alphege,
    told_of,
    who,
)

CONCERN = concern()
TOLD = concern(top=told_of("head", "deputy-head", "dsl"))


def about_pupil(ctx: Context, requester: str = "teacher", subjects: tuple[str, ...] = ()) -> Request:
    return sent(ctx, requester, subjects, url="a.org", who="pupil")


def about_staff(ctx: Context, person: str, requester: str = "teacher") -> Request:
    return sent(ctx, requester, [person], url="a.org", who="staff", colleague=person)


def told(ctx: Context, request: Request) -> set[str]:
    return {holder.person for holder in routing.told(ctx, request)}


def test_a_concern_about_a_pupil_goes_to_the_safeguarding_lead() -> None:
    ctx = context(TOLD)
    request = about_pupil(ctx)
    assert who(ctx, request, "pupil") == {"dsl"}
    assert told(ctx, request) == {"head", "deputy-head", "dsl"}


def test_a_concern_about_staff_goes_to_the_head_and_not_to_them() -> None:
    ctx = context(TOLD)
    request = about_staff(ctx, "assistant")
    assert who(ctx, request, "staff") == {"head"}
    assert "assistant" not in who(ctx, request) | told(ctx, request)


def test_told_are_the_deputies_of_those_away_and_not_the_requester() -> None:
    ctx = context(concern(top=told_of("dsl")), away=["dsl"])
    assert told(ctx, about_pupil(ctx)) == {"deputy-dsl"}
    ctx = context(concern(top=told_of("head")))
    assert told(ctx, about_pupil(ctx, "head")) == set(), "who sent it knows: no deputy has to"


@pytest.mark.parametrize("escalations", range(5))
def test_about_the_head_only_the_chair_then_their_deputy(escalations: int) -> None:
    ctx = context(TOLD)
    request = about_staff(ctx, "head")
    assert who(ctx, request, "staff") == {"chair"}
    for _ in range(escalations):
        ctx = later(ctx, timedelta(minutes=30))
        change = requests.tick(ctx, request)
        assert change is not None
        assert not {"head", "deputy-head"} & {notice.person for notice in change.notices}
        request = change.request
    assert who(ctx, request, "staff") == ({"chair", "vice-chair"} if escalations else {"chair"})
    assert not {"head", "deputy-head"} & (who(ctx, request) | told(ctx, request))


@pytest.mark.parametrize("away", [(), ("chair",), ("chair", "vice-chair")])
def test_no_deputy_of_the_head_steps_in_however_many_are_away(away: tuple[str, ...]) -> None:
    ctx = context(TOLD, away=away)
    assert who(ctx, about_staff(ctx, "head"), "staff") == (
        {"vice-chair"} if away == ("chair",) else {"chair"}
    )


def test_no_deputy_of_the_head_gets_it_by_hand() -> None:
    ctx = context(CONCERN)
    request = about_staff(ctx, "head")
    for to in ("head", "deputy-head"):
        with pytest.raises(change.Refused, match="must not handle it"):
            requests.hand_on(ctx, request, "staff", "chair", request.revision, to, "")
        with pytest.raises(change.Refused, match="must not handle it"):
            requests.reassign(ctx, request, "staff", "administrator", to, "Stuck.")
        assert not routing.may_open(ctx, request, to)


def test_a_stage_that_sees_who_it_is_about_goes_to_the_chair_as_well_whatever_its_kind() -> None:
    stages = "  - {id: check, kind: act, title: Check, who: {role: manager}}\n"
    ctx = context(concern(stages))
    assert who(ctx, about_staff(ctx, "head")) == {"chair"}


def test_a_deputy_who_has_become_head_since_is_still_kept_from_it() -> None:
    """A head who is suspended is replaced, as a rule by the deputy."""
    ctx = context(TOLD)
    request = about_staff(ctx, "head")
    acting = context(TOLD, holds={"head": ("deputy-head",), "deputy-head": ()}, left=["head"])
    assert who(acting, request, "staff") == {"chair"}
    assert not routing.may_open(acting, request, "deputy-head")
    assert "deputy-head" not in told(acting, request)
    assert "deputy-head" in routing.barred(acting, request)


def test_a_head_who_has_left_is_still_a_head_it_is_about() -> None:
    ctx = context(TOLD, left=["head"])
    request = about_staff(ctx, "head")
    assert who(ctx, request, "staff") == {"chair"}


def test_a_deputy_head_who_reports_the_head_sees_their_own_report_and_decides_nothing() -> None:
    ctx = context(TOLD)
    request = about_staff(ctx, "head", "deputy-head")
    assert routing.may_open(ctx, request, "deputy-head")
    assert "deputy-head" not in who(ctx, request) | told(ctx, request)


def test_about_the_head_and_the_chair_it_is_a_matter_for_the_lado() -> None:
    ctx = context(CONCERN)
    with pytest.raises(NobodyLeft, match=r"officer \(LADO\) \(01632 960 005\)\.$"):
        sent(ctx, "teacher", ["head", "chair"], url="a.org", who="staff", colleague="head")


def test_st_alphege_about_the_safeguarding_lead_who_is_head_of_school() -> None:
    school = st_alphege()
    stages = "  - {id: pupil, kind: receive, title: P, who: {role: dsl}}\n"
    fields = "  - {id: who, kind: text, label: Who}\n  - {id: url, kind: text, label: U}\n"
    ctx = context(concern(stages, fields), school=school, holds={"dsl": ("head-of-school",)})
    request = about_pupil(ctx, subjects=("head-of-school",))
    assert who(ctx, request) == {"chair"}
    assert "senior-teacher" in routing.barred(ctx, request)


@pytest.mark.parametrize(
    ("route", "subject", "by", "away", "asked"),
    [
        (
            "[chair, executive-headteacher]",
            "head-of-school",
            "teacher",
            (),
            {"chair", "executive-headteacher"},
        ),
        ("[chair, executive-headteacher]", "executive-headteacher", "teacher", (), {"chair"}),
        ("[chair, senior-teacher]", "head-of-school", "teacher", (), {"chair"}),
        ("[executive-headteacher, dsl]", "head-of-school", "teacher", (), {"chair"}),
        (
            *("[chair, executive-headteacher]", "head-of-school", "chair", ()),
            {"safeguarding-governor", "executive-headteacher"},
        ),
        (
            *("[chair, executive-headteacher]", "head-of-school", "teacher", ("chair",)),
            {"safeguarding-governor", "executive-headteacher"},
        ),
        (
            "[chair, executive-headteacher]",
            "head-of-school",
            "teacher",
            ("executive-headteacher",),
            {"chair"},
        ),
    ],
)
def test_a_route_may_put_somebody_beside_the_chair_but_not_in_their_place(
    route: str, subject: str, by: str, away: tuple[str, ...], asked: set[str]
) -> None:
    stages = f"  - {{id: pupil, kind: receive, title: P, who: {{any_of: {route}}}}}\n"
    fields = "  - {id: who, kind: text, label: Who}\n  - {id: url, kind: text, label: U}\n"
    school = st_alphege()
    ctx = context(concern(stages, fields), school=school, holds={"dsl": ("head-of-school",)}, away=away)
    assert who(ctx, about_pupil(ctx, by, subjects=(subject,))) == asked


@pytest.mark.parametrize(
    ("subject", "holds", "asked"),
    [
        ("dsl", {}, {"head"}),
        ("dsl", {"dsl": ("dsl", "dsl-2")}, {"head"}),
        ("dsl", {"head": ()}, {"deputy-head"}),
        ("dsl", {"head": (), "deputy-head": ("deputy-dsl",)}, {"manager"}),
        ("deputy-dsl", {}, {"dsl", "head"}),
        ("assistant", {}, {"dsl", "head"}),
        ("chair", {}, {"dsl", "head"}),
        ("assistant", {"head": ("teacher",)}, {"dsl"}),  # who sent it
    ],
)
def test_about_the_holder_of_the_receiving_role_it_goes_to_the_head(
    subject: str, holds: dict[str, tuple[str, ...]], asked: set[str]
) -> None:
    """SAFEGUARDING, must 5: about staff, the head; never who is below or beside them."""
    ctx = context(CONCERN, holds=holds)
    assert who(ctx, about_pupil(ctx, subjects=(subject,)), "pupil") == asked


def test_a_colleague_named_later_brings_the_head_in_once() -> None:
    ctx = context(CONCERN)
    request = about_pupil(ctx)
    assert who(ctx, request, "pupil") == {"dsl"}
    change = requests.name_subject(ctx, request, "teacher", "assistant")
    assert who(ctx, change.request, "pupil") == {"dsl", "head"}
    assert ("asked", "head") in {(notice.kind, notice.person) for notice in change.notices}
    assert who(ctx, change.request, "block") == {"ict"}, "a step that does not see whom it is about stays"
    handed = requests.hand_on(ctx, change.request, "pupil", "dsl", change.request.revision, "manager", "")
    assert who(ctx, handed.request, "pupil") == {"manager", "head"}, "nobody hands it past the head"


def test_naming_a_colleague_leaves_it_with_whom_it_was_handed_to() -> None:
    ctx = context(CONCERN)
    request = about_pupil(ctx)
    request = requests.hand_on(ctx, request, "pupil", "dsl", request.revision, "manager", "").request
    named = requests.name_subject(ctx, request, "manager", "assistant").request
    assert who(ctx, named, "pupil") == {"manager", "head"}
    named = requests.name_subject(ctx, named, "head", "manager").request
    assert who(ctx, named, "pupil") == {"dsl", "head"}, "about them, it goes back to the route"


def test_a_head_the_route_brings_is_not_asked_twice() -> None:
    ctx = context(CONCERN)
    request = sent(ctx, subjects=("assistant",), url="a.example", who="staff")
    assert [(s.id, h.person) for s, h in routing.asked(ctx, request)] == [("block", "ict"), ("staff", "head")]
    handed = requests.hand_on(ctx, request, "staff", "head", request.revision, "manager", "You do it.")
    assert who(ctx, handed.request, "staff") == {"manager"}, "the head may hand on what was theirs"


def test_one_of_several_roles_can_hand_it_on() -> None:
    stages = "  - {id: pupil, kind: receive, title: P, who: {any_of: [dsl, deputy-dsl]}}\n"
    ctx = context(concern(stages))
    request = about_pupil(ctx)
    handed = requests.hand_on(ctx, request, "pupil", "deputy-dsl", request.revision, "manager", "")
    assert who(ctx, handed.request) == {"manager"}


def test_colleagues_of_the_one_it_is_about_are_neither_asked_later_nor_told() -> None:
    ctx = context(concern(top=told_of("dsl", "deputy-dsl", "head")))
    request = about_pupil(ctx, subjects=("dsl",))
    assert told(ctx, request) == {"head"}
    for _ in range(6):
        ctx = later(ctx, timedelta(minutes=30))
        change = requests.tick(ctx, request)
        assert change is not None
        request = change.request
    assert not {"dsl", "deputy-dsl"} & who(ctx, request)
    handed = requests.hand_on(ctx, request, "pupil", "head", request.revision, "deputy-dsl", "Please help.")
    assert who(ctx, handed.request, "pupil") == {"deputy-dsl"}, "the head may still ask them by hand"


def test_any_of_with_the_lead_and_the_deputy_about_the_lead() -> None:
    stages = "  - {id: pupil, kind: receive, title: P, who: {any_of: [dsl, deputy-dsl]}}\n"
    ctx = context(concern(stages))
    assert who(ctx, about_pupil(ctx)) == {"dsl", "deputy-dsl"}
    assert who(ctx, about_pupil(ctx, subjects=("dsl",))) == {"head"}
    assert who(ctx, about_pupil(ctx, subjects=("deputy-dsl",))) == {"dsl", "head"}


def test_a_head_who_deputises_for_the_one_it_is_about_is_above_them() -> None:
    roles = ROLES | {"manager": Role(title="Manager", deputies=("head",))}
    school = SCHOOL.model_copy(update={"roles": roles})
    ctx = context(concern("  - {id: one, kind: receive, title: O, who: {role: manager}}\n"), school=school)
    assert who(ctx, about_pupil(ctx, subjects=("manager",))) == {"head"}


def test_work_that_does_not_see_who_goes_to_the_deputy() -> None:
    ctx = context(CONCERN)
    assert who(ctx, about_staff(ctx, "ict"), "block") == {"ict-2"}


def test_a_role_can_be_the_subject() -> None:
    option = "{value: staff, label: The head, subject_role: head}"
    fields = f"  - {{id: who, kind: choice, label: Who, options: [{option}]}}\n"
    workflow = concern("  - {id: staff, kind: receive, title: S, who: {role: head}}\n", fields)
    ctx = context(workflow, holds={"head": ("head", "co-head")})
    assert answers.subjects(workflow, {"who": ("staff",)}, ctx.staff) == {"head", "co-head"}


# Who may open, and what is hidden


@pytest.mark.parametrize("person", PEOPLE)
def test_may_open_before_anyone_has_acted(person: str) -> None:
    ctx = context(TOLD)
    assert routing.may_open(ctx, about_pupil(ctx), person) is (person in {"teacher", "ict", "dsl"})


@pytest.mark.parametrize("person", PEOPLE)
def test_may_open_when_it_is_about_the_head(person: str) -> None:
    ctx = context(TOLD)
    assert routing.may_open(ctx, about_staff(ctx, "head"), person) is (person in {"teacher", "ict", "chair"})


@pytest.mark.parametrize("person", PEOPLE)
def test_may_open_once_it_is_handed_on_and_closed(person: str) -> None:
    ctx = context(TOLD)
    request = about_pupil(ctx)
    request = requests.hand_on(ctx, request, "pupil", "dsl", request.revision, "assistant", "").request
    allowed = {"teacher", "ict", "dsl", "assistant"}
    assert routing.may_open(ctx, request, person) is (person in allowed)
    request = requests.close(ctx, request, "pupil", "assistant", request.revision, "Done.").request
    assert routing.may_open(ctx, request, person) is (person in allowed)
    named = requests.name_subject(ctx, request, "dsl", "assistant").request
    assert routing.may_open(ctx, named, person) is (person in allowed - {"assistant"})


def test_may_open_never_for_a_subject_even_one_who_sent_it_or_signed_it() -> None:
    ctx = context(CONCERN)
    request = about_pupil(ctx)
    request = requests.finish(ctx, request, "block", "ict", request.revision, "", {}).request
    for person in ("teacher", "ict"):
        assert routing.may_open(ctx, request, person)
        named = requests.name_subject(ctx, request, "dsl", person).request
        assert not routing.may_open(ctx, named, person)


def test_fields_are_hidden_from_the_stage_that_hides_them_alone() -> None:
    ctx = context(CONCERN)
    request = about_pupil(ctx)
    assert routing.hidden_from(ctx, request, "ict") == {"who", "colleague", "note"}
    assert routing.hidden_from(ctx, request, "dsl") == set()
    assert routing.hidden_from(ctx, request, "teacher") == set()
    assert "url" in routing.hidden_from(ctx, request, "assistant"), "no stage of theirs: nothing is shown"
    done = requests.finish(ctx, request, "block", "ict", request.revision, "", {}).request
    assert routing.hidden_from(ctx, done, "ict") == {"who", "colleague", "note"}, "afterwards too"
    both = context(CONCERN, holds={"dsl": ("ict",)})
    assert routing.hidden_from(both, about_pupil(both), "ict") == set(), "one role of theirs sees it"


def test_whoever_acts_in_a_school_without_deputies_for_the_chair() -> None:
    roles = ROLES | {"chair": Role(title="Chair of governors")}
    school = SCHOOL.model_copy(update={"roles": roles})
    ctx = context(CONCERN, school=school)
    assert who(ctx, about_staff(ctx, "head"), "staff") == {"chair"}
    with pytest.raises(NobodyLeft):
        about_staff(ctx, "head", "chair")
