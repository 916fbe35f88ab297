"""Texts of resources are stored packed, with a dictionary of what resources have in common (RFC 8878, Zstandard).

(https://datatracker.ietf.org/doc/html/rfc8878)
"""

import base64
import logging
import threading
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import zstandard
from sqlalchemy import LargeBinary, Text, bindparam, cast, select, type_coerce
from sqlalchemy.types import TypeDecorator

from ..fhir.errors import error
from .settings import set_setting

log = logging.getLogger("fhir_registry")
DICTIONARY = Path(__file__).with_name("bodies.dict")  # made by tools/build_dictionary.py
LEVEL = 3
_SETTING = "dictionary "  # with its number
_MAGIC = b"\x28\xb5\x2f\xfd"  # of a frame; no JSON begins so
_DENSEST = 2**17 // 4  # a block has at least 4 bytes, and at most 128 KiB come of it
_LONGEST = 2**31  # bytes of a text: neither database keeps half of that in a row
_known = {}  # number of a dictionary -> it
_of_this_thread = threading.local()  # what packs and unpacks may serve one thread only


class DamagedText(ValueError):
    """A stored text that cannot be unpacked, or is no text."""


class Body(TypeDecorator):
    """The type of a column of texts that are packed.

    What was stored before there were dictionaries is the text itself, and read like the rest.
    """

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect):
        """On SQLite the column stays one of type TEXT: bytes in it are kept as they are."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else LargeBinary())

    def column_expression(self, column):
        """SELECT it as bytes: SQLite's driver cannot give a text that is damaged, and its error quotes it."""
        return type_coerce(cast(column, LargeBinary), self)

    def process_bind_param(self, value, dialect):
        """str -> bytes."""
        return value if value is None else pack(value.encode())

    def process_result_value(self, value, dialect):
        """bytes -> str."""
        return value if value is None else read_text(value)


def pack(text):
    """The bytes that are stored for a text (bytes); b"" is b""."""
    if not text:
        return text
    packer = getattr(_of_this_thread, "packer", None)
    if packer is None:
        options = {"level": LEVEL, "write_checksum": True, "dict_data": _newest()}
        packer = _of_this_thread.packer = zstandard.ZstdCompressor(**options)
    return packer.compress(text)


def unpack(stored):
    """The text (bytes) of what `pack` gave, and of what is not packed.

    Raises DamagedText, also when its dictionary is not at hand; MemoryError when there is no room for a sound text.
    """
    if not stored.startswith(_MAGIC):
        return stored
    unpackers = _of_this_thread.__dict__.setdefault("unpackers", {})
    try:
        frame = zstandard.get_frame_parameters(stored)
        number = frame.dict_id
        if frame.content_size > min(_LONGEST, len(stored) * _DENSEST):
            raise DamagedText(f"a packed text is damaged: {len(stored)} bytes say that they are {frame.content_size}")
        if number not in unpackers:
            dictionary = _newest() if number == _newest().dict_id() else _known.get(number)
            if dictionary is None:
                raise DamagedText(f"a text is packed with dictionary {number}, which the table 'setting' does not hold")
            unpackers[number] = zstandard.ZstdDecompressor(dict_data=dictionary)
        return unpackers[number].decompress(stored)
    except zstandard.ZstdError as problem:
        raise DamagedText(f"a packed text is damaged: {problem}") from None


def read_text(stored):
    """The text (str) of what is stored (bytes). Raises as unpack."""
    try:
        return unpack(stored).decode()
    except UnicodeDecodeError:  # which quotes it
        raise DamagedText("a text is neither packed nor UTF-8") from None


@contextmanager
def naming_damaged(connection, version, rids, key=None):
    """Raise internal for a DamagedText; the log names the rows of the table `version` that have one, and what to do.

    rids: of the resources that are read, a sequence or a SELECT, and `key` its parameters.
    """
    try:
        yield
    except DamagedText as problem:
        c = version.c
        stored = select(cast(c.body, LargeBinary)).where(c.rid == bindparam("rid"), c.version == bindparam("version"))
        # One at a time: each may have 50 MB, and there may be many.
        for row in connection.execute(select(c.rid, c.version).where(c.rid.in_(rids)), key).mappings().all():
            try:
                read_text(connection.execute(stored, dict(row)).scalar_one())
            except DamagedText as found:
                log.error("table version, rid %d, version %d: %s; run fhir-registry fsck", *row.values(), found)
        message = "What is stored here is damaged; the log of the server names it, and its administrator has a backup"
        raise error("internal", "exception", message) from problem


def keep_dictionaries(connection, setting):
    """Keep the dictionary of this release in the table `setting`, and learn those that are kept there.

    A database is complete without the program that wrote it: an older dictionary is needed as long as it has texts.
    """
    kept = learn_dictionaries(connection, setting)
    name, value = f"{_SETTING}{_newest().dict_id()}", base64.b64encode(_newest().as_bytes()).decode()
    if kept.get(name) != value:
        set_setting(connection, setting, name, value)


def learn_dictionaries(connection, setting):
    """Learn the dictionaries that the table `setting` holds: {name: value} of them. One that is damaged is none."""
    query = select(setting.c.name, setting.c.value).where(setting.c.name.startswith(_SETTING))
    kept = dict(connection.execute(query).all())
    for name, value in kept.items():
        with suppress(ValueError, zstandard.ZstdError):
            dictionary = zstandard.ZstdCompressionDict(base64.b64decode(value, validate=True))
            if name == f"{_SETTING}{dictionary.dict_id()}":
                _known[dictionary.dict_id()] = dictionary
    return kept


@cache
def _newest():
    dictionary = zstandard.ZstdCompressionDict(DICTIONARY.read_bytes())
    dictionary.precompute_compress(level=LEVEL)  # once for all threads
    return dictionary
