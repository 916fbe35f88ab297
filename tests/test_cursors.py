"""Cursors give back what was kept in them, to whom and for what they were made (core/paging.py)."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_registry.core.paging import Client, Cursors
from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops.open import open_registry

CURSORS = Cursors(Cursors.new_secret())
SCOPE = ["search", 1, "Patient", [("name", "Löwe")]]
POSITIONS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    st.lists,
)  # fmt: skip


@given(POSITIONS)
def test_a_position_comes_back_as_it_was(position):
    read = CURSORS.read(CURSORS.write("a", SCOPE, position), "a", SCOPE)
    assert (read, type(read)) == (position, type(position))


def test_a_cursor_tells_nothing():
    cursor = CURSORS.write("a", SCOPE, ["Eleonore", 7])
    assert "Eleonore" not in cursor
    assert cursor != CURSORS.write("a", SCOPE, ["Eleonore", 7])  # nor that two places are the same


@pytest.mark.parametrize(
    ("caller", "scope"),
    [
        ("b", SCOPE),
        ("a", ["search", 2, *SCOPE[2:]]),
        ("a", ["history", *SCOPE[1:]]),
        ("a", [*SCOPE[:3], [("name", "Löwin")]]),
    ],
)
def test_a_cursor_is_of_one_caller_site_and_question(caller, scope):  # P36
    cursor = CURSORS.write("a", SCOPE, 7)
    with pytest.raises(FhirError) as problem:
        CURSORS.read(cursor, caller, scope)
    assert problem.value.status == 400


def test_a_forged_cursor_is_refused():  # P05, P36
    cursor = CURSORS.write("a", SCOPE, 7)
    others = Cursors(Cursors.new_secret()).write("a", SCOPE, 7)
    changed = [cursor[:i] + ("A" if cursor[i] != "A" else "B") + cursor[i + 1 :] for i in range(0, len(cursor) - 4, 9)]
    for forged in ["", "x", "ü", cursor[:-5], others, *changed]:
        with pytest.raises(FhirError) as problem:
            CURSORS.read(forged, "a", SCOPE)
        assert problem.value.status == 400


def test_every_process_on_a_database_reads_the_cursors_of_the_others(database, content):
    with_secret = [open_registry(database, content) for _ in range(2)]
    cursor = with_secret[0].cursors.write("a", SCOPE, [1])
    assert with_secret[1].cursors.read(cursor, "a", SCOPE) == [1]
    for registry in with_secret:
        registry.close()


@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize("pairs", [[("name", "Löwe & Söhne"), ("_count", "2")], []])
def test_a_link_leads_back(hidden, pairs):  # P33
    client = Client("http://here/fhir", hidden=hidden, format=(("_format", "xml"),))
    for position in (None, [[7, None], 3]):
        link = urlsplit(CURSORS.link(client, 1, "Patient", pairs, position))
        assert (link.netloc, link.path, link.fragment) == ("here", "/fhir/Patient", "")
        assert "L%C3%B6we" in link.query or hidden or not pairs
        assert not hidden or "name" not in link.query
        given = [pair for pair in parse_qsl(link.query) if pair[0] != "_format"]
        client_then, pairs_then, position_then = CURSORS.follow(client._replace(hidden=False), 1, "Patient", given)
        assert (client_then.hidden, pairs_then, position_then) == (hidden and bool(pairs), pairs, position)


def test_a_cursor_given_twice_is_refused():
    with pytest.raises(FhirError):
        CURSORS.follow(Client("http://here/fhir"), 1, "Patient", [("_cursor", "a"), ("_cursor", "b")])
