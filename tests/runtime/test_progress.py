from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from services.kernel.errors import NotFound
from services.runtime import auth, progress
from tests.runtime import toy

SOON = 0.001


def test_what_is_told_on_the_way_comes_before_the_end() -> None:
    heard = threading.Event()

    def work(tell: Callable[[str], None]) -> list[str]:
        tell("half")
        assert heard.wait(10), "nobody listens"
        return ["whole", "and more"]

    messages = progress.told(work, SOON)
    first = next(messages)
    heard.set()

    rest = list(messages)

    assert first == "half"
    assert rest[-2:] == ["whole", "and more"]
    assert set(rest[:-2]) <= {"half"}


def test_work_that_tells_nothing_is_silent_until_its_end() -> None:
    assert list(progress.told(lambda _: ["end"], SOON)) == ["end"]


def test_the_work_is_done_for_its_caller() -> None:
    caller = toy.CALLERS[toy.KEY]
    with auth.acting(caller, "zh"):
        said = list(progress.told(lambda _: [(auth.caller(), auth.language())], SOON))

    assert said == [(caller, "zh")]


def test_a_failure_of_the_work_is_its_callers() -> None:
    def work(_: Callable[[str], None]) -> list[str]:
        raise NotFound(name="enterprises/x")

    with pytest.raises(NotFound):
        list(progress.told(work, SOON))


def test_work_nobody_waits_for_comes_to_its_end() -> None:
    done, may_end = threading.Event(), threading.Event()

    def work(tell: Callable[[str], None]) -> list[str]:
        tell("begun")
        assert may_end.wait(10), "it was cut off"
        done.set()
        return []

    messages = progress.told(work, SOON)
    assert next(messages) == "begun"
    may_end.set()
    messages.close()

    assert done.is_set()
