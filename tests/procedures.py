"""Procedures that no packaged school has, put in force beside a school's own."""

from bot.workflows.definition import Workflow
from bot.yamlfile import Source
from tests.school import Stage

CASE = """\
id: report-abuse
title: Report abuse of staff
summary: Someone is unkind about staff online.
clauses: [inappropriate-content]
about_people: true
fields:
  - {id: url, kind: address, label: Where is it?}
  - {id: nature, kind: text, label: What does it say?, required: false}
stages:
  - id: case
    kind: receive
    title: The case
    who: {role: marketing-officer}
    log: [{id: seen, kind: address, label: Where is it now?}]
    actions:
      - {id: host, label: Ask the site, hint: In writing., due_hours: 24, clauses: [premises-content], asks: [{id: told, kind: text, label: Who was asked?}]}
      - {id: support, label: Offer support}
    asks: [{id: lessons, kind: long_text, label: Lessons learnt, required: false}]
"""  # noqa: E501
"""A case with evidence and a checklist, which the marketing officer of aet deals with."""


def with_procedures(stage: Stage, *texts: str, without: tuple[str, ...] = ()) -> None:
    """Publish the school with these, instead of its own of the same ids and of those named."""
    ours = [Source("w.yaml", text).validated(Workflow) for text in texts]
    gone = {one.id for one in ours} | set(without)
    others = [one for one in stage.published.workflows if one.id not in gone]
    update = {"workflows": (*others, *ours), "version": "with procedures of a test"}
    stage.published = stage.published.model_copy(update=update)
    stage.clerk.library.publish(stage.published, stage.clock.now())
