"""Edits, deletes, swaps, inserts and cuts of a chain are all found, and located: R15."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.trading.domain.ledger import chain, posting
from services.trading.domain.ledger.chain import Head, against, compare, walk
from services.trading.domain.ledger.chart import InstrumentKind, Kind, Purpose
from services.trading.domain.ledger.posting import Books, post
from services.trading.domain.ledger.transfer import Phase, Transfer
from tests.trading.ledger import world

TAMPER_COUNT = 1_000

NOW = datetime(2025, 11, 1, tzinfo=UTC)
LENGTH = 40


def story() -> list[Transfer]:
    """Return a chain of postings, reservations, settlements and reversals."""
    books = Books(
        heads={"chp": Head()},
        instruments={"cea-2024": InstrumentKind.ALLOWANCE, "cny": InstrumentKind.CASH},
    )
    made: list[Transfer] = []
    words = [
        "ALLOCATION 100 cea-2024",
        "PENDING SALE 60 cea-2024",
        "POST_PENDING t-{1} 50",
        "REVERSAL t-{2}",
        "DEPOSIT 500 cny",
        "PENDING ORDER 20 cny",
        "VOID_PENDING t-{5}",
        "PLEDGE 7 cea-2024",
    ]
    for number in range(LENGTH):
        base = number - number % len(words)
        what = words[number % len(words)]
        for back in range(len(words)):
            what = what.replace(f"{{{back}}}", str(base + back))
        made += post(
            books,
            [world.wanted(f"t-{number}", what)],
            principal="principals/desk",
            link="",
            now=NOW + timedelta(seconds=number),
        )
    return made


STORY = story()
HEAD = Head(number=LENGTH, hash=STORY[-1].hash)
FIRST = walk(world.linked(STORY))


@dataclass(frozen=True, slots=True)
class Tampered:
    """A chain that somebody had in hand, and the first place that is then wrong."""

    chain: list[Transfer]
    place: int


def other(chance: random.Random, value: Any) -> Any:  # noqa: PLR0911 (a kind each)
    """Return a value of the same kind that is another one."""
    if isinstance(value, int):
        return value + chance.choice([-1, 1, 1000])
    if isinstance(value, Phase | Purpose):
        return chance.choice([each for each in type(value) if each is not value])
    if isinstance(value, Kind):
        return chance.choice([each for each in Kind if each is not value])
    if isinstance(value, bytes):
        return bytes(byte ^ 1 for byte in value)
    if isinstance(value, str):
        return f"{value}x"
    if value is None:
        return chance.choice([1, 2])
    return value + timedelta(days=1)


def edit(chance: random.Random) -> Tampered:
    place = chance.randrange(LENGTH)
    # The book is what the walk is asked for, so no row has another.
    name = chance.choice(
        [each for each in Transfer._fields if each not in {"book", "timeout_time"}]
    )
    changed = {name: other(chance, getattr(STORY[place], name))}
    found = [*STORY]
    found[place] = STORY[place]._replace(**changed)
    return Tampered(found, found[place].number if name == "number" else place + 1)


def delete(chance: random.Random) -> Tampered:
    place = chance.randrange(LENGTH - 1)
    return Tampered([*STORY[:place], *STORY[place + 1 :]], place + 2)


def swap(chance: random.Random) -> Tampered:
    first, second = sorted(chance.sample(range(LENGTH), 2))
    found = [*STORY]
    found[first] = STORY[second]._replace(number=first + 1)
    found[second] = STORY[first]._replace(number=second + 1)
    return Tampered(found, first + 1)


def insert(chance: random.Random) -> Tampered:
    place = chance.randrange(1, LENGTH)
    again = STORY[place - 1]
    after = [each._replace(number=each.number + 1) for each in STORY[place:]]
    return Tampered([*STORY[:place], again._replace(number=place + 1), *after], place + 1)


def cut(chance: random.Random) -> Tampered:
    place = chance.randrange(LENGTH)
    return Tampered(STORY[:place], LENGTH)


TAMPERS: list[Callable[[random.Random], Tampered]] = [edit, edit, delete, swap, insert, cut]


def places(found: list[Transfer]) -> list[int]:
    """Return where a chain does not agree with itself, its accounts, and the exported head."""
    walked = walk(world.linked(found))
    there = next((each.hash for each in found if each.number == HEAD.number), None)
    return [
        each.number
        for each in (
            *walked.findings,
            *against(HEAD, there, "chp"),
            *compare(walked, "chp", HEAD, FIRST.standings),
        )
    ]


def test_a_chain_that_nobody_touched_agrees() -> None:
    assert places(STORY) == []
    assert FIRST.transfer_count == LENGTH
    assert FIRST.head == HEAD._replace(record_time=STORY[-1].record_time)


def test_whatever_is_done_to_a_chain_is_found_and_located() -> None:
    chance = random.Random(15)  # noqa: S311 (what is done to it)

    for number in range(TAMPER_COUNT):
        tampered = TAMPERS[number % len(TAMPERS)](chance)
        assert tampered.chain != STORY
        assert places(tampered.chain)[:1] == [tampered.place], number


def test_a_walk_that_does_not_look_at_hashes_would_overlook_much(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The planted fault: the hash is not computed."""
    monkeypatch.setattr(chain, "_of_hash", lambda *_: None)

    with pytest.raises(AssertionError):
        test_whatever_is_done_to_a_chain_is_found_and_located()


