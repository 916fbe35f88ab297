"""Signed checkpoints of the audit log, in a file outside of the database (docs/audit.md, https://datatracker.ietf.org/doc/html/rfc8032).

Whoever can write the database can cut the end of a chain, or compute all hashes anew. He cannot sign.
"""

import base64
import binascii
import fcntl
import logging
import os
from typing import NamedTuple

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from ..core.audit import canonical
from ..fhir.dates import SECOND, instant, instant_literal
from ..fhir.errors import FhirError
from ..store.wall import EVERYWHERE

log = logging.getLogger("fhir_registry")
EVENTS, SECONDS = 1000, 60  # after which there is another checkpoint, when there is something new
_DOMAIN = b"fhir-registry audit checkpoint 1\n"
_ECDSA = ec.ECDSA(hashes.SHA384())
_NO_KEY = "it is no PEM of an Ed25519 or P-384 key without password; fhir-registry audit key FILE makes one"


class CheckpointError(Exception):
    """A checkpoint cannot be signed; the message says why and what to do."""


class Checkpoint(NamedTuple):
    site: int
    chain: int
    seq: int
    hash: str
    time: str


def new_key():
    """(private, public) key, PEM as bytes."""
    key = ed25519.Ed25519PrivateKey.generate()
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    public = key.public_key().public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo)
    return key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain), public


def read_private_key(pem):
    """The key that signs. Raises ValueError."""
    return _checked(lambda: serialization.load_pem_private_key(pem, None))


def read_public_key(pem):
    """The key that verifies, also from the file of the one that signs. Raises ValueError."""
    if b"PRIVATE KEY" in pem:
        return read_private_key(pem).public_key()
    return _checked(lambda: serialization.load_pem_public_key(pem))


def _checked(load):
    try:
        key = load()
    except (ValueError, TypeError):
        raise ValueError(_NO_KEY) from None
    known = (ed25519.Ed25519PrivateKey, ed25519.Ed25519PublicKey)
    curve = getattr(key, "curve", None)
    if not isinstance(key, known) and not isinstance(curve, ec.SECP384R1):
        raise ValueError(_NO_KEY)
    return key


class Checkpoints:
    """Appends checkpoints to a file, which several processes may do.

    path: of the file. key: that signs.
    """

    def __init__(self, path, key):
        self._path, self._key = path, key
        self._problem = None  # that was told last
        self._read, self._last = 0, {}  # bytes of the file; {(site, chain): its last Checkpoint}

    def add(self, store, at_once=False):
        """Sign the ends of the chains that are EVENTS or SECONDS further than their last checkpoint; how many.

        at_once: those that are further at all. Raises CheckpointError when the log is not what was signed, OSError.
        """
        with open(self._path, "a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # until it is closed
            self._read_on(file)
            with store.read(EVERYWHERE, limited=False) as connection:
                heads = store.audit.heads(connection)
                self._compare(store, connection, heads)
            now = store.now()
            due = [head for head in heads if self._is_due(head, now, at_once)]
            if due:
                lines = [_line(self._key, Checkpoint(*head, instant_literal(now))) for head in due]
                start = b"" if self._ends_a_line(file) else b"\n"  # a process ended amid the line before
                file.write(start + b"".join(lines))
                file.flush()
                os.fsync(file.fileno())
        return len(due)

    def keep(self, store):
        """As `add`, in a process that goes on: what hinders it is told to the log, once until it is something else."""
        problem = None
        try:
            self.add(store)
        except (CheckpointError, FhirError) as found:
            problem = str(found)
        except OSError as found:
            problem = f"the file of checkpoints cannot be written: {found.strerror}"
        if problem and problem != self._problem:
            log.error("%s", problem)
        self._problem = problem

    def _read_on(self, file):
        if file.seek(0, os.SEEK_END) < self._read:  # another file by now
            self._read, self._last = 0, {}
        file.seek(self._read)
        for line in file:
            if line.endswith(b"\n"):
                self._read += len(line)
            if found := _parse(line):
                self._last[found[0].site, found[0].chain] = found[0]

    def _ends_a_line(self, file):
        return self._read == file.seek(0, os.SEEK_END)

    def _compare(self, store, connection, heads):
        """Raise CheckpointError when a chain is not any more what was signed last: what follows is not signed."""
        ends = {(head.site, head.chain): head for head in heads}
        for place, last in self._last.items():
            head = ends.get(place)
            same = head and last.hash == (
                head.hash if head.seq == last.seq else store.audit.hash_of(connection, *place, last.seq)
            )
            if not same:
                raise CheckpointError(
                    f"the audit log of site {last.site}, chain {last.chain} is not what was signed at {last.time} (seq "
                    f"{last.seq}), so that no more of it is signed: run fhir-registry audit verify. After a restore of "
                    "an older backup keep the file of checkpoints, and name a new one"
                )

    def _is_due(self, head, now, at_once):
        last = self._last.get((head.site, head.chain))
        if last is None or last.seq == head.seq:
            return last is None and head.seq > 0
        return at_once or head.seq - last.seq >= EVENTS or not 0 <= now - instant(last.time) < SECONDS * SECOND


def read_checkpoints(lines, public_key):
    """({(site, chain): [Checkpoint]}, [what is wrong with a line]) of the lines of a file, bytes."""
    found, wrong = {}, []
    for number, line in enumerate(lines, 1):
        parsed = _parse(line)
        if parsed is None:
            wrong.append(f"line {number} is no checkpoint")
        elif not _is_signed(public_key, *parsed):
            wrong.append(f"line {number} is not signed with this key")
        else:
            found.setdefault((parsed[0].site, parsed[0].chain), []).append(parsed[0])
    return found, wrong


def _line(key, checkpoint):
    told, data = checkpoint._asdict(), _signed(checkpoint)
    signature = key.sign(data) if isinstance(key, ed25519.Ed25519PrivateKey) else key.sign(data, _ECDSA)
    return canonical(told | {"signature": base64.b64encode(signature).decode()}) + b"\n"


def _parse(line):
    """(Checkpoint, signature) of a line, None when it is none."""
    try:
        told = orjson.loads(line)
        signature = base64.b64decode(told.pop("signature"), validate=True)
        checkpoint = Checkpoint(**told)
        instant(checkpoint.time)
    except (ValueError, TypeError, KeyError, AttributeError, binascii.Error):
        return None
    numbers = (checkpoint.site, checkpoint.chain, checkpoint.seq)
    return (checkpoint, signature) if all(type(number) is int for number in numbers) else None


def _is_signed(key, checkpoint, signature):
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, _signed(checkpoint))
        else:
            key.verify(signature, _signed(checkpoint), _ECDSA)
    except InvalidSignature:
        return False
    return True


def _signed(checkpoint):
    return _DOMAIN + canonical(checkpoint._asdict())
