"""The tables as the program sees them now. How a database gets there is in `migrations/`.

What a request says is never stored in the clear: `requests.body` and `events.ciphertext` are
encrypted (see `crypto.py`). The columns beside them are what lists and clocks need to find rows.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from adapters.store.columns import Serial, Utc
from adapters.store.columns import metadata as metadata

requests = Table(
    "requests",
    metadata,
    Column("id", String, primary_key=True),
    Column("reference", String, nullable=False, unique=True),
    Column("school", String, nullable=False),
    Column("workflow", String, nullable=False),
    Column("requester", String, nullable=False),
    Column("status", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False),
    Column("due_at", Utc),
    Column("about_people", Boolean, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("token", String, nullable=False, unique=True),
    Column("erased_at", Utc),
    Column("body", LargeBinary, nullable=False),
    Index(None, "school", "status"),
    Index(None, "requester"),
    Index(None, "status", "due_at"),
)

request_keys = Table(
    "request_keys",
    metadata,
    Column("request", ForeignKey("requests.id"), primary_key=True),
    Column("master", String, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)
"""One data key a request, wrapped by the master key that `master` names. Erasure deletes the row."""

retired_keys = Table(
    "retired_keys",
    metadata,
    Column("retired", String, primary_key=True),
    Column("use", String, primary_key=True),
    Column("master", String, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)
"""What was derived from a master key that is put out of use, wrapped by the one that `master` names: with it,
what the audit chain covers can be read and checked for good, unchanged."""

events = Table(
    "events",
    metadata,
    Column("school", String, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("request", ForeignKey("requests.id")),
    Column("version", Integer, nullable=False),
    Column("at", Utc, nullable=False),
    Column("master", String, nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    Index(None, "request"),
)
"""Append-only; `chain.py` writes and checks it. An empty ciphertext says that the request was erased; no
request, that something was done with a register."""

register_entries = Table(
    "register_entries",
    metadata,
    Column("id", String, primary_key=True),
    Column("school", String, nullable=False),
    Column("register", String, nullable=False),
    Column("request", ForeignKey("requests.id")),
    Column("at", Utc, nullable=False),
    Column("version", Integer, nullable=False),
    Column("master", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("personal", LargeBinary, nullable=False),
    Index(None, "school", "register", "at"),
    Index(None, "request"),
)
"""What finished requests leave behind. `personal` is the whole entry, sealed with its request's key; `body`
what stays once that is erased, sealed with a key of the school. An entry made by hand is all `body`."""

chain_heads = Table(
    "chain_heads",
    metadata,
    Column("school", String, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    Column("master", String, nullable=False),
    Column("seal", LargeBinary, nullable=False),
)
"""The newest entry of each school's chain: locked by who appends, so that the chain never forks."""

