"""Quote ⇄ its message."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

import orjson
from google.type import decimal_pb2, money_pb2

from services.kernel import money
from services.kernel.errors import (
    FieldInvalid,
    FileInvalid,
    PageTokenInvalid,
    Several,
    Words,
    within,
)
from services.kernel.quantity import Quantity
from services.runtime import auth, wire
from services.trading.domain.quotes import bulletin, reductions
from services.trading.domain.quotes.quote import Quote, Turnover, checked
from services.trading.domain.versioned import Versioned
from zonecarbon.trading.v1 import quote_pb2, quote_service_pb2

_UNIT: Final = "CNY/t"
_NANO: Final = Decimal("1e-9")
_PRICES: Final = ("open_cny_per_t", "high_cny_per_t", "low_cny_per_t", "close_cny_per_t")
_MODES: Final = ("listed", "block", "auction")


def to_quotes(messages: Iterable[quote_pb2.Quote]) -> list[Quote]:
    """Return the quotes that are to be stored.

    Raises:
        FieldInvalid, QuantityInvalid: a field is none of its kind, or figures do not agree with
            each other; at `quotes[i]`.
    """
    found: list[Quote] = []
    for index, message in enumerate(messages):
        with within(f"quotes[{index}]."):
            found.append(_to_quote(message))
    return found


def read(request: quote_service_pb2.ImportBulletinRequest) -> list[Quote]:
    """Return the quotes of a bulletin.

    Raises:
        FieldInvalid: the date or the source is none.
        FileInvalid: the text is no JSON where it should be.
        Several: more is wrong with it.
    """
    day, source = wire.to_optional_day(request.date, "date"), wire.to_source(request.source)
    if request.form == quote_service_pb2.BULLETIN_FORM_ALLOWANCES:
        return _sound(*bulletin.parsed(request.text, source, day))
    try:
        content = orjson.loads(request.text)
    except orjson.JSONDecodeError as error:
        problem = Words(en="it is no JSON", zh="不是 JSON")
        raise FileInvalid(field="text", given=str(error), problem=problem) from None
    return _sound(*reductions.parsed(content, source))


def _sound(quotes: list[Quote], faults: Sequence[FileInvalid]) -> list[Quote]:
    if faults:
        raise Several.of(faults)
    return quotes


def from_quote(stored: Versioned[Quote], findings: Sequence[Words] = ()) -> quote_pb2.Quote:
    """Return the message of a quote, its findings in the caller's language."""
    quote = stored.value
    message = quote_pb2.Quote(
        product=quote.product,
        date=wire.from_day(quote.day),
        source=wire.from_source(quote.source),
        findings=[each.said(auth.language()) for each in findings],
        resource_version=stored.version,
        revision=stored.revision,
    )
    for name in _PRICES:
        if (price := getattr(quote, name)) is not None:
            getattr(message, name).CopyFrom(wire.from_decimal(price))
    for name in _MODES:
        turnover: Turnover | None = getattr(quote, name)
        if turnover is not None:
            getattr(message, name).CopyFrom(
                quote_pb2.Turnover(
                    volume_t=turnover.volume_t, amount=wire.from_fen(turnover.amount_fen)
                )
            )
    return message


def to_page_key(token: str) -> date | None:
    """Return the day after which a page begins; None for the first page."""
    if not token:
        return None
    try:
        return date.fromisoformat(token)
    except ValueError:
        raise PageTokenInvalid from None


def to_fen(message: money_pb2.Money, field: str) -> int:
    """Return an amount of yuan in fen.

    Raises:
        FieldInvalid: another currency, below 0 or a part of a fen.
    """
    amount = message.units + message.nanos * _NANO
    if message.currency_code not in {"", "CNY"} or amount < 0:
        allowed = Words(en="an amount of CNY, 0 or more", zh="不小于 0 的人民币金额")
        raise FieldInvalid(field=field, given=f"{message.currency_code} {amount}", allowed=allowed)
    return money.fen(amount, field)


def _to_quote(message: quote_pb2.Quote) -> Quote:
    prices = {name: _price(message, name) for name in _PRICES}
    modes = {name: _turnover(message, name) for name in _MODES}
    return checked(
        Quote(
            product=message.product,
            day=wire.to_day(message.date, "date"),
            open_cny_per_t=prices["open_cny_per_t"],
            high_cny_per_t=prices["high_cny_per_t"],
            low_cny_per_t=prices["low_cny_per_t"],
            close_cny_per_t=prices["close_cny_per_t"],
            listed=modes["listed"],
            block=modes["block"],
            auction=modes["auction"],
            source=wire.to_source(message.source),
        )
    )


def _price(message: quote_pb2.Quote, name: str) -> Decimal | None:
    if not message.HasField(_field(name)):
        return None
    given: decimal_pb2.Decimal = getattr(message, name)
    with within(f"{name}."):
        return Quantity.parse(given.value, _UNIT).positive().value


def _turnover(message: quote_pb2.Quote, name: str) -> Turnover | None:
    if not message.HasField(_field(name)):
        return None
    given: quote_pb2.Turnover = getattr(message, name)
    return Turnover(volume_t=given.volume_t, amount_fen=to_fen(given.amount, f"{name}.amount"))


def _field(name: str) -> Any:
    """Return a field's name where the stub lists the names that it takes."""
    return name
