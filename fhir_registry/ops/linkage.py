"""The same person at several sites, known by an identifier that all of them use (https://hl7.org/fhir/R4/patient.html#maininf)."""

from collections import Counter, defaultdict

from ..core.deidentify import linkages
from ..fhir import json
from ..fhir.dates import day_interval
from ..store.current import read_current
from ..store.persons import read_mergers

_NEVER = 2**31  # after every day


def find_persons(registry, connection, sites, pseudonyms, systems, base=None):
    """{site: {id of a Patient: pseudonym of the person}} of those with an identifier of these systems.

    sites: numbers. pseudonyms: Pseudonyms of any of them. base: URL of this server. Patients that were merged, and
    those that share an identifier, are one person; of several pseudonyms the smallest is that of the person.
    """
    store, leaders, members = registry.store, {}, []

    def lead(place):
        """The one that stands for all that are joined with a place: a pseudonym where there is one."""
        while leaders.setdefault(place, place) != place:
            leaders[place] = place = leaders[leaders[place]]
        return place

    for site in sites:
        mergers = read_mergers(store, connection, site, base)
        survivor = {member: first for first, merged in mergers.items() for member in merged}
        for id_, body in read_current(store, connection, site, "Patient"):
            place = (site, survivor.get(id_, id_))
            members.append((site, id_, place))
            for pseudonym in linkages(json.parse(body), systems, pseudonyms):
                first, other = sorted((lead(place), lead(pseudonym)), key=lambda each: (type(each) is tuple, each))
                leaders[other] = first
    persons = defaultdict(dict)
    for site, id_, place in members:
        if type(lead(place)) is str:
            persons[site][id_] = lead(place)
    return persons


def of_several(persons):
    """The pseudonyms of the persons with several Patients. persons: as find_persons gives them."""
    counted = Counter(pseudonym for patients in persons.values() for pseudonym in patients.values())
    return {pseudonym for pseudonym, number in counted.items() if number > 1}


def share_withdrawals(tellers, persons):
    """Let the withdrawal of a person at one site hold at all. tellers: {site: Deidentifier}."""
    last = {}
    for site, patients in persons.items():
        for id_, day in tellers[site].last.items():
            if id_ in patients:
                last[patients[id_]] = _earlier(day, last.get(patients[id_], _NEVER))
    for site, patients in persons.items():
        tellers[site].last |= {id_: last[pseudonym] for id_, pseudonym in patients.items() if pseudonym in last}


def _earlier(day, other):
    """Of two last days that may be told; None: nothing may."""
    return None if None in (day, other) else min(day, other)


def as_one(patients):
    """The Patients of one person, as they are told, as one.

    Where they differ the first knows best; of a death the one that knows its date, the earliest.
    """
    one, id_ = {}, patients[0]["id"]
    for each in patients:
        one = each | one
    deaths = [each["deceasedDateTime"] for each in patients if "deceasedDateTime" in each]
    if deaths:
        one.pop("deceasedBoolean", None)
        one["deceasedDateTime"] = min(deaths, key=day_interval)
    elif any(each.get("deceasedBoolean") for each in patients):
        one["deceasedBoolean"] = True
    known = dict.fromkeys((told["system"], told["value"]) for each in patients for told in each["identifier"])
    one["identifier"] = [{"system": system, "value": value} for system, value in known]
    links = [link for each in patients for link in each.get("link", ())]
    one["link"] = [link for link in links if link["other"]["reference"] != f"Patient/{id_}"]
    return one if one["link"] else {name: value for name, value in one.items() if name != "link"}
