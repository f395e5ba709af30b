"""Posting to the ledger, against pgbench's TPC-B on the same server in the same run.

TPC-B is what a database does for an account that is debited: three updates, a read and an insert.
The ledger does more: it looks for the id, locks, decides, hashes, inserts both sides and lets
triggers check them. The server keeps its own promises: every commit is on the disk.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from pydantic import SecretStr

from benchmarks.harness import Contest, Figure, Measurement, Plan, compare, p99
from benchmarks.support import books
from benchmarks.support.books import Load, TpcB, Workers
from services.__main__ import House
from services.runtime import memory
from services.runtime.auth import EVERYONE
from services.runtime.config import Settings
from services.runtime.database import Database
from services.trading import files, store
from services.trading.store.ledger.group import Group
from services.trading.store.ledger.posting import post
from services.trading.store.positions import Rules
from tests.fixtures import postgresql
from zonecarbon.client import Addresses

_KEY = "zc-benchmark"
_LOOPBACK = "127.0.0.1:0"
_PLAN = Plan(repetition_count=3)
_KILOBYTE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much is posted, by how many."""

    seconds: float = 5
    tpcb_seconds: int = 5
    tpcb_scale: int = 50
    clients: int = 8
    callers: int = 64
    caller_processes: int = 2
    book_count: int = 500
    """Two accounts of each are posted to."""
    hot_book_count: int = 5
    batch: int = 100
    entry_count: int = 1_000_000
    """Of what positions are read from."""
    call_count: int = 200


def run(sizes: Sizes = Sizes(), plan: Plan = _PLAN) -> Iterable[Figure]:
    """Measure posts in the database and over gRPC, positions, and storage."""
    with ExitStack() as stack:
        server = postgresql.start(durable=True)
        stack.callback(server.stop)
        tpcb = TpcB(server, sizes.clients, sizes.tpcb_seconds, sizes.tpcb_scale)
        yield from _in_database(server, tpcb, sizes, plan)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        yield from _over_grpc("PostgreSQL", server.url("served"), server, tpcb, sizes, plan)
        yield from _over_grpc("SQLite", str(folder), None, None, sizes, plan)


def _in_database(
    server: postgresql.Server, tpcb: TpcB, sizes: Sizes, plan: Plan
) -> Iterator[Figure]:
    server.execute("CREATE DATABASE books")
    url = server.url("books")
    with closing(Database(url, "trading")) as database:
        books.fill(database, sizes.book_count)
        accounts = (
            (f"{2 * sizes.book_count:,} accounts", sizes.book_count, 1.0),
            (f"{2 * sizes.hot_book_count} hot accounts", sizes.hot_book_count, 0.6),
        )
        # As the service posts: its writer, for all who wait; then each in a commit of its own.
        writer = Workers(1, books.by_the_writer, url)
        try:
            for name, book_count, goal in accounts:
                load = Load(seconds=sizes.seconds, book_count=book_count, threads=sizes.clients)
                figure = f"one post by the service's writer, {sizes.clients} clients, {name}"
                yield _against(figure, partial(_rate, writer, load), tpcb, goal, plan)
            load = Load(
                seconds=sizes.seconds,
                book_count=sizes.book_count,
                together=sizes.batch,
                threads=sizes.clients,
            )
            figure = f"batch of {sizes.batch} by the service's writer, {sizes.clients} clients"
            yield _against(figure, partial(_rate, writer, load), tpcb, 3.5, plan)
        finally:
            writer.stop()
        workers = Workers(sizes.clients, books.directly, url)
        try:
            for name, book_count, goal in accounts:
                load = Load(seconds=sizes.seconds, book_count=book_count)
                figure = f"one post in a commit of its own, {sizes.clients} clients, {name}"
                yield _against(figure, partial(_rate, workers, load), tpcb, goal, plan)
        finally:
            workers.stop()


def _against(figure: str, candidate: Measurement, tpcb: TpcB, goal: float, plan: Plan) -> Figure:
    """Measure transfers a second against TPC-B."""
    contest = Contest(
        figure=figure,
        unit="transfers/s",
        candidate=candidate,
        against="TPC-B",
        reference=tpcb.rate,
        goal=goal,
    )
    return compare(contest, plan=plan)


def _over_grpc(  # noqa: PLR0913, PLR0917 (what is measured where)
    name: str,
    place: str,
    server: postgresql.Server | None,
    tpcb: TpcB | None,
    sizes: Sizes,
    plan: Plan,
) -> Iterator[Figure]:
    if server is not None:
        server.execute("CREATE DATABASE served")
    settings = Settings(
        registry_listen=_LOOPBACK,
        trading_listen=_LOOPBACK,
        metrics_listen=_LOOPBACK,
        data_folder=place if server is None else "",
        database_url=SecretStr("" if server is None else place),
        bootstrap_key=SecretStr(_KEY),
    )
    house = House(settings, ["registry", "trading"])
    try:
        with closing(Database.of(settings, "trading")) as database:
            books.fill(database, sizes.book_count)
            address = house.servers["trading"].address
            registry = house.servers["registry"].address
            books.give_mandate(Addresses(registry=registry, trading=address), _KEY)
            # As who serves does, once all is there.
            memory.settle()
            workers = Workers(sizes.caller_processes, books.over_grpc, address, _KEY)
            try:
                yield from _posted(name, workers, tpcb, sizes, plan)
            finally:
                workers.stop()
            yield _storage(name, database)
            yield from _positions(name, database, sizes, plan)
    finally:
        house.stop()


