"""Work for all who wait at once."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import pytest

from services.kernel.errors import Busy, DomainError
from services.runtime import grouped as module
from services.runtime.grouped import Grouped
from services.runtime.waiting import Waiting


@dataclass(slots=True)
class Held:
    """Work that waits until it may go on, and doubles its items."""

    groups: list[list[int]] = field(default_factory=list)
    begun: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def __call__(self, items: Sequence[int]) -> list[int]:
        """Note the group, then wait."""
        self.groups.append([*items])
        self.begun.set()
        self.go_on.wait()
        return [2 * item for item in items]


def test_who_comes_while_it_works_is_served_together() -> None:
    work = Held()
    grouped = Grouped[int, int]("test", work, largest=4)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(grouped, 0)
        work.begun.wait()
        rest = [pool.submit(grouped, number) for number in range(1, 8)]
        while grouped._waiting.qsize() < 7:  # noqa: SLF001 (nothing else tells that all wait)
            threading.Event().wait(0.001)
        work.go_on.set()
        answers = [each.result() for each in (first, *rest)]
    grouped.stop()

    assert answers == [0, 2, 4, 6, 8, 10, 12, 14]
    assert [len(each) for each in work.groups] == [1, 4, 3]


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


@pytest.mark.parametrize("ahead", [False, True], ids=["one thread", "two threads"])
def test_who_was_answered_together_is_waited_for_and_served_together_again(
    monkeypatch: pytest.MonkeyPatch, *, ahead: bool
) -> None:
    monkeypatch.setattr(module, "_LINGER_SECONDS", 60)
    groups: list[int] = []
    gathered: list[int] = []
    begun, all_wait = threading.Event(), threading.Event()

    def work(items: Sequence[int]) -> list[int]:
        begun.set()
        all_wait.wait()
        groups.append(len(items))
        return [*items]

    def size(item: int) -> int:
        gathered.append(item)
        return 1

    begin = (lambda items: partial(work, items)) if ahead else None
    grouped = Grouped[int, int]("test", work, largest=8, size=size, ahead=begin)
    with ThreadPoolExecutor(5) as pool:
        alone = pool.submit(grouped, 0)
        begun.wait()
        callers = [pool.submit(lambda: [grouped(step) for step in range(50)]) for _ in range(4)]
        # Nothing else tells that all wait.
        while len(gathered) + grouped._waiting.qsize() < 5:  # noqa: SLF001
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


class Steps:
    """Work in two steps, that notes what is done and does nothing of the second until it may."""

    def __init__(self, *, alone: Sequence[int] = (), spoilt: Sequence[int] = ()) -> None:
        self.done: list[tuple[str, list[int]]] = []
        self.at_work: list[int] = []
        self.go_on = threading.Semaphore(0)
        self._alone = {*alone}
        """Items that cannot be begun ahead."""
        self._spoilt = {*spoilt}
        """Items that let a group fail."""

    def begin(self, items: Sequence[int]) -> Callable[[], list[int]] | None:
        """Begin a group ahead."""
        if self._alone & {*items}:
            return None
        self.done.append(("begun", [*items]))
        return lambda: self._end("done", items)

    def whole(self, items: Sequence[int]) -> list[int]:
        """Do both steps."""
        return self._end("whole", items)

    def _end(self, what: str, items: Sequence[int]) -> list[int]:
        self.at_work = [*items]
        self.go_on.acquire()
        self.done.append((what, [*items]))
        if self._spoilt & {*items}:
            raise ZeroDivisionError
        return [2 * item for item in items]

    def wait_for(self, what: str, *items: int) -> None:
        """Return once this is done."""
        while (what, [*items]) not in self.done:
            time.sleep(0.001)


@contextmanager
def two_steps(steps: Steps, largest: int) -> Iterator[Grouped[int, int]]:
    """Give what does groups in two steps, of which 0 alone fills one; at the end, all of them."""
    grouped = Grouped[int, int](
        "test",
        steps.whole,
        largest=largest,
        size=lambda item: 1 if item else largest,
        ahead=steps.begin,
    )
    try:
        yield grouped
    finally:
        steps.go_on.release(100)
        grouped.stop()


def ask(grouped: Grouped[int, int], items: Sequence[int]) -> list[Waiting[int, int]]:
    """Let items wait for their answers, in this order."""
    asked = [Waiting[int, int](item) for item in items]
    for each in asked:
        grouped._waiting.put(each)  # noqa: SLF001 (threads would come in any order)
    return asked


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who gathers waits as long as it takes for a group that is full."""
    monkeypatch.setattr(module, "_LINGER_SECONDS", 60)


@pytest.mark.usefixtures("patient")
def test_while_a_group_is_at_work_the_next_full_one_is_begun_and_no_more() -> None:
    steps = Steps()
    with two_steps(steps, largest=2) as grouped:
        first = ask(grouped, [0])
        steps.wait_for("begun", 0)
        rest = ask(grouped, [1, 2, 3, 4, 5, 6])
        steps.wait_for("begun", 1, 2)
        assert steps.done == [("begun", [0]), ("begun", [1, 2])]

        steps.go_on.release()
        steps.wait_for("begun", 3, 4)
        assert steps.done[2:] == [("done", [0]), ("begun", [3, 4])]
        assert first[0].wait() == 0
        assert all(each._answered.locked() for each in rest)  # noqa: SLF001 (none is answered)

        steps.go_on.release(3)
        assert [each.wait() for each in rest] == [2, 4, 6, 8, 10, 12]


