"""The tables of a tree store, the same in SQLite and PostgreSQL."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

SCHEMA_VERSION = 3

metadata = MetaData()

_json = JSON(none_as_null=True)

grove = Table("grove", metadata, Column("schema_version", Integer, primary_key=True))

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("record", _json, nullable=False),
)

personas = Table(
    "personas",
    metadata,
    Column("run_id", ForeignKey("runs.id"), primary_key=True),
    Column("id", String, primary_key=True),
    Column("record", _json, nullable=False),
    sqlite_with_rowid=False,
)

trees = Table(
    "trees",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", ForeignKey("runs.id"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("persona_id", String, nullable=False),
    Column("repeat", Integer, nullable=False),
    Column("key", String, nullable=False),
    Column("status", String, nullable=False, default="open"),
    Column("nodes", Integer, nullable=False, default=0),
    Column("pairs", Integer, nullable=False, default=0),
    Column("failures", Integer, nullable=False, default=0),
    Column("owner", String),
    Column("lease_until", Float),
    UniqueConstraint("run_id", "persona_id", "repeat"),
    Index("trees_by_status", "run_id", "status", "ordinal"),
)

# A node's key is the hash of its slot, so the primary key is what makes slots unique. Without
# row ids, a tree's nodes lie side by side on disk and need no second index.
nodes = Table(
    "nodes",
    metadata,
    Column("tree_id", ForeignKey("trees.id"), primary_key=True),
    Column("key", String, primary_key=True),
    Column("parent", String, nullable=False),
    Column("seat", String, nullable=False),
    Column("place", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("agent", String, nullable=False),
    Column("spec", String, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("reasoning", Text, nullable=False),
    Column("belief", _json),
    Column("verdict", _json),
    Column("notes", _json),
    Column("ends", Boolean, nullable=False),
    Column("usage", _json),
    Column("failure", _json),
    Column("content_hash", String, nullable=False),
    Column("seconds", Float, nullable=False),
    sqlite_with_rowid=False,
)

# What calls to models took, kept in step with the nodes, so that a run knows what it has spent
# without reading them all.
tallies = Table(
    "tallies",
    metadata,
    Column("run_id", ForeignKey("runs.id"), primary_key=True),
    Column("seat", String, primary_key=True),
    Column("spec", String, primary_key=True),
    Column("what", String, primary_key=True),
    Column("count", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# What an audit of a run's judges or users found; the newest of each name takes the place of older
# ones.
audits = Table(
    "audits",
    metadata,
    Column("run_id", ForeignKey("runs.id"), primary_key=True),
    Column("kind", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("record", _json, nullable=False),
    sqlite_with_rowid=False,
)
