"""Files of secrets that others can read are told of at start (https://man7.org/linux/man-pages/man7/inode.7.html)."""

import logging
import os
from contextlib import suppress
from pathlib import Path

log = logging.getLogger("fhir_registry")
# Where containers have them, mostly for all who are in there (https://docs.docker.com/compose/how-tos/use-secrets/).
MOUNTED = Path("/run/secrets")


def warn_of_readable(config):
    """Log a warning for each file of a secret in a Config that its group or others can read.

    Only for files of the user of this process, who can change that: who gives him a file of another, such as root, has
    chosen how. What cannot be looked at is an error where it is read.
    """
    single = config.audit_key, config.introspection_secret_file, config.database_password_file
    for path in map(Path.absolute, filter(None, (*config.token_keys, *single))):
        with suppress(OSError):
            state = path.stat()
            if state.st_uid == os.geteuid() and state.st_mode & 0o077 and not path.is_relative_to(MOUNTED):
                log.warning("others on this machine can read the secret in %s: chmod 600 %s", path, path)
