"""Pages while others write: each untouched match stands on exactly one (checks P34, P35 of the interface checklist)."""

import os
import random
import threading
from itertools import count, cycle

import pytest
from searches import get, ids, link, pages, served, store

from fhir_registry.ops import ingest

PAGES = int(os.environ.get("PAGES_TO_TURN", "5000"))  # on each database
UNTOUCHED = 120
FAMILIES = ("Abel", "abel", "Berg", "Çelik", "Dorn")
# as search.html says: no case, no accents
FOLDED = {"Abel": "abel", "abel": "abel", "Berg": "berg", "Çelik": "celik", "Dorn": "dorn", None: None}


def person(id, chance):
    """A Patient of whom everything may be missing."""
    patient = {"resourceType": "Patient", "id": id, "active": True}
    if chance.random() < 0.8:
        patient["birthDate"] = f"19{chance.randrange(50, 58)}-0{chance.randrange(1, 4)}-11"
    if chance.random() < 0.8:
        patient["name"] = [{"family": chance.choice(FAMILIES)}]
    if chance.random() < 0.8:
        patient["gender"] = chance.choice(["male", "female", "other"])
    return patient


PEOPLE = [person(f"u{n}", random.Random(n)) for n in range(UNTOUCHED)]
VALUES = {
    "_id": lambda patient: patient["id"],
    "_lastUpdated": lambda patient: 0,  # all stored in one transaction
    "birthdate": lambda patient: patient.get("birthDate"),
    "family": lambda patient: FOLDED[patient.get("name", [{}])[0].get("family")],
    "gender": lambda patient: patient.get("gender"),
}
SEARCHES = [
    # parameters, sort
    ("", ""),
    ("active=true", ""),
    ("", "_id"),
    ("", "-_id"),
    ("", "_lastUpdated"),
    ("active=true", "-_lastUpdated"),
    ("", "birthdate"),
    ("gender=male,female,other", "-birthdate"),
    ("", "family"),
    ("birthdate=lt1957", "-family,birthdate"),
    ("active=true", "gender,-family,birthdate"),
    ("", "-gender,_id"),
]


def expected(parameters, sort):
    """The ids of the untouched people in the order that is asked for, by stable sorting, the last key first."""
    people = [p for p in PEOPLE if "gender" not in parameters or "gender" in p]
    people = [p for p in people if "birthdate" not in parameters or p.get("birthDate", "9") < "1957"]
    keys = sort.split(",") if sort else []
    if keys and keys[0].startswith("-"):
        people.reverse()
    for key in reversed(keys):
        value = VALUES[key.removeprefix("-")]
        present = [p for p in people if value(p) is not None]
        missing = [p for p in people if value(p) is None]
        people = sorted(present, key=value, reverse=key.startswith("-")) + missing
        if key.startswith("-"):  # sorted() keeps the order of equal ones in reverse too
            assert sorted(present, key=value, reverse=True) == people[: len(present)]
    return [p["id"] for p in people]


class Others:
    """A thread that creates, changes and deletes patients which match as well, until it is told to stop."""

    def __init__(self, registry):
        self._registry, self._stop, self.writes = registry, threading.Event(), 0
        self._thread = threading.Thread(target=self._write)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _write(self):
        chance = random.Random(7)
        for number in count():
            if self._stop.wait(0.002):
                return
            id = f"w{chance.randrange(60)}"
            if chance.random() < 0.3:
                ingest.delete(self._registry, 1, "Patient", id)
            else:
                ingest.update(self._registry, 1, "Patient", id, person(id, random.Random(number)))
            self.writes += 1


@pytest.mark.parametrize("few", [None, 5])  # 5: resources are walked in the order of an index instead of sorted
def test_untouched_matches_stand_on_one_page_each_while_others_write(database, content, few):  # P34, P35, REL-19
    with served(database, content, *PEOPLE) as client:
        registry = client.application.extensions["fhir_registry"]
        if few:
            registry.store.search.few = few
        turned, sizes = 0, cycle([1, 2, 7])
        with Others(registry) as others:
            for parameters, sort in cycle(SEARCHES):
                query = f"Patient?{parameters}&_sort={sort}&_count={next(sizes)}"
                found = []
                for bundle in pages(client, query):
                    found += ids(bundle)
                    turned += 1
                assert [id for id in found if id.startswith("u")] == expected(parameters, sort), query
                if turned >= PAGES / 2:
                    break
        assert others.writes > turned / 100  # some 400 where nothing else runs


def test_the_total_stays_that_of_the_first_page(database, content):  # P34
    with served(database, content, *PEOPLE[:7]) as client:
        totals = []
        request = "Patient?_count=3&_total=accurate"
        while request:
            bundle = get(client, request)
            totals.append(bundle["total"])
            store(client, person(f"w{len(totals)}", random.Random(1)))
            request = link(bundle, "next")
        assert totals == [7, 7, 7]


def test_what_was_written_is_found_at_once(database, content):  # P39, P40, P48
    with served(database, content, *PEOPLE[:7]) as client:
        store(client, {"resourceType": "Patient", "id": "new", "name": [{"family": "Zander"}]})
        assert ids(get(client, "Patient?family=zander")) == ["new"]
        before = get(client, "Patient?deceased=false&_summary=count")["total"]
        assert ids(get(client, "Patient?gender:missing=true&family=zander")) == ["new"]
        client.delete("/fhir/Patient/new")
        assert get(client, "Patient?deceased=false&_summary=count")["total"] == before - 1
        for query in ("gender:missing=true", "gender:not=male", "family=zander", ""):
            assert "new" not in ids(get(client, f"Patient?{query}"))
