"""People of the desk, with limits, an account with allowances and cash, and a calendar."""

from __future__ import annotations

import pytest

from tests.trading import requests
from tests.trading.desk.people import People
from tests.trading.requests import transfer, transfers
from tests.trading.stand import ROOT, Stand


@pytest.fixture
def people(stand: Stand) -> People:
    """Two persons of the desk, one of them with a second principal, and the books of two firms."""
    stand.limits()
    people = People(
        stand=stand,
        maker=stand.principal("DESK", "zones/home", person="staff-1"),
        same=stand.principal("ADMINISTRATOR", person="staff-1"),
        checker=stand.principal("DESK", "zones/home", person="staff-2"),
    )
    for account, sector in (("chp", "POWER"), ("steel", "STEEL")):
        first_year = 2021 if sector == "POWER" else 2024
        people.maker.trading.CreateAccount(
            requests.create_account(account, sector=sector, first_year=first_year)
        )
    for id_, kind, vintage in (
        ("cea-2024", "ALLOWANCE", 2024),
        ("cea-2025", "ALLOWANCE", 2025),
        ("cny", "CASH", 0),
    ):
        people.maker.ledger.CreateInstrument(
            requests.create_instrument(id_, kind=kind, vintage=vintage)
        )
    administrator = stand.client(ROOT)
    stand.mandate(administrator)
    administrator.ledger.PostTransfers(
        transfers(
            *(
                transfer(f"{what}-1", text, account=account)
                for account in ("chp", "steel")
                for what, text in (
                    ("a", "ALLOCATION 1000000 cea-2025"),
                    ("d", "DEPOSIT 100000000000 cny"),
                )
            )
        )
    )
    return people
