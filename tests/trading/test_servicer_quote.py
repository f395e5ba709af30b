"""Bulletins and quotes over the wire; the shipped quotes held to the exchange's own rules."""

from __future__ import annotations

import csv
import json
import sys
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from services.trading import files
from services.trading.domain import exchange
from services.trading.domain.quotes import quote as domain
from services.trading.wire import quote as wire
from tests.trading.requests import day
from tests.trading.stand import ROOT, Stand, refusal
from tests.trading.test_bulletin import COMPOSITE, TOTAL, VINTAGES, reductions_of
from zonecarbon.cli import quotes as cli
from zonecarbon.cli.__main__ import main
from zonecarbon.client import Client
from zonecarbon.trading.v1 import quote_pb2, trading_service_pb2
from zonecarbon.trading.v1 import quote_service_pb2 as pb
from zonecarbon.type.v1 import source_pb2

SHIPPED = files.FOLDER / "quotes.csv"
SOURCE = source_pb2.Source(
    title="上海环境能源交易所 2025-12-03", status=source_pb2.SOURCE_STATUS_SECONDARY
)


def bulletin(
    text: str = COMPOSITE + TOTAL + VINTAGES, on: str = "2025-12-03", form: str = "ALLOWANCES"
) -> pb.ImportBulletinRequest:
    return pb.ImportBulletinRequest(
        text=text,
        form=pb.BulletinForm.Value(f"BULLETIN_FORM_{form}"),
        date=day(on) if on else None,
        source=SOURCE,
    )


@pytest.fixture
def administrator(stand: Stand) -> Client:
    return stand.client(ROOT)


def listed(client: Client, product: str) -> list[quote_pb2.Quote]:
    return list(client.quotes.ListQuotes(pb.ListQuotesRequest(product=product)).quotes)


def test_a_bulletin_is_stored_once_with_volume_and_amount_by_mode(administrator: Client) -> None:
    first = administrator.quotes.ImportBulletin(bulletin())
    again = administrator.quotes.ImportBulletin(bulletin())

    assert (first.created_count, first.changed_count, first.unchanged_count) == (4, 0, 0)
    assert (again.created_count, again.changed_count, again.unchanged_count) == (0, 0, 4)
    assert first.quotes == again.quotes
    (composite,) = listed(administrator, "composite")
    assert composite.close_cny_per_t.value == "59.90"
    assert (composite.listed.volume_t, composite.block.volume_t) == (639_256, 226_790)
    assert composite.block.amount.units == 12_472_500
    assert composite.HasField("auction")
    assert composite.auction.volume_t == 0
    assert composite.source.title == SOURCE.title


def test_a_close_of_a_bulletin_is_the_price_of_its_day(administrator: Client) -> None:
    administrator.quotes.ImportBulletin(bulletin())

    price = administrator.trading.GetPrice(
        trading_service_pb2.GetPriceRequest(product="CEA24", date=day("2025-12-03"))
    )

    assert price.price_cny_per_t.value == "59.91"
    assert price.source.title == SOURCE.title
    assert price.source.locator == "CEA24"


def test_a_correction_is_a_new_version_of_the_quote_and_of_its_price(
    administrator: Client,
) -> None:
    administrator.quotes.ImportBulletin(bulletin(COMPOSITE))

    changed = administrator.quotes.ImportBulletin(
        bulletin(COMPOSITE.replace("收盘价59.90", "收盘价59.91"))
    )

    assert (changed.created_count, changed.changed_count) == (0, 1)
    assert changed.quotes[0].resource_version == 2
    price = administrator.trading.GetPrice(
        trading_service_pb2.GetPriceRequest(product="composite", date=day("2025-12-03"))
    )
    assert (price.price_cny_per_t.value, price.resource_version) == ("59.91", 2)


def test_reductions_are_read_from_their_json(administrator: Client) -> None:
    text = json.dumps([reductions_of("20260717", "40610", "3651290.00")])

    found = administrator.quotes.ImportBulletin(bulletin(text, "", "REDUCTIONS"))

    (quote,) = found.quotes
    assert (quote.product, quote.listed.volume_t) == ("CCER", 40_610)
    assert not quote.HasField("close_cny_per_t")


