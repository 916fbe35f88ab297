"""A file becomes units that are stored or refused one by one (https://hl7.org/fhir/uv/bulkdata/export.html#bulk-data-output-file)."""

import gzip
import zlib
from typing import NamedTuple

from ..fhir.errors import FhirError, error

# FHIR packs to a tenth, the same patient over and over to a hundredth, zeros to a thousandth.
MOST_UNPACKED = 200  # times the packed size
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
BOMB_CHECK = 4_000_000  # bytes; less can do no harm


class Unit(NamedTuple):
    """What stands alone: a line of NDJSON, or a file that is one Bundle or one resource.

    source: number of its source. line: from 1; 0 is the whole source. end: bytes of the source, unpacked, up to its
    end; None when nothing of the source follows. read: bytes of the source, as it lies, that were read until then.
    error: the FhirError when it could not be read; body is b"" then. type: that the resource is to have, None: any.
    """

    source: int
    line: int
    end: int | None
    read: int
    body: bytes
    error: FhirError | None = None
    type: str | None = None


def read_units(stream, source, lines, limit, at=(0, 0)):
    """Yield the Units of a source; lines that hold nothing are left out.

    stream: a binary file that can be read from its start, packed with gzip or not. source: its number. lines: whether
    each line is a unit, else all of it is one. limit: bytes of a unit. at: (line, end) of the last unit that is not
    wanted. What ends the reading early (gzip that ends or expands too much) is the last Unit, with an error.
    """
    packed = stream.read(2) == b"\x1f\x8b"
    stream.seek(0)
    text = gzip.GzipFile(fileobj=stream) if packed else stream
    line, end = at
    try:
        text.seek(end)
        if not lines:
            yield _read_whole(stream, text, source, limit)
            return
        while data := text.readline(limit + 2):  # with CR and LF
            line, end = line + 1, end + len(data)
            problem = None
            if len(data.rstrip(b"\r\n")) > limit:
                while data and not data.endswith(b"\n"):
                    data = text.readline(limit)
                    end += len(data)
                    _refuse_bomb(stream, end, packed)
                data, problem = b"", _too_long(limit)
            _refuse_bomb(stream, end, packed)
            if problem or data.removeprefix(BYTE_ORDER_MARK).strip(b" \t\r\n"):
                yield Unit(source, line, end, stream.tell(), data, problem)
    except FhirError as problem:
        yield Unit(source, line, None, stream.tell(), b"", problem)
    except EOFError:
        message = "The gzip data end early; what came before is stored. Send the file again"
        yield Unit(
            source, line + 1 if lines else 0, None, stream.tell(), b"", error("malformed", "incomplete", message)
        )
    except (gzip.BadGzipFile, zlib.error):
        problem = error("malformed", "structure", "The gzip data are damaged from here on; send the file again")
        yield Unit(source, line + 1 if lines else 0, None, stream.tell(), b"", problem)


def _read_whole(stream, text, source, limit):
    data = text.read(limit + 1)
    if len(data) > limit:
        return Unit(source, 0, None, stream.tell(), b"", _too_long(limit))
    return Unit(source, 0, None, stream.tell(), data)


def _refuse_bomb(stream, end, packed):
    if packed and end > BOMB_CHECK and end > MOST_UNPACKED * stream.tell():
        message = f"The gzip data expand more than {MOST_UNPACKED} times; send them unpacked"
        raise error("too-large", "too-costly", message)


def _too_long(limit):
    message = f"It is longer than {limit:,} bytes; divide it, or set FHIR_REGISTRY_MAX_BODY_BYTES"
    return error("too-large", "too-long", message)
