"""Turns are taken in the order in which they were asked for."""

from __future__ import annotations

import threading
import time

import pytest

from services.kernel.errors import Busy
from services.runtime.turn import Turn

PATIENCE_S = 30.0


def test_who_came_first_goes_first() -> None:
    turn, order = Turn(PATIENCE_S), list[int]()

    def take(number: int) -> None:
        with turn:
            order.append(number)

    threads = [threading.Thread(target=take, args=(number,)) for number in range(8)]
    with turn:
        for waiting, each in enumerate(threads, start=2):
            each.start()
            while len(turn._queue) < waiting:  # noqa: SLF001 (nothing else tells that it waits)
                time.sleep(0.001)
    for each in threads:
        each.join()

    assert order == [*range(8)]


def test_who_waits_too_long_is_told_and_holds_up_nobody() -> None:
    turn = Turn(0.01)
    told: list[BaseException] = []

    def take() -> None:
        try:
            with turn:
                told.append(AssertionError("it was not its turn"))
        except Busy as busy:
            told.append(busy)

    with turn:
        late = threading.Thread(target=take)
        late.start()
        late.join()

    assert told == [Busy()]
    with turn:
        pass


def test_a_turn_ends_with_an_error() -> None:
    turn = Turn(PATIENCE_S)

    with pytest.raises(ZeroDivisionError), turn:
        raise ZeroDivisionError
    with turn:
        pass
