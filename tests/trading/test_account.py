"""Accounts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.kernel.errors import FieldInvalid
from services.kernel.names import POSITION
from services.trading.domain.account import ALLOCATION, check_takes_part, checked
from services.trading.domain.market import Sector
from tests.trading import builders


def test_names_of_its_years() -> None:
    account = builders.account()

    assert account.name == "accounts/chp"
    assert account.enterprise_name == "enterprises/chp"
    assert account.name_of(ALLOCATION, 2024) == "accounts/chp/allocations/2024"
    assert account.name_of(POSITION, 2024) == "accounts/chp/positions/2024"


def test_nobody_is_in_before_his_sector() -> None:
    early = replace(builders.account(sector=Sector.STEEL), first_compliance_year=2023)

    with pytest.raises(FieldInvalid, match="2024 or later: steel is in the market") as caught:
        checked(early, builders.market())
    assert caught.value.field == "account.first_compliance_year"
    assert "钢铁行业" in caught.value.text("zh")
    assert checked(builders.account(), builders.market()) == builders.account()


def test_a_year_before_the_first_is_refused_with_the_first() -> None:
    account = builders.account(first_compliance_year=2023)

    check_takes_part(account, 2023)
    with pytest.raises(FieldInvalid, match="2023 or later"):
        check_takes_part(account, 2022)
