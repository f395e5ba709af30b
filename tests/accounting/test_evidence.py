"""The monthly evidence: which sector files what until when, and what of it is missing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache

import pytest

from services.accounting import files
from services.accounting.domain.quality import evidence
from services.accounting.domain.quality.evidence import (
    Document,
    EvidenceRules,
    Filing,
    Pack,
    Schedule,
)
from services.accounting.domain.quality.finding import FindingKind
from services.kernel.period import Period
from services.kernel.trust import Status
from tests.accounting import builders

POWER, STEEL, CEMENT, ALUMINIUM, TEXTILES = "4411", "3120", "3011", "3216", "1713"
SECTORS = ("ets-power", "ets-steel", "ets-cement", "ets-aluminium")
OCTOBER = Period.month(2026, 10)


@cache
def rules() -> EvidenceRules:
    return files.evidence_rules(builders.methods())


def schedule(industry: str, when: str) -> Schedule | None:
    return rules().schedule(industry, builders.period(when))


def due(industry: str, when: str) -> tuple[str, Status]:
    found = schedule(industry, when)
    assert found is not None
    return str(found.due(builders.period(when))), found.source.status


def filing(item_id: str = "laboratory-report", version: int = 1, month: Period = OCTOBER) -> Filing:
    return Filing(
        enterprise="mill",
        month=month,
        item_id=item_id,
        document=Document(title="report", number="7", sha256="0" * 64, size=1, note=""),
        version=version,
        author="principals/p",
        revision=version,
        create_time=datetime(2026, 11, 1, tzinfo=UTC),
    )


def pack(*filed: Filing, industry: str = POWER, month: Period = OCTOBER) -> Pack:
    enterprise = builders.enterprise(industry=industry)
    found = evidence.pack(enterprise, month, rules(), filed)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("industry", "month", "wanted", "status"),
    [
        (POWER, "2023-01", "2023-03-12", Status.SECONDARY),
        (POWER, "2025-12", "2026-02-09", Status.SECONDARY),
        (POWER, "2026-10", "2026-12-10", Status.OFFICIAL),
        (STEEL, "2025-01", "2025-10-31", Status.OFFICIAL),
        (CEMENT, "2025-06", "2025-10-31", Status.OFFICIAL),
        (ALUMINIUM, "2025-07", "2025-09-09", Status.OFFICIAL),
        (STEEL, "2026-02", "2026-04-09", Status.OFFICIAL),
        (CEMENT, "2027-01", "2027-03-12", Status.UNVERIFIED),
    ],
)
def test_a_month_is_due_by_the_rule_of_its_sector(
    industry: str, month: str, wanted: str, status: Status
) -> None:
    assert due(industry, month) == (wanted, status)


@pytest.mark.parametrize(
    ("industry", "month"), [(TEXTILES, "2026-10"), (STEEL, "2024-12"), (POWER, "2021-01")]
)
def test_no_evidence_is_wanted_where_no_rule_says_so(industry: str, month: str) -> None:
    assert schedule(industry, month) is None


def test_every_sector_has_its_items_and_only_power_a_known_list() -> None:
    known = {
        method_id: [each.is_known for each in rules().items_of(method_id)] for method_id in SECTORS
    }

    assert known == {
        "ets-power": [True, True, True],
        "ets-steel": [False],
        "ets-cement": [False],
        "ets-aluminium": [False],
    }
    assert {each.method_id for each in rules().schedules} == set(SECTORS)
    for each in rules().items:
        wanted = Status.SECONDARY if each.is_known else Status.UNVERIFIED
        assert each.source.status is wanted


@pytest.mark.parametrize("method_id", SECTORS)
def test_no_month_has_two_rules_and_from_the_first_on_each_has_one(method_id: str) -> None:
    of_sector = [each for each in rules().schedules if each.method_id == method_id]
    first = min(each.first_month for each in of_sector)

    for year in range(first.start.year, 2030):
        for month in Period.year(year).months():
            holding = [each for each in of_sector if each.holds(month)]
            assert len(holding) == (1 if month >= first else 0), month


def test_what_is_filed_last_counts_and_what_was_before_stays() -> None:
    found = pack(filing(version=1), filing(version=2), filing(month=Period.month(2026, 9)))

    laboratory = found.items[1]
    assert [each.version for each in laboratory.filings] == [2, 1]
    assert [each.item_id for each in found.missing] == ["calculation-data", "allocation-data"]


def test_a_pack_is_overdue_the_day_after_and_only_where_something_is_missing() -> None:
    last, after = date(2026, 12, 10), date(2026, 12, 11)
    whole = pack(*(filing(each.item_id) for each in rules().items_of("ets-power")))

    assert [pack().is_overdue(day) for day in (last, after)] == [False, True]
    assert (whole.missing, whole.is_overdue(after)) == ((), False)


@pytest.mark.parametrize(
    ("today", "kinds"),
    [
        (date(2026, 10, 31), []),
        (date(2026, 11, 1), [FindingKind.EVIDENCE_MISSING] * 2),
        (date(2026, 12, 10), [FindingKind.EVIDENCE_MISSING] * 2),
        (date(2026, 12, 13), [FindingKind.EVIDENCE_OVERDUE] * 2),
    ],
)
def test_what_is_missing_is_a_finding_once_the_month_has_ended(
    today: date, kinds: list[FindingKind]
) -> None:
    found = list(pack(filing()).findings(today))

    assert [each.kind for each in found] == kinds
    for each in found:
        assert each.months == (OCTOBER,)
        assert "2026-12-10" in each.text.en
        assert "2026-12-10" in each.text.zh
    if FindingKind.EVIDENCE_OVERDUE in kinds:
        assert (found[0].given, found[0].expected, found[0].unit) == (3, 0, "d")


def test_a_list_that_is_not_known_says_so() -> None:
    of_steel = pack(industry=STEEL)

    assert not of_steel.items_known
    assert pack().items_known
    (item,) = of_steel.missing
    assert "10.2" in item.source.locator
