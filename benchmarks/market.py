"""The market's questions of a whole zone, against the limits that the desk was promised."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from benchmarks.harness import Contest, Figure, Plan, compare, p99, seconds
from benchmarks.support import market, statements
from services.runtime import memory
from services.runtime.database import Database
from services.trading import files
from services.trading.jobs import Anew
from services.trading.store.positions import Rules
from tests.fixtures import postgresql

_PLAN = Plan(repetition_count=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How many enterprises and how often they are asked for; lines and books of a statement."""

    enterprise_count: int = 2000
    call_count: int = 100
    line_count: int = 100_000
    book_count: int = 500


def run(sizes: Sizes = Sizes(), plan: Plan = _PLAN) -> Iterable[Figure]:
    """Measure positions of all enterprises, a rulebook that supersedes, and a statement."""
    with ExitStack() as stack:
        server = postgresql.start(durable=True)
        stack.callback(server.stop)
        server.execute("CREATE DATABASE market")
        # As a process that serves does.
        memory.settle()
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for name, url in (
            ("PostgreSQL", server.url("market")),
            ("SQLite", f"sqlite:///{folder}/market.sqlite"),
        ):
            with closing(Database(url, "trading")) as database:
                yield from _of(name, database, sizes, plan)
        server.execute("CREATE DATABASE statement")
        for name, url in (
            ("PostgreSQL", server.url("statement")),
            ("SQLite", f"sqlite:///{folder}/statement.sqlite"),
        ):
            with closing(Database(url, "trading")) as database:
                yield _statement(name, database, sizes, plan)


def _of(name: str, database: Database, sizes: Sizes, plan: Plan) -> Iterable[Figure]:
    accounts = market.fill(database, sizes.enterprise_count)
    rules = Rules(shelf=files.shelf(), compliance=files.compliance())

    def p99_ms() -> float:
        took = []
        for _ in range(sizes.call_count):
            began = time.perf_counter()
            answer = market.positions(database, accounts, rules)
            took.append((time.perf_counter() - began) * 1000)
            assert len(answer) == sizes.enterprise_count
        return p99(took)

    yield compare(
        Contest(
            figure=f"positions and gaps of {sizes.enterprise_count:,} enterprises × "
            f"{market.VINTAGES} vintages, {name}, p99",
            unit="ms",
            candidate=p99_ms,
            against="200 ms",
            reference=200.0,
            goal=1.0,
            less_is_better=True,
        ),
        plan=plan,
    )
    versions = iter(range(2, 100))
    yield compare(
        Contest(
            figure=f"a rulebook supersedes: {sizes.enterprise_count:,} allocations derived anew, "
            f"explained, {name}",
            unit="s",
            candidate=seconds(lambda: _superseded(database, rules, next(versions))),
            against="5 s",
            reference=5.0,
            goal=1.0,
            less_is_better=True,
        ),
        plan=plan,
    )


def _statement(name: str, database: Database, sizes: Sizes, plan: Plan) -> Figure:
    """Measure a statement from its file to its breaks."""
    content = statements.fill(database, sizes.line_count, sizes.book_count)

    def reconciled() -> None:
        found = statements.reconcile(database, content)
        assert found.break_count == statements.break_count(sizes.line_count)

    return compare(
        Contest(
            figure=f"a statement of {sizes.line_count:,} lines imported and reconciled, {name}",
            unit="s",
            candidate=seconds(reconciled),
            against="10 s",
            reference=10.0,
            goal=1.0,
            less_is_better=True,
        ),
        plan=plan,
    )


def _superseded(database: Database, rules: Rules, version: int) -> None:
    """Derive all allocations by a new version of their rulebook, and say what it changed."""
    old = rules.shelf.version(market.RULEBOOK)
    first, *others = old.benchmarks
    changed = replace(first, power_t_per_mwh=first.power_t_per_mwh - Decimal("0.0001") * version)
    new = replace(old, version=version, benchmarks=(changed, *others))
    shelf = replace(
        rules.shelf,
        rulebooks=tuple(new if each is old else each for each in rules.shelf.rulebooks),
    )
    before = replace(old, version=version - 1)
    Anew(database, shelf).derive()
    market.explain(database, before, new)