def test_a_group_is_full_by_the_size_of_its_items() -> None:
    work = Held()
    grouped = Grouped[int, int]("test", work, largest=100, size=lambda item: item)
    ask(grouped, [1])
    work.begun.wait()
    ask(grouped, [60, 70, 100, 30, 30])
    work.go_on.set()
    grouped.stop()

    assert work.groups == [[1], [60, 70], [100], [30, 30]]


def test_a_small_group_grows_until_its_turn() -> None:
    steps = Steps()
    with two_steps(steps, largest=8) as grouped:
        ask(grouped, [0])
        steps.wait_for("begun", 0)
        ask(grouped, [1, 2])
        asked = ask(grouped, [3])
        assert steps.done == [("begun", [0])]
        steps.go_on.release(2)
        assert asked[0].wait() == 6

    assert steps.done[1:] == [("done", [0]), ("whole", [1, 2, 3])]


def test_a_group_that_is_half_full_is_begun_when_nobody_else_comes() -> None:
    steps = Steps()
    with two_steps(steps, largest=8) as grouped:
        ask(grouped, [0])
        steps.wait_for("begun", 0)
        ask(grouped, [1, 2, 3])
        assert steps.done == [("begun", [0])]
        ask(grouped, [4])
        steps.wait_for("begun", 1, 2, 3, 4)
        assert len(steps.done) == 2


def test_while_a_small_group_is_at_work_nothing_is_begun() -> None:
    steps = Steps()
    with two_steps(steps, largest=8) as grouped:
        ask(grouped, [1])
        while steps.at_work != [1]:
            time.sleep(0.001)
        ask(grouped, [0, 2])
        assert steps.done == []
        steps.go_on.release()
        steps.wait_for("begun", 0)

    assert steps.done == [("whole", [1]), ("begun", [0]), ("done", [0]), ("whole", [2])]


@pytest.mark.usefixtures("patient")
def test_what_cannot_be_begun_ahead_is_done_alone_after_those_before_it() -> None:
    steps = Steps(alone=[2])
    with two_steps(steps, largest=2) as grouped:
        ask(grouped, [0])
        steps.wait_for("begun", 0)
        ask(grouped, [1, 2, 3, 4, 5, 6])
        assert steps.done == [("begun", [0])]

        steps.go_on.release(2)
        steps.wait_for("begun", 3, 4)
        assert steps.done[1:4] == [("done", [0]), ("whole", [1, 2]), ("begun", [3, 4])]
        steps.go_on.release(2)


@pytest.mark.usefixtures("patient")
def test_a_group_that_fails_after_the_next_was_begun_is_done_item_by_item() -> None:
    steps = Steps(spoilt=[1])
    with two_steps(steps, largest=2) as grouped:
        ask(grouped, [0])
        steps.wait_for("begun", 0)
        one, two, three, four = ask(grouped, [1, 2, 3, 4])
        steps.wait_for("begun", 1, 2)
        steps.go_on.release()
        steps.wait_for("begun", 3, 4)
        steps.go_on.release(4)

        with pytest.raises(ZeroDivisionError):
            one.wait()
        assert [each.wait() for each in (two, three, four)] == [4, 6, 8]

    assert ("whole", [2]) in steps.done


def test_what_fails_to_begin_is_done_and_fails_for_itself_alone() -> None:
    def begin(items: Sequence[int]) -> Callable[[], list[int]]:
        if 0 in items:
            raise ZeroDivisionError
        return lambda: [*items]

    grouped = Grouped[int, int](
        "test", lambda items: [1 // item for item in items], largest=2, ahead=begin
    )

    with pytest.raises(ZeroDivisionError):
        grouped(0)
    assert grouped(5) == 5
    grouped.stop()


@pytest.mark.parametrize("alone", [(), range(9)], ids=["ahead", "alone"])
def test_who_waits_when_it_stops_is_answered(alone: Sequence[int]) -> None:
    steps = Steps(alone=alone)
    with two_steps(steps, largest=2) as grouped:
        asked = ask(grouped, range(9))
        stopping = threading.Thread(target=grouped.stop)
        stopping.start()
        steps.go_on.release(9)

        assert [each.wait() for each in asked] == [2 * item for item in range(9)]
        stopping.join()


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
    work = Held()
    grouped = Grouped[int, int]("test", work, largest=4)

    async def tasks() -> int:
        gone = asyncio.create_task(grouped.awaited(1))
        stays = asyncio.create_task(grouped.awaited(2))
        await asyncio.to_thread(work.begun.wait)
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        work.go_on.set()
        return await stays

    assert asyncio.run(tasks()) == 4
    grouped.stop()


def test_who_comes_after_the_end_is_told_to_come_again() -> None:
    grouped = Grouped[int, int]("test", lambda items: [*items], largest=4)
    grouped.stop()

    with pytest.raises(Busy):
        grouped(1)
    with pytest.raises(Busy):
        asyncio.run(grouped.awaited(2))
