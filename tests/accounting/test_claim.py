"""Claims of green power: matched with what was bought, in order, and never beyond it."""

from __future__ import annotations

from services.accounting.domain import claim
from services.accounting.domain.activity import Kind
from services.accounting.domain.inventory import FindingKind, State
from services.accounting.domain.method import Basis
from services.accounting.domain.row import Row
from tests.accounting import builders
from tests.accounting.ledgers import MONTHS, Ledger, ledger, row, year_of

RESIDUAL_G = 585_600
"""Grams of CO2 of a megawatt-hour by the residual factor of the library, data year 2023."""

TRADE, CERTIFICATE = "green-power-trade", "green-certificate"
BOUGHT = year_of(Kind.ELECTRICITY_PURCHASED, "10 MWh")
"""120 MWh from the grid in the year."""


def claimed(what: str, subject: str = CERTIFICATE, when: str = MONTHS[0]) -> Row:
    return row(Kind.GREEN_POWER_CLAIMED, what, when, subject)


def market_g(books: Ledger) -> int:
    """Return the indirect emissions by market, grams of CO2 equivalent."""
    return books.inventory("ghgp").indirect_by(Basis.MARKET).under("gwp100-ar5")


def items(books: Ledger) -> dict[str, int]:
    """Return what the items of the market hold, grams."""
    return {each.item_id: each.booked.co2_g for each in books.inventory("ghgp").items}


def test_a_claim_deducts_what_it_stands_for() -> None:
    books = ledger("mill", "1713", *BOUGHT, claimed("20 MWh"))

    assert market_g(books) == 100 * RESIDUAL_G
    assert claim.beyond(books.current("ghgp"), builders.method("ghgp")) == {}
    assert claim.unmatched(books.current("ghgp")) == ()


def test_a_claim_beyond_consumption_is_booked_whole_and_given_back_apart() -> None:
    books = ledger("mill", "1713", *BOUGHT, claimed("150 MWh"))

    assert items(books) == {
        "electricity_location": 120 * 597_800,
        "electricity_market": 120 * RESIDUAL_G,
        "green_power": 150 * RESIDUAL_G,
        "claims_beyond_consumption": 30 * RESIDUAL_G,
    }
    assert market_g(books) == 0


def test_what_is_beyond_is_told_by_the_source_and_the_amount() -> None:
    books = ledger("mill", "1713", *BOUGHT, claimed("150.5 MWh"))
    inventory = books.inventory("ghgp")

    (finding,) = inventory.findings

    assert finding.kind is FindingKind.CLAIM_BEYOND_CONSUMPTION
    assert finding.subject == "green-power-claimed-grid-green-certificate"[:40]
    assert "30.5 MWh are claimed beyond" in finding.text.en
    assert "30.5 MWh" in finding.text.zh
    assert inventory.state is State.COMPLETE, "nothing is missing, only too much is claimed"


def test_trades_are_matched_before_certificates_whatever_the_month() -> None:
    books = ledger(
        "mill",
        "1713",
        *BOUGHT,
        claimed("100 MWh", CERTIFICATE, MONTHS[0]),
        claimed("100 MWh", TRADE, MONTHS[11]),
    )

    (left,) = claim.unmatched(books.current("ghgp"))

    assert left.source.subject == CERTIFICATE
    assert items(books)["claims_beyond_consumption"] == 80 * RESIDUAL_G


def test_claims_of_one_instrument_are_matched_by_month() -> None:
    books = ledger(
        "mill",
        "1713",
        *BOUGHT,
        claimed("100 MWh", CERTIFICATE, MONTHS[6]),
        claimed("100 MWh", CERTIFICATE, MONTHS[2]),
        claimed("5 MWh", CERTIFICATE, MONTHS[9]),
    )

    left = claim.unmatched(books.current("ghgp"))

    assert [f"{line.month.start:%Y-%m}" for line in left] == [MONTHS[6], MONTHS[9]]
    assert items(books)["claims_beyond_consumption"] == 85 * RESIDUAL_G


def test_a_claim_counts_for_the_year_and_not_for_its_month() -> None:
    books = ledger("mill", "1713", *BOUGHT, claimed("120 MWh"))

    assert market_g(books) == 0
    assert books.inventory("ghgp").findings == ()


def test_a_later_purchase_takes_back_what_was_given_and_leaves_the_line_of_the_claim() -> None:
    books = ledger("mill", "1713", *BOUGHT[:6], claimed("100 MWh"))
    before = next(line for line in books.current("ghgp") if line.source.subject == CERTIFICATE)
    assert items(books)["claims_beyond_consumption"] == 40 * RESIDUAL_G

    books.report(*BOUGHT[6:])

    assert before in books.current("ghgp"), "no version follows it"
    assert "claims_beyond_consumption" not in items(books)
    assert market_g(books) == 20 * RESIDUAL_G


def test_only_what_came_from_the_grid_can_be_claimed_for() -> None:
    kind, origin = Kind.ELECTRICITY_PURCHASED, "electricity-non-fossil"
    direct = year_of(kind, "10 MWh", origin, partner="plant")
    books = ledger("mill", "1713", *direct, claimed("50 MWh"))

    assert items(books)["claims_beyond_consumption"] == 50 * RESIDUAL_G
    assert market_g(books) == 0


def test_a_claim_without_any_purchase_deducts_nothing() -> None:
    books = ledger("mill", "1713", claimed("50 MWh"))

    assert market_g(books) == 0


def test_each_method_gives_back_by_its_own_factor() -> None:
    books = ledger("mill", "1713", *BOUGHT, claimed("150 MWh"))

    park = books.inventory("park910")

    # The park's method takes the fossil factor, 0.8325 kg/kWh, for both sides.
    booked = {each.item_id: each.booked.co2_g for each in park.items}
    assert booked["claims_beyond_consumption"] == 30 * 832_500
    assert park.total.co2_g == 0
    assert books.inventory().total.co2_g == 120 * 597_800, "the home method knows no claims"


def test_a_method_without_claims_gives_nothing_back() -> None:
    books = ledger("mill", "1713", *BOUGHT, claimed("150 MWh"))
    lines, home = books.current("ghgp"), builders.method()

    assert claim.beyond(lines, home) == {}
    assert list(claim.told(lines, home)) == []
