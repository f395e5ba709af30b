"""Work for all who wait at once."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.kernel.errors import Busy, DomainError
from services.runtime import grouped as module
from services.runtime.grouped import Grouped


def test_who_comes_while_it_works_is_served_together() -> None:
    groups: list[list[int]] = []
    begun, go_on = threading.Event(), threading.Event()

    def work(items: Sequence[int]) -> list[int]:
        groups.append([*items])
        begun.set()
        go_on.wait()
        return [2 * item for item in items]

    grouped = Grouped[int, int]("test", work, largest=4)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(grouped, 0)
        begun.wait()
        rest = [pool.submit(grouped, number) for number in range(1, 8)]
        while grouped._waiting.qsize() < 7:  # noqa: SLF001 (nothing else tells that all wait)
            threading.Event().wait(0.001)
        go_on.set()
        answers = [each.result() for each in (first, *rest)]
    grouped.stop()

    assert answers == [0, 2, 4, 6, 8, 10, 12, 14]
    assert [len(each) for each in groups] == [1, 4, 3]


def test_a_refusal_is_for_its_item_alone() -> None:
    def work(items: Sequence[int]) -> list[int | DomainError]:
        return [item or Busy() for item in items]

    grouped = Grouped[int, int]("test", work, largest=4)

    with pytest.raises(Busy):
        grouped(0)
    assert grouped(1) == 1
    grouped.stop()


def test_a_failure_is_told_to_whom_it_concerns_and_the_others_are_served() -> None:
    held = threading.Event()

    def work(items: Sequence[int]) -> list[int]:
        held.wait()
        if 3 in items:
            raise ZeroDivisionError
        return [*items]

    grouped = Grouped[int, int]("test", work, largest=8)
    with ThreadPoolExecutor(6) as pool:
        waiting = [pool.submit(grouped, number) for number in range(6)]
        held.set()

        for number, each in enumerate(waiting):
            if number == 3:
                with pytest.raises(ZeroDivisionError):
                    each.result()
            else:
                assert each.result() == number
    grouped.stop()


def test_who_was_answered_together_is_waited_for_and_served_together_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_LINGER_SECONDS", 60)
    groups: list[int] = []
    begun, all_wait = threading.Event(), threading.Event()

    def work(items: Sequence[int]) -> list[int]:
        begun.set()
        all_wait.wait()
        groups.append(len(items))
        return [*items]

    grouped = Grouped[int, int]("test", work, largest=8)
    with ThreadPoolExecutor(5) as pool:
        alone = pool.submit(grouped, 0)
        begun.wait()
        callers = [pool.submit(lambda: [grouped(step) for step in range(50)]) for _ in range(4)]
        while grouped._waiting.qsize() < 4:  # noqa: SLF001 (nothing else tells that all wait)
            threading.Event().wait(0.001)
        all_wait.set()
        alone.result()
        for each in callers:
            each.result()
    grouped.stop()

    assert groups == [1, *[4] * 50]


def test_who_comes_alone_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LINGER_SECONDS", 60)
    grouped = Grouped[int, int]("test", lambda items: [*items], largest=8)

    began = time.monotonic()
    assert [grouped(number) for number in range(200)] == [*range(200)]
    grouped.stop()

    assert time.monotonic() - began < 60


def test_who_stays_away_is_not_waited_for_long() -> None:
    grouped = Grouped[int, int]("test", lambda items: [*items], largest=8)
    with ThreadPoolExecutor(4) as pool:
        assert [*pool.map(grouped, range(4))] == [*range(4)]

    assert grouped(4) == 4
    grouped.stop()


def test_tasks_of_a_loop_wait_beside_threads_and_get_their_own_answers() -> None:
    def work(items: Sequence[int]) -> list[int | DomainError]:
        return [item or Busy() for item in items]

    grouped = Grouped[int, int]("test", work, largest=4)

    async def tasks() -> list[int | BaseException]:
        waiting = [grouped.awaited(number) for number in range(20)]
        return await asyncio.gather(*waiting, return_exceptions=True)

    with ThreadPoolExecutor(4) as pool:
        threads = [pool.submit(grouped, number) for number in range(1, 20)]
        refused, *answers = asyncio.run(tasks())
    grouped.stop()

    assert isinstance(refused, Busy)
    assert answers == [*range(1, 20)] == [each.result() for each in threads]


def test_a_task_that_goes_away_keeps_nobody_from_an_answer() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work(items: Sequence[int]) -> list[int]:
        begun.set()
        go_on.wait()
        return [*items]

    grouped = Grouped[int, int]("test", work, largest=4)

    async def tasks() -> int:
        gone = asyncio.create_task(grouped.awaited(1))
        stays = asyncio.create_task(grouped.awaited(2))
        await asyncio.to_thread(begun.wait)
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        go_on.set()
        return await stays

    assert asyncio.run(tasks()) == 2
    grouped.stop()
