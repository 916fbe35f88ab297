"""What a command does on this machine is in the audit log too (docs/audit.md, https://profiles.ihe.net/ITI/BALP/)."""

import getpass
import os

from fhir_registry.core.audit import Event

from .config import NONE

CLIENT = "command line"


def command_event(config, interaction, command, reason=""):
    """The Event of a command (its words), None where no audit log is kept.

    interaction: a key of core.audit_event.KINDS. reason: what is done, and to what.
    """
    if config.access == NONE:
        return None
    return Event(interaction, CLIENT, user=user_name(), route=f"fhir-registry {command}", reason=reason)


def user_name():
    """Who the operating system says this process is of."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # the system has no name for it, as in a container
        return str(os.getuid())
