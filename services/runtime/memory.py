"""How a process that serves collects its garbage."""

from __future__ import annotations

import gc

_YOUNG = 50_000
_MIDDLE = 20
_OLD = 100


def settle() -> None:
    """Take what is there by now for lasting, and look through the rest less often.

    No collection need walk what lasts again. An answer that is made of thousands of objects is not
    held up by several walks over them while it is made: they go as it is sent.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
