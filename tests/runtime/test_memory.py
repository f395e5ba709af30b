from __future__ import annotations

import subprocess
import sys

SETTLED = """
import gc
from services.runtime import memory

lasting = [[] for _ in range(1000)]
before = gc.get_threshold()
memory.settle()
print(gc.get_freeze_count() > 1000, all(a > b for a, b in zip(gc.get_threshold(), before)))
"""


def test_what_is_there_is_never_walked_again_and_the_rest_less_often() -> None:
    # In a process of its own: that of the tests stays as it is.
    done = subprocess.run(  # noqa: S603 (of our own words)
        [sys.executable, "-c", SETTLED], capture_output=True, text=True, check=True
    )

    assert done.stdout == "True True\n"
