"""`fhir-registry erase` (docs/consent.md, https://click.palletsprojects.com/)."""

from contextlib import closing, contextmanager

from fhir_registry.core.audit import Event
from fhir_registry.ops.erase import erase
from fhir_registry.ops.erase_again import repeat, write_list
from fhir_registry.ops.own_file import open_own
from fhir_registry.store.purge import purge
from fhir_registry.store.site import made_by, name_sites, number_of

from .app import open_configured
from .command_event import CLIENT, command_event, user_name
from .config import ConfigError, read_config
from .progress import moving_bar


def run_erase(database, patient, site, reason, by, report):
    """Erase the person of a Patient (`Patient/ID`) and `report` what was done. Raises ConfigError and FhirError.

    database: URL or path, None: the configured one. site: its name. by: who decided it.
    """
    type_, _, id_ = patient.partition("/")
    if type_ != "Patient" or not id_:
        raise ConfigError(f"{patient}: name a patient, such as Patient/123")
    with _opened(database) as (registry, config):
        number = number_of(registry.store, site)
        _report(erase(registry, number, id_, reason, _event(by), config.own_url), report)
        _purge(registry, report)
        for number, name in name_sites(registry.store).items():
            if made_by(registry.store, number):
                report(f"site {name} may still tell of it by a pseudonym: fhir-registry pseudonymise --into {name}")


def run_purge(database, report):
    """Write the files of the database anew, without what was deleted."""
    with _opened(database) as (registry, config):
        registry.store.audit.record(command_event(config, "operation", "erase", "purge"))
        _purge(registry, report)


def run_list(database, path, report):
    """Write the tombstones to a file, for run_again on a database that knew less. Raises ConfigError."""
    with _opened(database) as (registry, config), open_own(path) as file:
        registry.store.audit.record(command_event(config, "export", "erase", "list of tombstones"))
        number = write_list(registry, file)
    report(f"{number} tombstones written to {path}; keep it with the backups")


def run_again(database, path, by, report):
    """Repeat the erasures of a list, after the restore of a backup that does not know of them."""
    number = 0
    with _opened(database) as (registry, config), open(path, "rb") as file:
        for erased in repeat(registry, file, _event(by), config.own_url):
            number += 1
            _report(erased, report)
        _purge(registry, report)
    report(f"{number} persons were there again and are erased")


def _event(by):
    return Event("destroy", CLIENT, user=by or user_name(), route="fhir-registry erase")


def _report(erased, report):
    report(
        f"{len(erased.patients)} Patient and what is of it alone: {erased.resources} resources are erased; "
        f"{erased.changed} have lost what named it, {erased.events} events of the audit log too"
    )


def _purge(registry, report):
    with moving_bar() as show:
        left = purge(registry.store.database, lambda *done: show("purging", *done))
    if left:
        report(f"the files of the database may still hold it: let a superuser run {left}")
    else:
        report("nothing of it is in the files of the database; backups and replicas of before still have it")


@contextmanager
def _opened(database):
    config = read_config(database)
    with closing(open_configured(config, may_rebuild=False, sites=())) as registry:
        yield registry, config
