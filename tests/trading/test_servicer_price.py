"""Prices over the wire, beside a real registry, on SQLite and on PostgreSQL."""

from __future__ import annotations

from tests.trading import requests
from tests.trading.stand import Stand, refusal
from zonecarbon.trading.v1 import price_pb2, trading_service_pb2


def test_prices_are_loaded_all_or_none(stand: Stand) -> None:
    trading = stand.principal("ADMINISTRATOR").trading

    def loaded(*prices: price_pb2.Price) -> tuple[int, int, int]:
        answer = trading.ImportPrices(requests.import_prices(*prices))
        return answer.created_count, answer.changed_count, answer.unchanged_count

    good, vwap = requests.price(), requests.price("76.3918", kind="VWAP")
    bad = requests.price("0", product="CEA23")
    assert refusal(trading.ImportPrices, requests.import_prices(good, bad)) == (
        "QUANTITY_INVALID",
        "prices[1].price_cny_per_t.value",
    )
    assert loaded(good) == (1, 0, 0)
    assert loaded(good, vwap) == (1, 0, 1)
    assert loaded(requests.price("76.40"), vwap) == (0, 1, 1)
    listed = trading.ListPrices(trading_service_pb2.ListPricesRequest(product="CEA24")).prices
    assert [(each.price_cny_per_t.value, each.resource_version) for each in listed] == [
        ("76.40", 2),
        ("76.3918", 1),
    ]


PRICES: dict[str, tuple[list[price_pb2.Price], tuple[str, str]]] = {
    "a period that ends before it starts": (
        [requests.price(end="2025-12-30")],
        ("PERIOD_INVALID", "prices[0].end_date"),
    ),
    "an empty period": (
        [requests.price(end="2025-12-31")],
        ("PERIOD_INVALID", "prices[0].end_date"),
    ),
    "not a number": (
        [requests.price(), requests.price("NaN", product="CEA23")],
        ("QUANTITY_INVALID", "prices[1].price_cny_per_t.value"),
    ),
    "in fen": ([requests.price("76390")], ("FIELD_INVALID", "prices[0].price_cny_per_t")),
    "twice": ([requests.price(), requests.price("80")], ("DUPLICATE_ROW", "prices[1]")),
    "no kind": ([requests.price(kind="UNSPECIFIED")], ("FIELD_INVALID", "prices[0].kind")),
}


def test_what_cannot_be_a_price_is_refused_by_field(stand: Stand) -> None:
    trading = stand.principal("ADMINISTRATOR").trading

    for case, (prices, expected) in PRICES.items():
        request = requests.import_prices(*prices)
        assert refusal(trading.ImportPrices, request) == expected, case
    impossible = requests.price()
    impossible.start_date.day = 32
    request = requests.import_prices(impossible)
    assert refusal(trading.ImportPrices, request)[0] == "FIELD_INVALID"


def test_the_price_of_a_day(stand: Stand) -> None:
    administrator = stand.principal("ADMINISTRATOR").trading
    administrator.ImportPrices(
        requests.import_prices(
            requests.price("76.39"),
            requests.price("76.3918", kind="VWAP"),
            requests.price("81.0", start="2026-06-30", end="2026-07-01"),
        )
    )
    anybody = stand.principal("ENTERPRISE", "enterprises/steel").trading

    def request(
        on: str, kind: str = "UNSPECIFIED", product: str = "CEA24"
    ) -> trading_service_pb2.GetPriceRequest:
        return trading_service_pb2.GetPriceRequest(
            product=product,
            date=requests.day(on),
            kind=price_pb2.PriceKind.Value(f"PRICE_KIND_{kind}"),
        )

    def price(on: str, kind: str = "UNSPECIFIED") -> str:
        return anybody.GetPrice(request(on, kind)).price_cny_per_t.value

    assert price("2025-12-31") == price("2026-06-29") == "76.39"
    assert price("2026-06-30", "VWAP") == "76.3918"
    assert price("9999-12-31") == "81.0"
    for early_or_unknown in (request("2025-12-30"), request("2026-12-31", product="CEA31")):
        assert refusal(anybody.GetPrice, early_or_unknown)[0] == "PRICE_MISSING"


def test_prices_come_page_by_page(stand: Stand) -> None:
    trading = stand.principal("ADMINISTRATOR").trading
    trading.ImportPrices(
        requests.import_prices(
            *(
                requests.price(f"7{n}", start=f"2025-0{n}-01", end=f"2025-0{n}-02")
                for n in (3, 1, 2)
            )
        )
    )
    seen, token = [], ""
    while True:
        page = trading.ListPrices(
            trading_service_pb2.ListPricesRequest(product="CEA24", page_size=2, page_token=token)
        )
        seen += [each.price_cny_per_t.value for each in page.prices]
        token = page.next_page_token
        if not token:
            break

    assert seen == ["71", "72", "73"]