def test_a_walk_computes_every_balance_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who can hash anew is found by what the rows say of each other."""
    monkeypatch.setattr(chain, "_of_hash", lambda *_: None)
    for changed in (
        {"unit_count": 101},
        {"debit_balance": 101},
        {"credit_version": 2},
        {"debit": Purpose.ORDERED},
        {"kind": Kind.PURCHASE},
        {"reserved_count": 1},
        {"released_count": 1},
        {"target_number": 1},
        {"number": 2},
    ):
        assert places([STORY[0]._replace(**changed), *STORY[1:]])
    assert places([STORY[0], STORY[1]._replace(record_time=NOW - timedelta(days=1)), *STORY[2:]])


def test_a_head_or_an_account_that_says_otherwise_is_found() -> None:
    assert compare(FIRST, "chp", HEAD, FIRST.standings) == []

    (of_head,) = compare(FIRST, "chp", HEAD._replace(hash=bytes(32)), FIRST.standings)
    held = ("chp", "cea-2024", Purpose.HELD)
    more = {**FIRST.standings, held: FIRST.standings[held]._replace(balance=1000)}
    (of_account,) = compare(FIRST, "chp", HEAD, more)

    assert (of_head.number, of_head.name) == (LENGTH, "accounts/chp")
    assert (of_account.number, of_account.name) == (0, "accounts/chp/cea-2024/HELD")
    assert "stored as 1000 " in of_account.text.en
    assert against(Head(), None, "chp") == [], "exported before the first transfer"


def test_who_takes_more_than_was_available_is_found_whatever_else_agrees(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(posting, "INSIDE", frozenset())
    books = Books(heads={"chp": Head()}, instruments={"cea-2024": InstrumentKind.ALLOWANCE})
    wanted = [
        world.wanted("t-0", "ALLOCATION 100 cea-2024"),
        world.wanted("t-1", "SALE 101 cea-2024"),
    ]
    made = post(books, wanted, principal="principals/desk", link="", now=NOW)

    (found,) = walk(world.linked(made)).findings

    assert (found.number, found.text.en) == (2, "it takes more than was available")


def test_content_is_as_the_pages_say() -> None:
    """Kept as an example: what is hashed must stay the same for ever."""
    assert chain.content(STORY[0]).decode() == (
        '["chp",1,"t-0","POSTED","ALLOCATION","cea-2024","HELD","ISSUANCE",100,0,0,null,"",'
        '"2025-10-31","2025-10-31",null,"note of t-0","principals/desk",1761955200000000,'
        f'"{STORY[0].digest.hex()}",1,100,0,1,-100,0]'
    )
