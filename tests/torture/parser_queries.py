"""Search strings: mostly well formed, of parameters that a type has, with modifiers, chains and controls."""

from urllib.parse import quote

from fuzz_requests import CONTROL_VALUES, CONTROLS, MODIFIERS, VALUES
from mutations import mutate_text

COMMON = ("Patient", "Observation", "Condition", "MedicationAdministration")
QUERY_TOKENS = (
    *"&=%:.,|$\\+;#/ ",
    "%00",
    "%ff",
    "%c3%a9",
    "%0a",
    "_has:",
    ":missing",
    "_cursor=",
    "&_count=1",
    "-",
    "*",
)


class Queries:
    """Draws (path below the base, encoded query, whether the client is strict). params: {type: its SearchParams}."""

    def __init__(self, params):
        self._params, self._types = params, sorted(params)

    def draw(self, rng):
        type = rng.choice(COMMON if rng.random() < 0.5 else self._types)
        path = rng.choices((type, "", f"Patient/a/{type}", "Patient/a/*", "Foo"), (80, 10, 5, 3, 2))[0]
        pairs = [self._pair(rng, type) for _ in range(rng.choice((1, 1, 2, 3)))]
        query = "&".join(f"{quote(name, safe=':.')}={quote(value)}" for name, value in pairs)
        if rng.random() < 0.3:
            query = mutate_text(rng, query, QUERY_TOKENS)
        return path, query, rng.random() < 0.8

    def _pair(self, rng, type):
        if rng.random() < 0.25:
            name = rng.choice(CONTROLS)
            if name == "_sort":
                codes = [rng.choice(("", "-")) + rng.choice(self._codes(type)) for _ in range(rng.choice((1, 2, 12)))]
                return name, ",".join(codes)
            if name.startswith(("_include", "_revinclude")) and rng.random() < 0.5:
                owner = rng.choice(self._types)
                return name, ":".join([owner, rng.choice([*self._codes(owner), "*"]), *rng.choice(((), ("Patient",)))])
            return name, rng.choice(CONTROL_VALUES.get(name, VALUES))
        return self._name(rng, type), ",".join(rng.choice(VALUES) for _ in range(rng.choice((1, 1, 1, 2, 3))))

    def _name(self, rng, type, depth=0):
        if rng.random() < 0.08:
            owner = rng.choice(self._types)
            return f"_has:{owner}:{rng.choice(self._codes(owner))}:{self._name(rng, owner, depth + 1)}"
        name = rng.choice(self._codes(type))
        if rng.random() < 0.3:
            name += ":" + rng.choice((*MODIFIERS, rng.choice(self._types)))
        if rng.random() < (0.3 if depth < 7 else 0):
            name += "." + self._name(rng, rng.choice(("Patient", "Encounter", type)), depth + 1)
        return name

    def _codes(self, type):
        return [param.code for param in self._params[type]] or ["_id"]
