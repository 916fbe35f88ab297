"""What a server holds, version by version, and whether that is what its clients were told (REL-01)."""

import json
from collections import Counter, defaultdict
from urllib.parse import quote, urlsplit

from mixed_writer import KEY, WRITE, mark_of

PAGE = 500
CHUNK = 60  # marks in one search, reads in one batch
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TYPES = ("Patient", "Observation")


class Ledger:
    """The versions seen so far, and what is known of each request; `problems` are the differences."""

    def __init__(self):
        self.problems = []
        self._digests = defaultdict(list)  # "Type/id" -> digest of each version, None of a deletion
        self._current = {}  # "Type/id" -> content, of what is not deleted
        self._places = defaultdict(list)  # mark -> ("Type/id", version) of each version that has it
        self._keys = defaultdict(set)  # key -> "Type/id" of what was created with it
        self._known = {}  # mark -> status of the request that wrote it, None without answer
        self._imports = []  # (entries, path of the job or None) of those that may be unfinished
        self._since = {}  # type -> lastUpdated of its newest version seen; imports go on between one type and the next
        self.acknowledged = 0  # versions, of answered requests

    def check(self, client, journals):
        """Read what was written since the last check, compare it with (Intent, status, answers) of the journals.

        Every version seen is compared, searched by its mark and read again.
        """
        journals = list(journals)
        for intent, status, _ in journals:
            self._known |= {mark_of(entry): status for entry in intent.entries}
        seen = self._walk(client)
        for intent, status, answers in journals:
            if intent.kind == "import":
                if status is None or status < 400:
                    self._imports.append((intent.entries, answers[0][1] if answers else None))
            elif status is not None and status < 400:
                self._check_acknowledged(intent, answers, seen)
            else:
                self._check_whole(intent, seen, refused=status is not None)
        self._check_deletions(journals, seen)
        self._check_keys()
        self._check_search(client, seen)
        self._check_reads(client, seen)

    def check_all(self, client):
        """Compare everything with what was seen before: histories, searches and totals."""
        self._since = {}
        self._check_search(client, self._walk(client, again=True))
        for type in TYPES:
            total = client.fhir("GET", f"{type}?_summary=count").json()["total"]
            there = sum(path.startswith(type) for path in self._current)
            if total != there:
                self._say(f"{type}: the total is {total}, there are {there}")

    def check_imports(self, done):
        """Whether each import is there wholly or not at all. done: function of a job's path, whether it completed."""
        for entries, job in self._imports:
            there = [self._places[mark_of(entry)] for entry in entries]
            if job and not (done(job) and all(there)):
                self._say(f"import {job}: {sum(map(bool, there))} of {len(there)} lines are there")
            elif any(there) and not all(there):
                self._say(
                    f"an import that was not acknowledged: {sum(map(bool, there))} of {len(there)} lines are there"
                )
            self.acknowledged += len(entries) if job else 0
        self._imports = []

    def _say(self, problem):
        self.problems.append(problem)

    # --- reading ------------------------------------------------------------------------------------

    def _walk(self, client, again=False):
        """{("Type/id", version): (content or None, content before)} of what is new, all versions when again."""
        found = []
        for type in TYPES:
            since = f"&_since={quote(self._since[type])}" if type in self._since else ""
            path = f"{type}/_history?_count={PAGE}{since}"
            while path:
                bundle = client.fhir("GET", path).json()
                found += bundle.get("entry", ())
                path = next((relative(link["url"]) for link in bundle["link"] if link["relation"] == "next"), None)
        return self._enter(found, again)

    def _enter(self, found, again):
        seen, walked = {}, set()
        for entry in sorted(found, key=lambda entry: version_of(entry)):
            path, version = entry["fullUrl"].partition("/fhir/")[2], version_of(entry)
            content, digest = None, None
            if "resource" in entry:
                content = content_of(entry["resource"])
                digest = json.dumps(content, sort_keys=True)
                if (place := entry["resource"]["meta"]["versionId"]) != str(version):
                    self._say(f"{path}: version {version} says that it is {place}")
            if (path, version) in walked:
                self._say(f"{path}: version {version} stands twice in a history")
            walked.add((path, version))
            digests = self._digests[path]
            if version <= len(digests):
                if digests[version - 1] != hash(digest):
                    self._say(f"{path}: version {version} was changed")
                if again and version == len(digests):
                    seen[path, version] = content, None
                continue
            if version != len(digests) + 1 or again:
                self._say(f"{path}: version {version} came after {len(digests)}")
            digests.append(hash(digest))
            seen[path, version] = content, self._current.pop(path, None)
            if content:
                self._current[path] = content
                self._enter_content(path, version, content)
            type = path.partition("/")[0]
            self._since[type] = max(self._since.get(type, ""), entry["response"]["lastModified"])
        if again and (lost := {(path, len(all)) for path, all in self._digests.items()} - walked):
            self._say(f"lost: {sorted(lost)[:5]}")
        return seen

    def _enter_content(self, path, version, content):
        marks = {mark["system"]: mark["value"] for mark in content["identifier"]}
        mark = marks[WRITE]
        self._places[mark].append((path, version))
        if version == 1 and KEY in marks:
            self._keys[marks[KEY]].add(path)
        if mark not in self._known:
            self._say(f"{path}: nobody wrote version {version}, {mark}")
        elif len(self._places[mark]) > 1:
            self._say(f"{mark} was written twice: {self._places[mark]}")

    # --- comparing ----------------------------------------------------------------------------------

    def _check_acknowledged(self, intent, answers, seen):
        for entry, (status, path, version) in zip(intent.entries, answers, strict=True):
            mark, request = mark_of(entry), entry["request"]
            if mark is None:
                if version is not None and self._digest(path, version) != hash(None):
                    self._say(f"lost: the deletion {path} version {version}")
            elif status == 200 and "ifNoneExist" in request:
                key = request["ifNoneExist"].rpartition("|")[2]
                if path not in self._keys[key] and (path, 1) not in self._places[mark]:
                    self._say(f"lost: {path}, which was said to match {key}")
            elif (path, version) not in self._places[mark]:
                self._say(f"lost: {path} version {version}, {mark}; it is at {self._places[mark]}")
            self.acknowledged += 1
        self._check_contents(intent, seen)

    def _check_whole(self, intent, seen, refused):
        """A request without an answer is wholly there or wholly absent; one that was refused is absent."""
        required = [entry for entry in intent.entries if mark_of(entry) and "ifNoneExist" not in entry["request"]]
        there = [bool(self._places[mark_of(entry)]) for entry in required]
        optional = [entry for entry in intent.entries if "ifNoneExist" in entry["request"]]
        created = [entry for entry in optional if self._places[mark_of(entry)]]
        if refused and (any(there) or created):
            self._say(f"refused and yet there: {mark_of((created or required)[0])}")
        elif (any(there) or created) and not all(there):
            self._say(f"in part: {sum(there)} of {len(there)} entries of {mark_of(required[0])}")
        elif all(there):
            self._check_contents(intent, seen)
            for entry in optional if required else ():
                if not self._keys[entry["request"]["ifNoneExist"].rpartition("|")[2]]:
                    self._say(f"in part: {mark_of(entry)} is missing beside {mark_of(required[0])}")
            for entry in intent.entries if required else ():
                if entry["request"]["method"] == "DELETE" and entry["request"]["url"] in self._current:
                    self._say(f"in part: {entry['request']['url']} is not deleted beside {mark_of(required[0])}")

    def _check_contents(self, intent, seen):
        """What is stored is what was sent, with references that lead to what was created."""
        places = {}
        for entry in intent.entries:
            if "fullUrl" in entry and self._places[mark_of(entry)]:
                places[entry["fullUrl"]] = self._places[mark_of(entry)][0][0]
        for entry in intent.entries:
            for place in self._places.get(mark_of(entry), ()):
                if place not in seen:
                    continue  # checked when it was first seen
                content, before = seen[place]
                if entry["request"]["method"] == "PATCH":
                    mark = {"system": WRITE, "value": mark_of(entry)}
                    wanted = before and before | {"identifier": [mark, *before["identifier"][1:]]}
                else:
                    wanted = json.loads(json.dumps(entry["resource"]))
                    wanted["id"] = place[0].partition("/")[2]
                    if "subject" in wanted:
                        wanted["subject"]["reference"] = places[wanted["subject"]["reference"]]
                if content != wanted:
                    self._say(f"{place}: stored {json.dumps(content)}, sent {json.dumps(wanted)}")

    def _check_deletions(self, journals, seen):
        """Each deletion was acknowledged, or asked for without an answer."""
        told, open = set(), Counter()
        for intent, status, answers in journals:
            deletes = [i for i, entry in enumerate(intent.entries) if entry["request"]["method"] == "DELETE"]
            if status is None:
                open.update(intent.entries[i]["request"]["url"] for i in deletes)
            elif status < 400:
                told.update(tuple(answers[i][1:]) for i in deletes)
        for (path, version), (content, _) in seen.items():
            if content is None and (path, version) not in told:
                open[path] -= 1
                if open[path] < 0:
                    self._say(f"{path}: nobody deleted version {version}")

    def _check_keys(self):
        for key, paths in self._keys.items():
            if len(paths) > 1:
                self._say(f"double: {key} was created as {sorted(paths)}")

    def _check_search(self, client, seen):
        """What is current is found by its mark, whole and alone; what was replaced or deleted is not."""
        marks = {"Patient": set(), "Observation": set()}
        for (path, _), (content, before) in seen.items():
            for version in (content, before):
                if version:
                    marks[path.partition("/")[0]].add(version["identifier"][0]["value"])
        for type, all in marks.items():
            ordered = sorted(all)
            for chunk in (ordered[i : i + CHUNK] for i in range(0, len(ordered), CHUNK)):
                wanted = ",".join(f"{WRITE}|{mark}" for mark in chunk)
                form = f"identifier={quote(wanted)}&_count={CHUNK}".encode()
                bundle = client.fhir("POST", f"{type}/_search", form, FORM).json()
                self._check_found(type, chunk, [entry["resource"] for entry in bundle.get("entry", ())])

    def _check_found(self, type, marks, resources):
        found = {f"{type}/{resource['id']}": content_of(resource) for resource in resources}
        wanted = {}
        for mark in marks:
            for path, _ in self._places[mark]:
                content = self._current.get(path)
                if content and content["identifier"][0]["value"] == mark:
                    wanted[path] = content
        if found != wanted or len(found) != len(resources):
            missing, odd = sorted(wanted.keys() - found), sorted(found.keys() - wanted)
            self._say(f"search: {len(missing)} missing {missing[:3]}, {len(odd)} too many {odd[:3]}, or others inside")

    def _check_reads(self, client, seen):
        places = sorted(seen)
        for chunk in (places[i : i + CHUNK] for i in range(0, len(places), CHUNK)):
            urls = [f"{path}/_history/{version}" for path, version in chunk] + [path for path, _ in chunk]
            wanted = [seen[place][0] for place in chunk] + [self._current.get(path) for path, _ in chunk]
            entries = [{"request": {"method": "GET", "url": url}} for url in urls]
            answer = client.fhir("POST", "", {"resourceType": "Bundle", "type": "batch", "entry": entries}).json()
            for url, content, entry in zip(urls, wanted, answer["entry"], strict=True):
                found = content_of(entry["resource"]) if "resource" in entry else None
                status = int(entry["response"]["status"][:3])
                if found != content or status != (200 if content else 410):
                    self._say(f"GET {url}: {status}, {json.dumps(found)}")

    def _digest(self, path, version):
        digests = self._digests[path]
        return digests[version - 1] if version <= len(digests) else "none"


def version_of(entry):
    """The version of an entry of a history."""
    return int(entry["response"]["etag"][3:-1])


def content_of(resource):
    """A resource without what the server sets in `meta`."""
    meta = {name: value for name, value in resource["meta"].items() if name not in ("versionId", "lastUpdated")}
    return {name: value for name, value in resource.items() if name != "meta"} | ({"meta": meta} if meta else {})


def relative(url):
    """A URL of the server below its FHIR base."""
    split = urlsplit(url)
    return f"{split.path}?{split.query}".partition("/fhir/")[2]
