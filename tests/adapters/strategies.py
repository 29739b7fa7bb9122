"""Any card and any form, with the texts people should not type and do."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from bot.cards import Button, Card, Choice, Facts, Field, Form, Link, Option, PersonPicker, Quote, Text
from tests.adapters.gallery import NASTY

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For a busy machine: what is tested is what is drawn, not how fast."""

fragments = st.one_of(st.sampled_from(NASTY), st.text(max_size=20))
texts = st.lists(fragments, max_size=6).map(" ".join)
long_texts = st.one_of(texts, st.sampled_from(NASTY).map(lambda text: (f"{text} " * 3000)[:3000].strip()))
labels = st.one_of(st.sampled_from(NASTY), st.text(min_size=1, max_size=100)).filter(str.strip)
ids = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True)
targets = st.text(max_size=60)

parts = st.one_of(
    st.builds(Text, text=long_texts, tone=st.sampled_from(("plain", "strong", "quiet", "warning"))),
    st.builds(Quote, text=long_texts, citation=texts, restated=st.booleans()),
    st.builds(Facts, rows=st.lists(st.tuples(labels, long_texts), max_size=6).map(tuple)),
    st.builds(Link, label=labels, url=st.one_of(texts, st.just("https://a.example/b"), st.just("tel:999"))),
)
buttons = st.builds(
    Button,
    action=ids,
    label=labels,
    target=targets,
    version=st.integers(0, 10**6),
    style=st.sampled_from(("primary", "danger", "plain")),
)
cards = st.builds(
    Card,
    title=texts,
    parts=st.lists(parts, max_size=6).map(tuple),
    buttons=st.lists(buttons, max_size=9).map(tuple),
    mood=st.sampled_from(("plain", "safety", "waiting", "good", "bad")),
)

hints = st.one_of(st.just(""), texts)
fields = st.builds(
    Field,
    id=ids,
    label=labels,
    kind=st.sampled_from(("text", "long_text", "date", "address", "lines")),
    hint=hints,
    required=st.booleans(),
    value=texts,
    error=hints,
)
options = st.lists(
    st.builds(
        Option, value=st.text(min_size=1, max_size=40), label=labels, detail=st.one_of(st.just(""), labels)
    ),
    min_size=1,
    max_size=14,
    unique_by=lambda option: option.value,
).map(tuple)
choices = st.builds(
    Choice,
    id=ids,
    label=labels,
    options=options,
    several=st.booleans(),
    hint=hints,
    required=st.booleans(),
    error=hints,
    refreshes=st.booleans(),
)
people = st.builds(
    PersonPicker,
    id=ids,
    label=labels,
    people=st.lists(st.tuples(ids, labels), max_size=30, unique_by=lambda one: one[0]).map(tuple),
    required=st.booleans(),
)
forms = st.builds(
    Form,
    id=ids,
    title=labels,
    intro=st.lists(parts, max_size=2).map(tuple),
    inputs=st.lists(
        st.one_of(fields, choices, people), min_size=1, max_size=5, unique_by=lambda one: one.id
    ).map(tuple),
    submit=labels,
    state=targets,
)
