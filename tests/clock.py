"""A clock for tests, in microseconds since 1970."""

from fhir_registry.fhir.dates import SECOND

NOW = 1_760_000_000 * SECOND  # 2025-10-09T08:53:20Z


class Clock:
    """Stands until `now` is set."""

    now = NOW

    def __call__(self):
        return self.now
