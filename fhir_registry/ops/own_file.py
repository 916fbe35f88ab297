"""Files that tell of patients are for their owner only (https://man7.org/linux/man-pages/man2/open.2.html)."""

import os
from functools import partial


def open_own(path):
    """A file, open for writing bytes; a new one can be read by its owner only, one that is there keeps its mode."""
    return open(path, "wb", opener=partial(os.open, mode=0o600))
