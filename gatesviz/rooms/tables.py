"""The tables of the database. Nothing in them names a person."""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

from gatesviz.rooms.codes import LENGTH

METADATA = MetaData()


def _room() -> Column[str]:
    return Column("room", String(LENGTH), ForeignKey("gv_rooms.code"), primary_key=True)


ROOMS = Table(
    "gv_rooms",
    METADATA,
    Column("code", String(LENGTH), primary_key=True),
    Column("key_hash", String(64), nullable=False),
    Column("salt", String(64), nullable=False),
    Column("expires", Float, nullable=False),  # seconds since 1970, UTC
    Column("version", Integer, nullable=False),  # grows with every change
    Column("shows", Integer, nullable=False),  # what the board shows: a place in tally.SHOWS
    Column("stage", Text),  # ids of the questions on the teacher's page, with spaces between them
)
PACES = Table(
    "gv_paces",
    METADATA,
    _room(),
    Column("pace", Text, nullable=False),  # as pace.Pace.to_json writes it
)
MEMBERS = Table(
    "gv_members",
    METADATA,
    _room(),
    Column("person", String(32), primary_key=True),
    Column("teacher", Boolean, nullable=False),
    Column("seen", Float),  # when a page of this person was open last, in seconds since 1970
)
QUESTIONS = Table(
    "gv_questions",
    METADATA,
    _room(),
    Column("id", String(32), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("title", Text, nullable=False),
    Column("options", Text, nullable=False),  # a JSON list
    Column("unit", String(40), nullable=False),
    Column("lacking", String(100), nullable=False),
    Column("waits", Boolean),  # whether its answers wait until the teacher shows them
)
ASKED = Table(
    "gv_asked",
    METADATA,
    _room(),
    Column("question", String(32), primary_key=True),
    Column("about", String(16), primary_key=True),  # the shared part of `ENTRIES`
    Column("shown", Integer, nullable=False),  # Pace.shown at its first answer; -1 without a hold
)
ENTRIES = Table(
    "gv_entries",
    METADATA,
    _room(),
    Column("question", String(32), primary_key=True),
    Column("person", String(32), primary_key=True),
    Column("about", String(16), nullable=False),  # a hash of the settings
    Column("first", Float),
    Column("value", Float),
    Column("correct", Integer),  # index of the right option with these settings
    Column("curve", Text),  # instead of a value: as curves.Curve.to_json writes it
    Column("at", Float, nullable=False),
    Column("settings", Text),  # those that a guess was made for, in words
)