outbox = Table(
    "outbox",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("idempotency_key", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("request", ForeignKey("requests.id")),
    Column("version", Integer, nullable=False),
    Column("person", String, nullable=False),
    Column("stage", String, nullable=False),
    Column("role", String, nullable=False),
    Column("item", String, nullable=False, server_default=""),
    Column("due", Utc, nullable=False),
    Column("lease_until", Utc),
    Column("lease_owner", String, nullable=False, server_default=""),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("last_error", String, nullable=False, server_default=""),
    Column("set_aside_at", Utc),
    Index(None, "set_aside_at", "due"),
    Index(None, "request"),
    sqlite_autoincrement=True,  # a number is never given twice: a slow worker may still hold the old one
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("request", ForeignKey("requests.id")),
    Column("kind", String, nullable=False),
    Column("person", String, nullable=False),
    Column("stage", String, nullable=False),
    Column("item", String, nullable=False, server_default=""),
    Column("address", String, nullable=False),
    Column("sent_at", Utc, nullable=False),
    Column("opened_at", Utc),
    Column("acted_at", Utc),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("shared", Boolean, nullable=False, server_default=false()),
    Index(None, "request", "person"),
    Index(None, "person"),
    sqlite_autoincrement=True,
)

"""Without a request, both carry an `item`: a day that is coming or has passed (`bot/reminding.py`)."""

reminded = Table(
    "reminded",
    metadata,
    Column("key", String, primary_key=True),
    Column("at", Utc, nullable=False),
)
"""Every reminder without a request that was ever put in the outbox, so that none is put there twice."""

seen_events = Table(
    "seen_events",
    metadata,
    Column("id", String, primary_key=True),
    Column("at", Utc, nullable=False, index=True),
)

people = Table(
    "people",
    metadata,
    Column("id", String, primary_key=True),
    Column("school", String, nullable=False),
    Column("name", String, nullable=False),
    Column("email", String, nullable=False),
    Column("email_folded", String, nullable=False, index=True),
    Column("line_manager", String, nullable=False),
    Column("starts", Date),
    Column("ends", Date),
    UniqueConstraint("school", "id"),
)

holdings = Table(
    "holdings",
    metadata,
    Column("school", String, primary_key=True),
    Column("role", String, primary_key=True),
    Column("person", String, primary_key=True),
    ForeignKeyConstraint(["school", "person"], ["people.school", "people.id"], ondelete="CASCADE"),
)

absences = Table(
    "absences",
    metadata,
    Column("person", ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    Column("first", Date, primary_key=True),
    Column("last", Date, nullable=False),
)

identities = Table(
    "identities",
    metadata,
    Column("platform", String, primary_key=True),
    Column("tenant", String, primary_key=True),
    Column("user", String, primary_key=True),
    Column("school", String, primary_key=True),
    Column("person", String, nullable=False),
    ForeignKeyConstraint(["school", "person"], ["people.school", "people.id"], ondelete="CASCADE"),
)
"""Who is who on a platform: one person at each school that lists them."""

adoptions = Table(
    "adoptions",
    metadata,
    Column("school", String, primary_key=True),
    Column("at", Utc, nullable=False),
)
"""Schools that have made their folder their own: only these are served."""

connections = Table(
    "connections",
    metadata,
    Column("platform", String, primary_key=True),
    Column("tenant", String, primary_key=True),
    Column("school", String, primary_key=True),
    Index(None, "school"),
)
"""Which workspaces and tenants a school is talked to from. A tenant can be several schools', and the other
way round."""

role_channels = Table(
    "role_channels",
    metadata,
    Column("school", String, primary_key=True),
    Column("role", String, primary_key=True),
    Column("platform", String, primary_key=True),
    Column("tenant", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("lost_at", Utc),
)
"""Where a role's messages go instead of to each holder alone; never those about people. `lost_at`: since when
nothing can be put there."""

role_changes = Table(
    "role_changes",
    metadata,
    Column("id", String, primary_key=True),
    Column("school", String, nullable=False),
    Column("role", String, nullable=False),
    Column("gains", Text, nullable=False),
    Column("losses", Text, nullable=False),
    Column("asked_by", String, nullable=False),
    Column("asked_at", Utc, nullable=False),
    UniqueConstraint("school", "role"),
)
"""Changes of guarded roles that wait for a second person; lists of people ids in JSON."""

conversations = Table(
    "conversations",
    metadata,
    Column("platform", String, primary_key=True),
    Column("tenant", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("master", String, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
"""What a platform needs in order to speak first. `key` is its user or its channel."""

installations = Table(
    "installations",
    metadata,
    Column("platform", String, primary_key=True),
    Column("tenant", String, primary_key=True),
    Column("at", Utc, nullable=False),
    Column("master", String, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
"""Workspaces that have installed the app, with the token by which it speaks there."""

drafts = Table(
    "drafts",
    metadata,
    Column("key", String, primary_key=True),
    Column("until", Utc, nullable=False, index=True),
    Column("master", String, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
"""Completed steps of a long form that is not sent yet. `key` says whose and which, and is a digest."""

school_choices = Table(
    "school_choices",
    metadata,
    Column("platform", String, primary_key=True),
    Column("tenant", String, primary_key=True),
    Column("user", String, primary_key=True),
    Column("school", String, nullable=False),
    Column("day", Date, nullable=False),
)
"""Which of their schools somebody asks for, on one day."""

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("key", String, primary_key=True),
    Column("account", String, nullable=False, index=True),
    Column("people", Text, nullable=False),
    Column("digest", String, nullable=False),
    Column("until", Utc, nullable=False, index=True),
    Column("tries", Integer, nullable=False),
)
"""One-time links and codes to sign in to the page with. Neither is kept: `key` is a link's digest, or says whose
code it is; `digest` is a code's, keyed. `people` is a JSON list of ids, one at each school."""

web_sessions = Table(
    "web_sessions",
    metadata,
    Column("digest", String, primary_key=True),
    Column("account", String, nullable=False, index=True),
    Column("began", Utc, nullable=False),
    Column("seen", Utc, nullable=False),
    Column("until", Utc, nullable=False, index=True),
    Column("own", Boolean, nullable=False),
)
"""Who is signed in on the page. `digest` is that of a cookie, `account` the user of a web identity."""

published = Table(
    "published",
    metadata,
    Column("school", String, primary_key=True),
    Column("version", String, primary_key=True),
    Column("school_json", Text, nullable=False),
    Column("policy_json", Text, nullable=False),
    Column("workflows", Text, nullable=False),
    Column("at", Utc, nullable=False),
)
"""`workflows` is a JSON list of [command, version] in the school's order."""

published_workflows = Table(
    "published_workflows",
    metadata,
    Column("school", String, primary_key=True),
    Column("command", String, primary_key=True),
    Column("version", String, primary_key=True),
    Column("json", Text, nullable=False),
)

looks = Table(
    "looks",
    metadata,
    Column("school", String, primary_key=True),
    Column("day", Date, primary_key=True),
)
"""The last days on which the worker looked for finished requests whose time is over."""

gaps = Table(
    "gaps",
    metadata,
    Column("school", String, primary_key=True),
    Column("policy", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("about", String, primary_key=True),
    Column("count", Integer, nullable=False),
)
"""How often staff asked what the policy does not answer: topics and clauses, never texts or people."""

in_force = Table(
    "in_force",
    metadata,
    Column("school", String, primary_key=True),
    Column("version", String, nullable=False),
    Column("at", Utc, nullable=False),
    ForeignKeyConstraint(["school", "version"], ["published.school", "published.version"]),
)
