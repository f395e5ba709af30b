from __future__ import annotations

import threading

import pytest

from services.kernel.errors import NeighbourUnavailable
from services.runtime.repeat import Repeated


def repeated(*failures: Exception) -> int:
    """Run a job that fails so often, until it has worked twice; return how often it was called."""
    calls, worked, left = [], threading.Event(), list(failures)

    def work() -> None:
        calls.append(threading.current_thread().name)
        if left:
            raise left.pop(0)
        if len(calls) > len(failures) + 1:
            worked.set()

    job = Repeated("follower", work, seconds=0.001)
    assert worked.wait(10)
    job.stop()
    assert set(calls) == {"follower"}
    return len(calls)


def test_work_is_done_again_and_again() -> None:
    assert repeated() >= 2


def test_a_job_survives_its_failures(capsys: pytest.CaptureFixture[str]) -> None:
    assert repeated(NeighbourUnavailable(service="registry"), RuntimeError("defect")) >= 4

    logged = capsys.readouterr().out
    assert "job waits" in logged
    assert "NEIGHBOUR_UNAVAILABLE" in logged
    assert "job failed" in logged
    assert "RuntimeError: defect" in logged


def test_stopping_waits_for_the_work_under_way() -> None:
    begun, finished = threading.Event(), threading.Event()
    go_on = threading.Event()

    def work() -> None:
        begun.set()
        assert go_on.wait(10)
        finished.set()

    job = Repeated("slow", work, seconds=60)
    assert begun.wait(10)
    go_on.set()
    job.stop()

    assert finished.is_set()


def test_stopping_does_not_wait_for_the_next_turn() -> None:
    done = threading.Event()
    job = Repeated("rare", done.set, seconds=3600)

    assert done.wait(10)
    job.stop()
