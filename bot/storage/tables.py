"""The tables behind `SqlStore`. Nouns are kept as JSON text, sealed (see codec.py); only what is searched for has a column.

`said_at` is when the message was sent that a row comes of, in seconds since the epoch.
"""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, LargeBinary, MetaData, String, Table, Text, UniqueConstraint

METADATA = MetaData()

# SQLite gives autoincrementing keys to INTEGER only; 64 bits there, 32 in PostgreSQL (two billion turns).
conversations = Table(
    "conversations",
    METADATA,
    Column("key", String(512), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("said_at", Float, nullable=False),
    Index("conversations_said_at", "said_at"),
)

# `owner` is the process that works on a row until `leased_until`, in seconds since the epoch (see leases.py).
inbox = Table(
    "inbox",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("key", String(512), nullable=False),
    Column("message_id", String(256), nullable=False),
    Column("message", Text, nullable=False),
    Column("owner", String(128), nullable=False, server_default=""),
    Column("leased_until", Float, nullable=False, server_default="0"),
    UniqueConstraint("key", "message_id", name="inbox_message"),
)

# `became` says what a turn came to (see bot/traces.py); empty in rows of before it was noted.
turns = Table(
    "turns",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("key", String(512), nullable=False),
    Column("message_id", String(256), nullable=False),
    Column("turn", Text, nullable=False),
    Column("said_at", Float, nullable=False),
    Column("became", String(16), nullable=False, server_default=""),
    UniqueConstraint("key", "message_id", name="turns_message"),
    Index("turns_said_at", "said_at"),
    Index("turns_became", "became", "seq"),
)

# What was ever proven in a conversation (`customer:ID`, `order:ID`): by this a customer's conversations are found.
proven = Table(
    "proven",
    METADATA,
    Column("proof", String(128), primary_key=True),
    Column("key", String(512), primary_key=True),
    Index("proven_key", "key"),
)

# `door` is the channel that delivers, or "desk"; `due_at` is in seconds since the epoch.
outbox = Table(
    "outbox",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", String(1024), nullable=False, unique=True),
    Column("key", String(512), nullable=False),
    Column("door", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("due_at", Float, nullable=False),
    Column("status", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("owner", String(128), nullable=False, server_default=""),
    Column("leased_until", Float, nullable=False, server_default="0"),
    Column("said_at", Float, nullable=False, server_default="0"),
    Index("outbox_said_at", "said_at"),
    Index("outbox_waiting", "status", "door", "due_at"),
    Index("outbox_key", "key", "status"),
)

# Deliveries that were put aside: what the outbox had of them, what was wrong, and when, in seconds since the epoch.
dead_letters = Table(
    "dead_letters",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", String(1024), nullable=False, unique=True),
    Column("key", String(512), nullable=False),
    Column("door", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("at", Float, nullable=False),
    Index("dead_letters_key", "key"),
)

photos = Table(
    "photos",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("media_type", String(64), nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("at", Float, nullable=False),
    Index("photos_at", "at"),
)

# Whose photos these are: one that two people sent is kept once.
photo_uses = Table(
    "photo_uses",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("key", String(512), primary_key=True),
    Index("photo_uses_key", "key"),
)

bindings = Table(
    "bindings",
    METADATA,
    Column("platform", String(64), primary_key=True),
    Column("external", String(256), primary_key=True),
    Column("key", String(512), nullable=False),
    Column("seq", Integer, nullable=False),
    Index("bindings_key", "platform", "key"),
)

# `subject` is what the failure counts for (an order, a conversation, an address, the shop), `at` is in seconds since the
# epoch, `by` who failed at what: that is forgiven once it succeeds.
failed_attempts = Table(
    "failed_attempts",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("subject", String(600), nullable=False),
    Column("at", Float, nullable=False),
    Column("by", String(64), nullable=False, server_default=""),
    Index("failed_attempts_subject", "subject", "at"),
    Index("failed_attempts_by", "by"),
    Index("failed_attempts_at", "at"),
)

# One-time codes by their digests; `used_by` is the call that used one up, `at` when it was sent, in seconds since the epoch.
codes = Table(
    "codes",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("digest", String(64), nullable=False),
    Column("order_id", String(64), nullable=False),
    Column("at", Float, nullable=False),
    Column("used_by", String(1024), nullable=False),
    Index("codes_digest", "digest"),
    Index("codes_order", "order_id", "at"),
)

# What the agents' desk keeps, one ticket a conversation; times are in seconds since the epoch.
tickets = Table(
    "tickets",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("key", String(512), nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("assignee", String(64), nullable=False),
    Column("opened_at", Float, nullable=False),
    Column("last_at", Float, nullable=False),
    Column("unread", Integer, nullable=False),
    Column("ticket", Text, nullable=False),
    Index("tickets_state", "state", "last_at"),
    Index("tickets_queue", "state", "opened_at"),
)

ticket_events = Table(
    "ticket_events",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", String(1024), nullable=False, unique=True),
    Column("ticket", String(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("at", Float, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Index("ticket_events_ticket", "ticket", "seq"),
    Index("ticket_events_kind", "kind", "at"),
)

# Who works here; `password` is a hash, `work` a noun, empty where nobody has said anything of it. A session is known by its
# token's digest and ends at `until`.
staff = Table(
    "staff",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("password", String(256), nullable=False),
    Column("work", Text, nullable=False, server_default=""),
)

staff_sessions = Table(
    "staff_sessions",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("until", Float, nullable=False),
    Index("staff_sessions_name", "name"),
)

# What was said in live rooms. Each row follows one other; `digest` covers its `entry` and `previous` (see bot/audit.py).
room_audit = Table(
    "room_audit",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("room", String(256), nullable=False),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("entry", Text, nullable=False),
    UniqueConstraint("room", "previous", name="room_audit_chain"),
)

# What a live room needs to go on after a restart: one row a part, replaced as a whole (see bot/memory.py).
room_memory = Table(
    "room_memory",
    METADATA,
    Column("id", String(320), primary_key=True),
    Column("room", String(256), nullable=False, index=True),
    Column("part", String(32), nullable=False),
    Column("body", Text, nullable=False),
)

# Which process has a room (see leases.py); `reign` counts its owners.
room_owners = Table(
    "room_owners",
    METADATA,
    Column("room", String(256), primary_key=True),
    Column("owner", String(160), nullable=False),
    Column("leased_until", Float, nullable=False),
    Column("reign", Integer, nullable=False),
)

# What the last loads of the shop's folder came to (see bot/loads.py).
loads = Table(
    "loads",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("report", Text, nullable=False),
)

# What somebody did with a product (see bot/signals.py); `person` is a digest of who it is, `id` one of who, what and where.
signals = Table(
    "signals",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("person", String(64), nullable=False),
    Column("product_id", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("weight", Float, nullable=False),
    Column("at", Float, nullable=False),
    Index("signals_person", "person", "at"),
    Index("signals_at", "at"),
)

# What each person said of being remembered.
consents = Table(
    "consents",
    METADATA,
    Column("person", String(64), primary_key=True),
    Column("consent", String(16), nullable=False),
    Column("at", Float, nullable=False),
)

# What each conversation has chosen to buy (see bot/buying.py).
carts = Table(
    "carts",
    METADATA,
    Column("key", String(1024), primary_key=True),
    Column("cart", Text, nullable=False),
)

# Checkouts that were begun; `source` is the call that did. Addresses are in `purchase`, which is sealed.
purchases = Table(
    "purchases",
    METADATA,
    Column("token", String(64), primary_key=True),
    Column("key", String(1024), nullable=False, index=True),
    Column("source", String(1536), nullable=False, unique=True),
    Column("begun_at", Float, nullable=False),
    Column("purchase", Text, nullable=False),
)
