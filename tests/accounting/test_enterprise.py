"""Which months an enterprise is counted in which zone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from services.accounting.domain.enterprise import WHOLE_YEAR, Enterprise, Membership
from services.accounting.domain.zone import MemberCoverage
from tests.accounting import builders

OLD, NEW, INNER = "zones/old", "zones/new", "zones/inner"


def membership(zone: str, join: str, leave: str = "", *, above_scale: bool = False) -> Membership:
    return Membership(
        zone=zone,
        join=date.fromisoformat(join),
        leave=date.fromisoformat(leave) if leave else None,
        above_scale=above_scale,
    )


def belonging(*memberships: Membership) -> Enterprise:
    return replace(builders.enterprise(), memberships=memberships)


def test_a_member_of_the_whole_year_is_counted_in_all_months() -> None:
    assert belonging(membership(OLD, "2020-01-01")).zones_in(2023) == {OLD: WHOLE_YEAR}


def test_a_month_belongs_to_the_zone_of_its_last_day() -> None:
    moved = belonging(membership(OLD, "2020-01-01", "2023-03-31"), membership(NEW, "2023-03-31"))

    assert moved.zones_in(2023) == {
        OLD: frozenset({1, 2}),
        NEW: frozenset(range(3, 13)),
    }


def test_who_leaves_on_new_year_is_counted_to_the_end_of_the_year() -> None:
    left = belonging(membership(OLD, "2020-01-01", "2024-01-01"))

    assert left.zones_in(2023) == {OLD: WHOLE_YEAR}
    assert left.zones_in(2024) == {}


def test_who_comes_and_goes_within_a_month_is_counted_in_none() -> None:
    assert belonging(membership(OLD, "2023-03-02", "2023-03-30")).zones_in(2023) == {}


def test_a_zone_inside_a_zone_counts_its_members_in_both() -> None:
    both = belonging(membership(OLD, "2020-01-01"), membership(INNER, "2023-07-01"))

    assert both.zones_in(2023) == {OLD: WHOLE_YEAR, INNER: frozenset(range(7, 13))}


def test_coverage_above_scale_leaves_the_others_out() -> None:
    small = belonging(membership(OLD, "2020-01-01"))
    large = belonging(membership(OLD, "2020-01-01", above_scale=True))

    assert MemberCoverage.ALL.takes(small, OLD, 2023)
    assert not MemberCoverage.ABOVE_SCALE.takes(small, OLD, 2023)
    assert MemberCoverage.ABOVE_SCALE.takes(large, OLD, 2023)
    assert not MemberCoverage.ABOVE_SCALE.takes(large, NEW, 2023)
