"""`fhir-registry pseudonymise` (docs/deidentification.md, https://click.palletsprojects.com/)."""

from contextlib import closing

from fhir_registry.ops.pseudonymise import PseudonymiseError, pseudonymise
from fhir_registry.ops.remove_site import remove_site

from .app import open_configured
from .command_event import command_event
from .config import ConfigError, read_config
from .export import check_purpose, read_secret, report_classes, report_left_out
from .own_folder import own_folder
from .progress import moving_bar

_NEXT = "next: fhir-registry erase --purge, when what was taken out must leave the files of the database too"


def run_pseudonymise(into, database, sites, purpose, key, linked, report):
    """Bring the site `into` to what its sources hold at this moment, and `report` what became of it.

    database: URL or path, None: the configured one. sites: names, () for all that are not made themselves. purpose, key
    (Path), linked: as in docs/deidentification.md. Raises ConfigError and FhirError.
    """
    config = read_config(database)
    disguise = read_secret(key), check_purpose(purpose), linked, config.own_url
    try:
        with (
            closing(open_configured(config, may_rebuild=False, sites=())) as registry,
            own_folder() as folder,
            moving_bar() as show,
        ):
            event = command_event(config, "export", "pseudonymise")
            done = pseudonymise(registry, into, sites, disguise, folder, event, show)
    except PseudonymiseError as problem:
        raise ConfigError(str(problem)) from None
    told = ", ".join(f"{number:,} {what}" for what, number in sorted(done.counts.items()) if number)
    report(f"{into} is made of {', '.join(done.sources)}: {told or 'nothing'}")
    left_out = {}
    for (type_, reason), number in sorted(done.left_out.items()):
        left_out.setdefault(type_, {})[reason] = number
    report_left_out(left_out, report)
    report_classes(done.classes, config.small_cell, report)
    if done.counts["removed"] or done.counts["updated"]:
        report(_NEXT)


def run_drop(name, database, report):
    """Remove the site with this name, which was made so. Raises ConfigError and FhirError."""
    config = read_config(database)
    event = command_event(config, "destroy", "pseudonymise")
    try:
        with closing(open_configured(config, may_rebuild=False, sites=())) as registry:
            number = remove_site(registry, name, event)
    except PseudonymiseError as problem:
        raise ConfigError(str(problem)) from None
    report(f"{name} is removed with its {number:,} resources; its audit log stays")
    report(_NEXT)
