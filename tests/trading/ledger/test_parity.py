"""The same operations on both databases come to the same positions and the same hashes: R17."""

from __future__ import annotations

import random
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.runtime.database import Database
from services.trading import store
from services.trading.domain.ledger.chart import Kind
from services.trading.domain.ledger.transfer import Wanted
from tests.trading.ledger import world

OPERATIONS = 10_000

BEGIN = datetime(2025, 11, 1, tzinfo=UTC)
TOGETHER = 20
PHASES = [*[""] * 6, *["PENDING "] * 3, "POST_PENDING", "VOID_PENDING", "REVERSAL"]
COMING = [Kind.ALLOCATION, Kind.PURCHASE, Kind.DEPOSIT, Kind.PROCEEDS]
FITTING = {
    kind: [id_ for id_, (of, *_) in world.INSTRUMENTS.items() if of in kind.instruments]
    for kind in Kind
}


def operations(count: int) -> list[Wanted]:
    """Return operations of every kind and phase, many of which are refused."""
    chance = random.Random(17)  # noqa: S311 (which operations)
    found: list[Wanted] = []
    for number in range(count):
        book = chance.choice(["chp", "mill"])
        phase = chance.choice(PHASES)
        if phase.strip() in {"", "PENDING"}:
            kind = chance.choice([*Kind, *COMING * 3])
            instrument = chance.choice([*world.INSTRUMENTS, *FITTING[kind] * 5])
            what = f"{phase}{kind.name} {chance.randint(1, 100)} {instrument}"
        else:
            what = f"{phase} t-{chance.randrange(max(number - 20, 0), number + 1)}"
        timeout = None
        if phase == "PENDING ":
            timeout = BEGIN + timedelta(seconds=chance.randint(1, count))
        found.append(world.wanted(f"t-{number}", what, book=book, timeout=timeout))
    return found


def play(database: Database, sent: list[Wanted]) -> list[list[str]]:
    """Post operations, some in one commit; return the reasons of the refusals."""
    return [
        world.reasons(
            world.post(
                database,
                *sent[begin : begin + TOGETHER],
                now=BEGIN + timedelta(seconds=begin),
            )
        )
        for begin in range(0, len(sent), TOGETHER)
    ]


def test_both_databases_come_to_the_same(tmp_path: Path, postgresql_url: str) -> None:
    sent = operations(OPERATIONS)
    found = []
    for url in (f"sqlite:///{tmp_path / 't.db'}", postgresql_url):
        with closing(Database(url, "trading", kept=store.KEPT)) as database:
            database.migrate(store.MIGRATIONS)
            world.fill(database, "chp", "mill")
            refused = play(database, sent)
            with database.read() as connection:
                chains = {
                    book: store.ledger.chains.verify(connection, book) for book in ("chp", "mill")
                }
            found.append((refused, chains))

    assert found[0] == found[1]
    refused, chains = found[0]
    assert [wrong for _, wrong in chains.values()] == [[], []]
    assert sum(walk.transfer_count for walk, _ in chains.values()) > OPERATIONS / 5
    assert {
        "",
        "BALANCE_INSUFFICIENT",
        "TRANSFER_KIND_UNFIT",
        "TRANSFER_MISSING",
        "TRANSFER_NOT_PENDING",
    } <= {reason for together in refused for reason in together}


def test_another_order_gives_other_hashes(tmp_path: Path) -> None:
    """The planted fault: two operations of one book change places."""
    sent = [world.wanted(f"a-{number}", f"ALLOCATION {number + 1} cea-2024") for number in range(3)]
    heads = []
    for name, order in (("a", sent), ("b", [sent[1], sent[0], sent[2]])):
        with closing(Database(f"sqlite:///{tmp_path / name}.db", "trading")) as database:
            database.migrate(store.MIGRATIONS)
            world.fill(database, "chp")
            play(database, order)
            with database.read() as connection:
                heads.append(store.ledger.chains.head(connection, "chp"))

    assert heads[0].number == heads[1].number
    assert heads[0].hash != heads[1].hash
