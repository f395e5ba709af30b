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
# As it came, as it is parsed, and as it is taken apart: three times 2,048 pages.
FREED = """
import resource
from services.runtime import memory

def message():
    came, parsed, apart = (bytearray(8 * 1024 * 1024) for _ in range(3))

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

memory.settle()
message()
before = faults()
for _ in range(20):
    message()
print(faults() - before < 2048)
"""


def _said(program: str) -> str:
    # In a process of its own: that of the tests stays as it is.
    done = subprocess.run(  # noqa: S603 (of our own words)
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return done.stdout


def test_what_is_there_is_never_walked_again_and_the_rest_less_often() -> None:
    assert _said(SETTLED) == "True True\n"


def test_the_pages_of_a_message_are_those_of_the_message_before() -> None:
    assert _said(FREED) == "True\n"
