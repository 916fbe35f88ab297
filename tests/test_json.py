"""Exact JSON: SEC-02 to SEC-08 and REST-034 of the interoperability checklist."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_registry.fhir import json as fhir_json
from fhir_registry.fhir.errors import FhirError

REFUSED = {
    "nothing": b"",
    "truncated": b'{"a":',
    "trailing text": b"{} {}",
    "comment": b'{"a":1 /* why */}',
    "single quotes": b"{'a':1}",
    "duplicate key": b'{"id":"a","id":"b"}',
    "duplicate key, white space before the colon": b'{"id" : "a","id": "b"}',
    "duplicate key, beside a string like a key": b'{"a":1,"a":"\\":x"}',
    "duplicate key, beside a string that begins with a colon": b'{"a":":","a":1}',
    "duplicate key, as an escape": b'{"a":1,"\\u0061":2}',
    "duplicate key that hides members": b'{"a":{"b":1,"c":":"},"a":":"}',
    "duplicate key, nested": b'{"x":[{"id":"a","id":"a"}]}',
    "NaN": b'{"a":NaN}',
    "Infinity": b'{"a":-Infinity}',
    "beyond double": b'{"a":1e400}',
    "beyond double, negative": b'{"a":-1e400}',
    "5,000 digits": b'{"a":' + b"1" * 5000 + b"}",
    "5,000 decimals": b'{"a":0.' + b"1" * 5000 + b"}",
    "monstrous exponent": b'{"a":1e99999999999999999999}',
    "lone surrogate": b'{"a":"\\ud800"}',
    "lone low surrogate": b'{"a":"\\uDC00x"}',
    "lone surrogate in a key": b'{"\\ud800":1}',
    "escaped NUL": b'{"a":"\\u0000"}',
    "escaped control": b'{"a":"x\\u001fy"}',
    "escaped backspace": b'{"a":"\\b"}',
    "raw control": b'{"a":"\x01"}',
    "raw newline": b'{"a":"\n"}',
    "invalid UTF-8": b'{"a":"\xff"}',
    "Latin-1": '{"a":"é"}'.encode("latin-1"),
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "UTF-16 without mark": '{"a":1}'.encode("utf-16-le"),
    "UTF-8 encoded surrogate": b'{"a":"\xed\xa0\x80"}',
    "deep": b"[" * 100_000,
    "deep and closed": b"[" * 100_000 + b"]" * 100_000,
    "65 levels": b'{"a":' * 65 + b"1" + b"}" * 65,
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
def test_refused(body):
    with pytest.raises(FhirError) as caught:
        fhir_json.parse(body)
    assert caught.value.status == 400
    assert caught.value.issues[0].message


@pytest.mark.parametrize(
    "body",
    [
        b'{"value":1.00}',
        b'{"value":1.10,"other":1.0e2,"third":1E+2,"fourth":-0.0,"fifth":-0}',
        b'{"value":0.1234567890123456789}',
        b'{"value":12345678901234567890123}',
        b'{"z":1,"a":2}',
        b'{"z":":","a":"\\":","":{"":[{"":1}]}}',
        '{"text":"Müller 力扑素 😀 \u2028"}'.encode(),
        b'{"text":"tab\\tline\\nreturn\\rquote\\"slash\\\\"}',
        b'{"a":' * 64 + b"1" + b"}" * 64,
    ],
)
def test_comes_back_byte_for_byte(body):
    assert fhir_json.dumps(fhir_json.parse(body)) == body


def test_only_white_space_and_escapes_change():
    assert fhir_json.dumps(fhir_json.parse(b' { "a" : [ 1 , 2.50 ] , "b":"\\u00e9\\/\\ud83d\\ude00" } ')) == (
        '{"a":[1,2.50],"b":"é/😀"}'.encode()
    )


def test_byte_order_mark_is_allowed():
    assert fhir_json.parse(b'\xef\xbb\xbf{"a":1}') == {"a": 1}


@given(st.binary(max_size=200) | st.text(alphabet='{}[]",:\\u0123456789eE.-+ntrueflsd', max_size=60).map(str.encode))
def test_any_bytes_give_a_value_or_a_clear_error(body):
    try:
        value = fhir_json.parse(body)
    except FhirError as e:
        assert e.status == 400
    else:
        assert fhir_json.parse(fhir_json.dumps(value)) == value
