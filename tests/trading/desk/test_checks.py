"""Checks of transfers, each where it passes and where it fails."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.trading import files
from services.trading.domain.account import Account
from services.trading.domain.desk.actor import Actor
from services.trading.domain.desk.check import run
from services.trading.domain.desk.checks import FUNCTIONS
from services.trading.domain.desk.checks.case import Case, Facts
from services.trading.domain.desk.instruction import Content
from services.trading.domain.desk.limit import Act, Limit
from services.trading.domain.due import dues
from services.trading.domain.ledger.chain import Standing
from services.trading.domain.ledger.chart import InstrumentKind, Purpose
from services.trading.domain.ledger.instrument import Instrument
from services.trading.domain.market import Sector
from services.trading.domain.obligation import Basis
from services.trading.domain.offset import OffsetFacts
from services.trading.domain.surrender import Owed, Settled
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


DESK = files.desk()
PLANT = Account(account="chp", enterprise="chp", sector=Sector.POWER, first_compliance_year=2023)


def owing(
    *years: tuple[int, int, int],
    basis: Basis = Basis.VERIFIED,
    reductions: date | None = date(2025, 3, 1),
) -> Facts:
    """Years with what each owes and what of it is delivered; and reductions registered on a day."""
    settled = [
        Settled(
            owed=Owed(compliance_year=year, deadline=None, count=owed, basis=basis),
            allowance_count=done,
            offset_count=0,
            done_date=None,
        )
        for year, owed, done in years
    ]
    known = (
        {}
        if reductions is None
        else {
            ("chp", "ccer-1-2023"): OffsetFacts(
                instrument="ccer-1-2023",
                registration_date=reductions,
                under_allowance_management=False,
                evidence="registry",
            )
        }
    )
    vintages = {f"cea-{year}": replace(ALLOWANCES, vintage_year=year) for year in range(2019, 2027)}
    return replace(
        FACTS,
        instruments=vintages,
        dues={"chp": dues(PLANT, DESK.shelf, DESK.compliance, settled)},
        offsets=known,
        offset_rules=DESK.compliance.offsets,
    )


def delivering(
    what: str, day: str, *years: tuple[int, int, int], index: int = 0, **facts: Any
) -> Case:
    """A delivery on a day, of an account that owes for some years."""
    wanted = tuple(
        world.wanted(f"t-{number}", each, on=date.fromisoformat(day))
        for number, each in enumerate(what.split(" + "))
    )
    return case(
        facts=owing(*years, **facts), content=replace(content(), wanted=wanted), index=index
    )


OPEN, PAID = (2024, 100_000, 0), (2024, 100_000, 100_000)
OWED = (2025, 100_000, 0)
DELIVERIES = [
    # Until the last second of the deadline's day the year's own vintages count.
    (1401, delivering("SURRENDER 1 cea-2023", "2025-12-31", OPEN), None),
    (1401, None, delivering("SURRENDER 1 cea-2025", "2025-12-31", OPEN)),
    # What is more than the oldest year lacks counts for the next one.
    (
        1401,
        delivering("SURRENDER 100000 cea-2024", "2026-01-01", OPEN, OWED),
        delivering("SURRENDER 100001 cea-2024", "2026-01-01", OPEN, OWED),
    ),
    (
        1401,
        delivering(
            "SURRENDER 100000 cea-2024 + SURRENDER 1 cea-2025", "2026-01-01", OPEN, OWED, index=1
        ),
        delivering(
            "SURRENDER 100000 cea-2024 + SURRENDER 1 cea-2024", "2026-01-01", OPEN, OWED, index=1
        ),
    ),
    # After it those that arrears may be paid with, as long as something lacks.
    (1401, delivering("SURRENDER 1 cea-2025", "2026-01-01", OPEN), None),
    (1401, None, delivering("SURRENDER 1 cea-2024", "2026-01-01", PAID, OWED)),
    (1401, delivering("SURRENDER 1 cea-2025", "2026-12-31", PAID, OWED), None),
    # What is forecast may still become more; what is verified and delivered may not.
    (1401, None, delivering("SURRENDER 1 cea-2024", "2025-12-31", PAID)),
    (1401, delivering("SURRENDER 1 cea-2024", "2025-12-31", PAID, basis=Basis.REPORTED), None),
    # Nothing is known to be owed, but the deadline lies ahead: not so for a year that is over.
    (1401, delivering("SURRENDER 1 cea-2024", "2025-12-31"), None),
    (1401, None, delivering("SURRENDER 1 cea-2023", "2026-01-01")),
    (
        1402,
        delivering("OFFSET_CANCELLATION 1 ccer-1-2023", "2026-12-31", OWED),
        delivering("OFFSET_CANCELLATION 1 ccer-1-2023", "2026-12-31", OWED, reductions=None),
    ),
    # Registered before the voluntary market began again: not for 2025.
    (
        1402,
        delivering(
            "OFFSET_CANCELLATION 1 ccer-1-2023", "2026-12-31", OWED, reductions=date(2024, 1, 22)
        ),
        delivering(
            "OFFSET_CANCELLATION 1 ccer-1-2023", "2026-12-31", OWED, reductions=date(2024, 1, 21)
        ),
    ),
    (1402, None, delivering("OFFSET_CANCELLATION 1 ccer-1-2023", "2099-01-01", OWED)),
    (
        1403,
        delivering("OFFSET_CANCELLATION 1 ccer-1-2023", "2026-12-31", OWED),
        delivering("OFFSET_CANCELLATION 1 ccer-1-2023", "2025-12-31", OWED),
    ),
    (
        1404,
        delivering("OFFSET_CANCELLATION 5000 ccer-1-2023", "2026-12-31", OWED),
        delivering("OFFSET_CANCELLATION 5001 ccer-1-2023", "2026-12-31", OWED),
    ),
    # What stands before it in the instruction counts.
    (
        1404,
        delivering(
            "OFFSET_CANCELLATION 4999 ccer-1-2023 + OFFSET_CANCELLATION 1 ccer-1-2023",
            "2026-12-31",
            OWED,
            index=1,
        ),
        delivering(
            "OFFSET_CANCELLATION 5000 ccer-1-2023 + OFFSET_CANCELLATION 1 ccer-1-2023",
            "2026-12-31",
            OWED,
            index=1,
        ),
    ),
]


@pytest.mark.parametrize(
    ("number", "good", "bad"),
    DELIVERIES,
    ids=map("{0[0]}-{1}".format, DELIVERIES, range(len(DELIVERIES))),
)
def test_what_is_delivered_counts_for_an_obligation(
    number: int, good: Case | None, bad: Case | None
) -> None:
    if good is not None:
        assert FUNCTIONS[number](good) is None
    if bad is not None:
        (result,) = run(
            replace(
                DESK.checks, kinds={kind: [number] for kind in ("SURRENDER", "OFFSET_CANCELLATION")}
            ),
            bad,
        )[bad.index :]
        assert result.fault is not None
        assert "{" not in result.fault.en + result.fault.zh


def test_a_check_says_why_in_both_languages() -> None:
    unknown = delivering("OFFSET_CANCELLATION 1 ccer-1-2023", "2026-12-31", OWED, reductions=None)
    (result,) = run(replace(DESK.checks, kinds={"OFFSET_CANCELLATION": [1402]}), unknown)

    assert result.fault is not None
    assert result.fault.en.startswith('"ccer-1-2023" stands for no allowances: unknown when')
    assert result.fault.zh == "“ccer-1-2023”不能用于抵销：登记日期未知，请补录减排量登记信息。"


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