REFUSED = {
    "a broken bulletin": (bulletin(COMPOSITE.replace("收盘价59.90", "收盘价")), "FILE_INVALID"),
    "no JSON": (bulletin("{", "", "REDUCTIONS"), "FILE_INVALID"),
    "no date": (bulletin(on=""), "FILE_INVALID"),
    "no form": (pb.ImportBulletinRequest(text="x", source=SOURCE), "FIELD_INVALID"),
}


@pytest.mark.parametrize(("request_", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_text_that_is_no_bulletin_leaves_nothing(
    administrator: Client, request_: pb.ImportBulletinRequest, reason: str
) -> None:
    assert refusal(administrator.quotes.ImportBulletin, request_)[0] == reason
    assert listed(administrator, "composite") == []


def test_only_administrators_import_and_anybody_reads(stand: Stand, desk: Client) -> None:
    assert refusal(desk.quotes.ImportBulletin, bulletin())[0] == "PERMISSION_DENIED"
    stand.client(ROOT).quotes.ImportBulletin(bulletin())

    firm = stand.principal("ENTERPRISE", "enterprises/chp")
    assert len(listed(firm, "CEA24")) == 1


def test_quotes_come_page_by_page_with_what_lies_outside_the_limits(
    administrator: Client,
) -> None:
    administrator.quotes.ImportQuotes(cli.request(SHIPPED))
    wild = quote_pb2.Quote(
        product="CEA25",
        date=day("2026-08-03"),
        source=SOURCE,
        listed=quote_pb2.Turnover(volume_t=1),
    )
    wild.listed.amount.units = 200
    wild.high_cny_per_t.value = wild.low_cny_per_t.value = "200"
    wild.close_cny_per_t.value = "200.00"

    stored = administrator.quotes.ImportQuotes(pb.ImportQuotesRequest(quotes=[wild]))

    assert list(stored.quotes[0].findings) == ["listed 200 is outside 88.73 to 108.45"] * 2
    request = pb.ListQuotesRequest(product="CEA25", page_size=20)
    first = administrator.quotes.ListQuotes(request)
    request.page_token = first.next_page_token
    rest = administrator.quotes.ListQuotes(request)
    assert (len(first.quotes), len(rest.quotes), rest.next_page_token) == (20, 13, "")
    # The first of all has no close before it.
    assert [len(each.findings) for each in (*first.quotes, *rest.quotes)] == [1, *[0] * 31, 2]


def test_a_quote_of_other_figures_twice_is_refused(administrator: Client) -> None:
    request = cli.request(SHIPPED)
    request.quotes.append(request.quotes[0])

    assert refusal(administrator.quotes.ImportQuotes, request)[0] == "DUPLICATE_ROW"


def test_every_shipped_close_of_a_vintage_is_the_average_and_keeps_the_limits() -> None:
    found = wire.to_quotes(cli.request(SHIPPED).quotes)
    versions, before = files.exchange(), None

    vintages = [each for each in found if each.product not in domain.OF_SEVERAL]
    assert len(vintages) == 32
    for each in vintages:
        assert each.listed is not None
        exact = Decimal(each.listed.amount_fen) / 100 / each.listed.volume_t
        assert each.close_cny_per_t == exact.quantize(Decimal("0.01"), ROUND_HALF_UP), each.day
        if before is not None:
            assert domain.findings(each, before, exchange.on(versions, each.day)) == [], each.day
        before = each.close_cny_per_t


def test_the_command_line_reads_a_bulletin_and_shows_it(
    stand: Stand,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def run(*arguments: str) -> str:
        monkeypatch.setenv("ZONECARBON_CLI_KEY", ROOT)
        monkeypatch.setenv("ZONECARBON_CLI_TRADING", stand.addresses.trading)
        monkeypatch.setattr(sys, "argv", ["zonecarbon", "quotes", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        assert ended.value.code == 0, printed.err
        return printed.out

    file = tmp_path / "bulletin.txt"
    file.write_text(COMPOSITE, encoding="utf-8")

    told = run("bulletin", str(file), "--on", "2025-12-03", "--source", "bulletin")
    assert told == "1 new, 0 changed, 0 unchanged\n"
    assert run("import", str(SHIPPED)).startswith("33 new, 1 changed")
    assert "2025-12-03 close 59.90, listed 639256 t 38268042.10 CNY, block 226790 t" in run(
        "list", "composite"
    )
    with SHIPPED.open(encoding="utf-8", newline="") as rows:
        assert len(list(csv.DictReader(rows))) == 34
