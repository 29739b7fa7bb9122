"""What a procedure is: its fields, its stages, and who is asked. One YAML file each.

Everything WORKFLOWS of a school can say is said here as data; `checks.py` finds what could
not work, `routing.py` finds the people, `requests.py` moves a request along.
"""

import hashlib
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal, Self

from pydantic import Field as Setting
from pydantic import field_validator, model_validator

from bot.model import Model
from bot.workflows.fields import Condition as Condition
from bot.workflows.fields import Conditional
from bot.workflows.fields import Field as Field
from bot.workflows.fields import Option as Option
from bot.workflows.fields import Values as Values
from bot.workflows.layout import PaperSection

Gate = Literal["danger", "image"]


class RegisterPeople(Model):
    """The people in a column of a register: an account's moderators. `entry` is the field that says which
    entry."""

    name: str
    column: str
    entry: str


class Decider(Model):
    """Who is asked. Exactly one kind; `any_of` needs one of its roles, `all_of` one person from each."""

    role: str | None = Setting(default=None, min_length=1)
    any_of: tuple[str, ...] | None = Setting(default=None, min_length=1)
    all_of: tuple[str, ...] | None = Setting(default=None, min_length=1)
    chosen_in: str | None = Setting(default=None, min_length=1)
    """The id of the person field in which the requester chose them."""
    line_manager: Literal[True] | None = None
    listed_in: RegisterPeople | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> "Decider":
        kinds = [self.role, self.any_of, self.all_of, self.chosen_in, self.line_manager, self.listed_in]
        if sum(kind is not None for kind in kinds) != 1:
            raise ValueError(
                "needs exactly one of `role`, `any_of`, `all_of`, `chosen_in`, `line_manager`, `listed_in`"
            )
        return self

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles it names, in order."""
        return (self.role,) if self.role else (self.any_of or self.all_of or ())


class Route(Decider, Conditional):
    """A decider and when it applies. The last route of a list is the `otherwise`."""

    otherwise: Literal[True] | None = None
    set_by_school: bool = False
    """This route of a step is not what the policy states, or it states none here."""

    @model_validator(mode="after")
    def _when_or_otherwise(self) -> "Route":
        if bool(self.when) == bool(self.otherwise):
            raise ValueError("needs either `when` or `otherwise: true`")
        return self


class Routed(Conditional):
    """Something with a `who`: one decider, or routes tried in order with an obligatory `otherwise`."""

    who: tuple[Route, ...] = Setting(min_length=1)

    @field_validator("who", mode="before")
    @classmethod
    def _one_or_routes(cls, given: Any) -> Any:
        return [{**given, "otherwise": True}] if isinstance(given, dict) else given

    @model_validator(mode="after")
    def _ends_in_otherwise(self) -> "Routed":
        if [bool(route.otherwise) for route in self.who] != [False] * (len(self.who) - 1) + [True]:
            raise ValueError("routes end with exactly one `otherwise: true`, or someone could be left out")
        return self

    def route(self, values: Values) -> Route:
        """The first route that applies."""
        return next(route for route in self.who if route.otherwise or route.applies(values))


class CaseAction(Conditional):
    """Something a case needs: ticked as done, with what it `asks`, or as not needed, with a reason,
    before the case can be closed. `due_hours` are real hours from when the request was sent."""

    id: str = Setting(pattern=r"^[a-z][a-z0-9_]*$")
    label: str = Setting(max_length=150)
    hint: str = ""
    due_hours: int | None = Setting(default=None, ge=1)
    asks: tuple[Field, ...] = ()
    clauses: tuple[str, ...] = ()
    """Author's keys of the clauses that ask for it."""
    set_by_school: bool = False
    """An action, or a time for it, that the policy does not state."""


class Stage(Routed):
    """One step of a procedure.

    `decide`: approve or refuse. `act`: do it and say so. `acknowledge`: confirm having read.
    `receive`: take charge of a request about a person until it is closed with an outcome.
    """

    id: str = Setting(pattern=r"^[a-z][a-z0-9_]*$")
    kind: Literal["decide", "act", "acknowledge", "receive"]
    title: str
    done_label: str = "Mark done"
    """The button of an `act` or `acknowledge` stage."""
    asks: tuple[Field, ...] = ()
    """What the holder of the stage fills in when finishing it: of a `receive` stage, besides the outcome."""
    log: tuple[Field, ...] = ()
    """What one entry of the evidence log of a `receive` stage asks; without, it has none."""
    actions: tuple[CaseAction, ...] = ()
    """What a `receive` stage sees to before it is closed."""
    reason_required: bool = True
    may_send_back: bool = False
    alongside: bool = False
    """Open together with the stage before it, not after it."""
    hides: tuple[str, ...] = ()
    """Fields that the holders of this stage do not see."""
    due_days: int = Setting(default=2, ge=1)
    """School days until the first reminder."""
    set_by_school: bool = False
    """A step the policy does not state: shown as `set by your school, not in the policy`."""