def _posted(
    name: str, workers: Workers, tpcb: TpcB | None, sizes: Sizes, plan: Plan
) -> Iterator[Figure]:
    many = Load(
        seconds=sizes.seconds,
        book_count=sizes.book_count,
        threads=sizes.callers // sizes.caller_processes,
    )
    few = Load(
        seconds=sizes.seconds,
        book_count=sizes.book_count,
        threads=sizes.clients // sizes.caller_processes,
    )
    batches = replace(few, together=sizes.batch)
    for what, load, least, ratio in (
        (f"posted over gRPC, {sizes.callers} callers", many, 2500.0, 0.5),
        (f"batch of {sizes.batch} over gRPC, {sizes.clients} callers", batches, 10_000.0, 3.5),
    ):
        yield compare(
            Contest(
                figure=f"{what}, {name}",
                unit="transfers/s",
                candidate=partial(_rate, workers, load),
                against="TPC-B" if tpcb is not None else f"{least:,.0f}/s",
                reference=least if tpcb is None else tpcb.rate,
                goal=ratio if tpcb is not None else 1.0,
            ),
            plan=plan,
        )
    for what, measure, callers, load, most in (
        ("p99", _p99_ms, sizes.callers, many, 50.0),
        ("p99", _p99_ms, sizes.clients, few, 15.0),
        ("longest", _longest_ms, sizes.callers, many, 1000.0),
    ):
        yield compare(
            Contest(
                figure=f"posted over gRPC, {callers} callers, {name}, {what}",
                unit="ms",
                candidate=partial(measure, workers, load),
                against=f"{most:.0f} ms",
                reference=most,
                goal=1.0,
                less_is_better=True,
            ),
            plan=plan,
        )


def _longest_ms(workers: Workers, load: Load) -> float:
    return workers.run(load).longest_ms


def _rate(workers: Workers, load: Load) -> float:
    return workers.run(load).rate


def _p99_ms(workers: Workers, load: Load) -> float:
    return workers.run(load).p99_ms


def _storage(name: str, database: Database) -> Figure:
    """Return what a transfer takes, with its indexes, of what was posted until now."""
    tables = ("ledger_transfers", "ledger_accounts", "ledger_chains", "ledger_requests")
    with database.engine.connect() as connection:
        count = connection.scalar(sa.text("SELECT count(*) FROM ledger_transfers")) or 1
        if database.engine.dialect.name == "sqlite":
            pages = connection.scalar(sa.text("PRAGMA page_count")) or 0
            size = pages * (connection.scalar(sa.text("PRAGMA page_size")) or 0)
        else:
            size = sum(
                connection.scalar(sa.text(f"SELECT pg_total_relation_size('{table}')")) or 0
                for table in tables
            )
    value = size / count
    return Figure(
        figure=f"storage a transfer, {name}",
        value=value,
        unit="bytes",
        against="1 kB",
        ratio=value / _KILOBYTE,
        goal=1.0,
        met=value <= _KILOBYTE,
    )


def _positions(name: str, database: Database, sizes: Sizes, plan: Plan) -> Iterator[Figure]:
    """Measure positions by enterprise and vintage beside a million entries: two a transfer."""
    chance = random.Random(5)  # noqa: S311 (which book)
    missing = sizes.entry_count // 2 - _count(database)
    for begin in range(0, max(missing, 0), 1000):
        wanted = [
            books.purchase(chance.randrange(sizes.book_count), f"fill-{begin + index}")
            for index in range(min(1000, missing - begin))
        ]
        post(database, [Group(wanted=wanted, principal="principals/bench")])
    rules = Rules(shelf=files.shelf(), compliance=files.compliance())

    def p99_ms() -> float:
        took = []
        for _ in range(sizes.call_count):
            began = time.perf_counter()
            with database.read() as connection:
                id_ = books.book(chance.randrange(sizes.book_count))
                account = store.accounts.get(connection, EVERYONE, id_).value
                store.positions.facts(connection, [account], 2024, rules, on=books.DAY)
            took.append((time.perf_counter() - began) * 1000)
        return p99(took)

    yield compare(
        Contest(
            figure=f"position of a year, {sizes.entry_count:,} entries, {name}, p99",
            unit="ms",
            candidate=p99_ms,
            against="20 ms",
            reference=20.0,
            goal=1.0,
            less_is_better=True,
        ),
        plan=plan,
    )


def _count(database: Database) -> int:
    with database.read() as connection:
        return connection.scalar(sa.text("SELECT count(*) FROM ledger_transfers")) or 0
