"""How a process that serves collects its garbage, and what it does with the memory it frees."""

from __future__ import annotations

import ctypes
import gc
from typing import Final

_YOUNG = 50_000
_MIDDLE = 20
_OLD = 100

# Of <malloc.h>; each with what it is set to.
_ARENA_MAX: Final = -8, 2
_TRIM_THRESHOLD: Final = -1, 32 * 1024 * 1024
_MMAP_THRESHOLD: Final = -3, 32 * 1024 * 1024


def settle() -> None:
    """Take what is there by now for lasting, and look through the rest less often.

    No collection need walk what lasts again. An answer that is made of thousands of objects is not
    held up by several walks over them while it is made: they go as it is sent.

    What is freed is kept for the next message, 32 MiB in each of two pools at the most. A message
    of a million points would otherwise get its pages from the kernel anew, each cleared, and give
    them back: half of what it costs on its way to arrays.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
    # Other C libraries have other allocators, and no such call.
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for option, value in (_ARENA_MAX, _TRIM_THRESHOLD, _MMAP_THRESHOLD):
            mallopt(option, value)
