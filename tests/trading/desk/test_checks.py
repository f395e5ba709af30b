"""Checks of transfers, each where it passes and where it fails."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.trading import files
from services.trading.domain.desk.actor import Actor
from services.trading.domain.desk.checks import FUNCTIONS
from services.trading.domain.desk.checks.case import Case, Facts
from services.trading.domain.desk.instruction import Content
from services.trading.domain.desk.limit import Act, Limit
from services.trading.domain.ledger.chain import Standing
from services.trading.domain.ledger.chart import InstrumentKind, Purpose
from services.trading.domain.ledger.instrument import Instrument
from tests.trading.desk.test_instruction import NOON, PEOPLE, content
from tests.trading.ledger import world

ALLOWANCES = Instrument(
    instrument="cea-2024", kind=InstrumentKind.ALLOWANCE, vintage_year=2024, project=""
)
CASH = Instrument(instrument="cny", kind=InstrumentKind.CASH, vintage_year=0, project="")
LIMIT = Limit(
    limit="l-1",
    act=Act.MAKE,
    role="DESK",
    principal="",
    instrument_kind=InstrumentKind.ALLOWANCE,
    largest_count=100,
    expire_time=None,
    purpose="tests",
)
FACTS = Facts(
    books=frozenset({"chp"}),
    instruments={"cea-2024": ALLOWANCES, "cny": CASH},
    standings={("chp", "cea-2024", Purpose.HELD): Standing(100, 10, 3)},
    limits={LIMIT.key: LIMIT},
    days=files.desk().days,
    longest_days=31,
)


def case(*what: str, facts: Facts = FACTS, index: int = 0, **change: object) -> Case:
    """An instruction of transfers in words; keywords override."""
    wanted = tuple(
        world.wanted(f"t-{number}", each, on=date(2026, 7, 21))
        for number, each in enumerate(what or ("SALE 90 cea-2024",))
    )
    whole = Case(
        field="transfers[0]",
        kind="SALE",
        account="chp",
        content=replace(content(), wanted=wanted),
        index=index,
        act=Act.MAKE,
        actor=PEOPLE[0],
        now=NOON,
        begin=NOON,
        makers=[PEOPLE[0]],
        facts=facts,
    )
    return replace(whole, **change)  # type: ignore[arg-type]


def until(minutes: float, execute: float | None = None) -> Content:
    return replace(
        content(),
        expire_time=NOON + timedelta(minutes=minutes),
        execute_time=None if execute is None else NOON + timedelta(minutes=execute),
    )


def checker(person: Actor) -> Case:
    return case(act=Act.APPROVE, actor=person)


BUY_THEN_SELL = ("PURCHASE 5 cea-2024", "SALE 95 cea-2024")
CHECKS = [
    (1001, case(), case(facts=replace(FACTS, books=frozenset()))),
    (1002, case(), case("SALE 1 cea-2031")),
    (1003, case(), case("SALE 1 cny")),
    (1004, case(), case("SALE 0 cea-2024")),
    (1005, case("SALE 90 cea-2024"), case("SALE 91 cea-2024")),
    # What comes in before it counts, what goes out before it or is reserved does not.
    (1005, case(*BUY_THEN_SELL, index=1), case("SALE 60 cea-2024", "SALE 31 cea-2024", index=1)),
    (
        1005,
        case("PURCHASE 9 cea-2024"),
        case("PENDING PURCHASE 5 cea-2024", "SALE 95 cea-2024", index=1),
    ),
    (1007, case("PENDING SALE 1 cea-2024", "POST_PENDING t-0", index=1), case("VOID_PENDING p")),
    (1008, case(), case(now=NOON - timedelta(days=1))),
    (1009, case(), case(facts=replace(FACTS, blocked=frozenset({"chp"})))),
    (1101, case("SALE 100 cea-2024"), case("SALE 101 cea-2024")),
    (1101, case(), checker(PEOPLE[2])),
    (1102, checker(PEOPLE[2]), checker(PEOPLE[0])),
    (1102, case(), checker(PEOPLE[1])),
    (1103, case(content=until(1)), case(content=until(0))),
    (1103, case(content=until(2, 1)), case(content=until(1, 1))),
    (1104, case(content=until(31 * 1440)), case(content=until(31 * 1440 + 1))),
]


@pytest.mark.parametrize(
    ("number", "good", "bad"),
    CHECKS,
    ids=map("{0[0]}-{1}".format, CHECKS, range(len(CHECKS))),
)
def test_a_check_passes_and_fails(number: int, good: Case, bad: Case) -> None:
    told = files.desk().checks.checks[number].fault

    assert FUNCTIONS[number](good) is None
    wrong = FUNCTIONS[number](bad)
    assert wrong is not None
    assert "{" not in told.en.format_map(wrong) + told.zh.format_map(wrong)
