"""`fhir-registry reindex`: make the index and mapped tables by the present rules (docs/cli.md, https://tqdm.github.io/)."""

from contextlib import closing

from tqdm import tqdm

from .app import open_configured
from .command_event import command_event
from .config import read_config


def run_reindex(database, again, report):
    """Make the tables anew when their rules changed, or `again`, beside a server of the old rules or without one.

    database: URL or path, None: the configured one. report: called with lines of text. Raises ConfigError when
    it cannot be opened, FhirError when it cannot be used.
    """
    tqdm.monitor_interval = 0  # its thread: a process with threads must not fork
    told = Progress(report)
    config = read_config(database)
    with closing(open_configured(config, report=told, again=again)) as registry, closing(told):
        registry.store.audit.record(command_event(config, "operation", "reindex", "reindex"))
        if told.text is None:
            report("the index and mapped tables follow this content and this release; there is nothing to do")


class Progress:
    """A report for opening a registry: a bar for what has an end, a line for the rest; text: what it is about."""

    def __init__(self, report):
        self.text, self._report, self._bar = None, report, None

    def __call__(self, text, done, total):
        """What is done, how much of it, and of how much; total 0: not known."""
        if text != self.text:
            self.close()
            self.text = text
            if total > 1:
                self._bar = tqdm(desc=text, total=total, unit_scale=True, leave=False)
            else:
                self._report(text)
        if self._bar is not None:
            self._bar.total = total
            self._bar.update(done - self._bar.n)

    def close(self):
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