class Tell(Routed):
    """Someone who learns that the request exists: its reference and kind, nothing more."""

    set_by_school: bool = False


Source = Literal[
    "requester",
    "reference",
    "decision",
    "decided_by",
    "decided_on",
    "reason",
    "carried_out_by",
    "recorded_on",
    "policy_version",
]
"""What a request knows besides its fields, for a column of a register."""


class Left(Conditional):
    """The entry that a finished request leaves in a register. `columns`: column id to where its cell comes
    from: fields of the form, `stage.field`, or a `Source`; of several, every one that is filled in."""

    name: str
    columns: dict[str, tuple[str, ...]] = Setting(min_length=1)
    refused: bool = False
    """A refusal leaves one as well."""

    @field_validator("columns", mode="before")
    @classmethod
    def _one_source_or_many(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        return {key: [value] if isinstance(value, str) else value for key, value in given.items()}


class Workflow(Model):
    """One procedure of one school."""

    id: str = Setting(pattern=r"^[a-z][a-z0-9-]*$")
    title: str = Setting(max_length=75)
    summary: str = Setting(max_length=200)
    """One line for menus: what it is for."""
    clauses: tuple[str, ...] = ()
    """Author's keys of the clauses it rests on; none only for the clerk's own procedures."""
    about_people: bool | tuple[Condition, ...] = False
    """Whether it is a request about people: always, never, or while these conditions hold."""
    school_time: bool = False
    """A request about people whose clock runs in school days all the same: a declared relationship."""
    gates: tuple[Gate, ...] = ()
    fields: tuple[Field, ...] = ()
    stages: tuple[Stage, ...] = ()
    """Fields without stages: what is sent is a record of its requester's, complete at once. Neither: the
    policy states something, and nothing is sent."""
    leads_to: tuple[str, ...] = ()
    """Commands that somebody who reads its clauses may need next."""
    tells: tuple[Tell, ...] = ()
    record: str = ""
    """Title of the printed record, as the policy's own form is called."""
    paper: tuple[PaperSection, ...] = ()
    """Its blocks, in the order of the policy's own form. What it leaves out is printed after them."""
    leaves: tuple[Left, ...] = Setting(default=(), alias="register")
    """The entries it leaves in registers, each when its conditions hold; one may be written without a list."""

    @field_validator("leaves", mode="before")
    @classmethod
    def _one_register_or_many(cls, given: Any) -> Any:
        return [given] if isinstance(given, dict) else given

    @field_validator("about_people", mode="before")
    @classmethod
    def _one_condition_or_many(cls, given: Any) -> Any:
        return [given] if isinstance(given, dict) else given

    @model_validator(mode="after")
    def _whole_or_no_form(self) -> "Workflow":
        if self.stages and not self.fields:
            raise ValueError("`stages` need `fields`: without both, its clauses are shown")
        if not self.stages and (self.tells or self.about_people):
            raise ValueError("without `stages` nobody is asked or told: no `tells`, no `about_people`")
        return self

    @property
    def has_form(self) -> bool:
        """Whether something can be sent; otherwise its clauses are all there is."""
        return bool(self.fields)

    @property
    def command(self) -> str:
        """What people type, without the slash."""
        return self.id

    def concerns_people(self, values: Values) -> bool:
        """Whether a request with these values is one about people (see WORKFLOWS, need to know)."""
        if isinstance(self.about_people, bool):
            return self.about_people
        return any(condition.holds(values) for condition in self.about_people)

    @property
    def may_concern_people(self) -> bool:
        """Whether some request of this kind is about people: then nothing is kept of one that is not sent."""
        return bool(self.about_people)

    def stage(self, stage_id: str) -> Stage:
        """The stage of that id. KeyError when there is none."""
        for stage in self.stages:
            if stage.id == stage_id:
                return stage
        raise KeyError(stage_id)

    def steps(self, values: Values) -> tuple[tuple[Stage, ...], ...]:
        """The stages that apply to these values, grouped into those open at the same time."""
        groups: list[tuple[Stage, ...]] = []
        for stage in self.stages:
            if not stage.applies(values):
                continue
            if stage.alongside and groups:
                groups[-1] += (stage,)
            else:
                groups.append((stage,))
        return tuple(groups)

    def asked(self, values: Values) -> tuple[Field, ...]:
        """The fields that apply, given what is filled in so far."""
        return tuple(field for field in self.fields if field.applies(values))

    @cached_property
    def version(self) -> str:
        """Changes whenever anything in the definition does."""
        return hashlib.sha256(self.model_dump_json(by_alias=True).encode()).hexdigest()[:12]

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As pydantic's own; but the version is that of the copy, and not of what was copied."""
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__.pop("version", None)
        return copied
