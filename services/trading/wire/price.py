"""Price ⇄ its message."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from google.type import decimal_pb2

from services.kernel.errors import PageTokenInvalid, PeriodInvalid, within
from services.kernel.period import Period
from services.kernel.quantity import Quantity
from services.runtime import wire
from services.trading.domain.price import Price, PriceKind, checked
from services.trading.domain.versioned import Versioned
from zonecarbon.trading.v1 import price_pb2

_KIND = "PRICE_KIND_"
_UNIT = "CNY/t"


def to_prices(messages: Iterable[price_pb2.Price]) -> list[Price]:
    """Return the prices that are to be loaded.

    Raises:
        FieldInvalid, PeriodInvalid, QuantityInvalid: a field is none of its kind; at `prices[i]`.
    """
    found: list[Price] = []
    for index, message in enumerate(messages):
        with within(f"prices[{index}]."):
            found.append(_to_price(message))
    return found


def to_kind(value: price_pb2.PriceKind.ValueType) -> PriceKind | None:
    """Return the kind; None where it is not said."""
    if value == price_pb2.PRICE_KIND_UNSPECIFIED:
        return None
    return PriceKind(price_pb2.PriceKind.Name(value).removeprefix(_KIND))


def from_price(stored: Versioned[Price]) -> price_pb2.Price:
    """Return the message of a price."""
    price = stored.value
    return price_pb2.Price(
        product=price.product,
        kind=price_pb2.PriceKind.Value(_KIND + price.kind.value),
        start_date=wire.from_day(price.period.start),
        end_date=wire.from_day(price.period.end),
        price_cny_per_t=wire.from_decimal(price.price_cny_per_t),
        volume_t=price.volume_t,
        price_basis=price.price_basis,
        source=wire.from_source(price.source),
        resource_version=stored.version,
        revision=stored.revision,
    )


def to_page_key(token: str) -> tuple[date, date, str] | None:
    """Return after which price a page begins; None for the first page."""
    if not token:
        return None
    try:
        end, start, kind = token.split()
        return date.fromisoformat(end), date.fromisoformat(start), kind
    except ValueError:
        raise PageTokenInvalid from None


def from_page_key(key: tuple[date, date, str]) -> str:
    """Return the key as it stands in a token."""
    end, start, kind = key
    return f"{end} {start} {kind}"


def _to_price(message: price_pb2.Price) -> Price:
    kind = to_kind(message.kind)
    assert kind is not None, "the contract refuses it"
    start = wire.to_day(message.start_date, "start_date")
    end = wire.to_day(message.end_date, "end_date")
    price = Price(
        product=message.product,
        kind=kind,
        period=_period(start, end),
        price_cny_per_t=_positive(message.price_cny_per_t),
        volume_t=message.volume_t,
        price_basis=message.price_basis,
        source=wire.to_source(message.source),
    )
    return checked(price)


def _period(start: date, end: date) -> Period:
    """Return the period; what is wrong with it is said of `end_date`, a field of the message."""
    try:
        return Period(start=start, end=end)
    except PeriodInvalid as error:
        raise PeriodInvalid(field="end_date", given=error.given, problem=error.problem) from None


def _positive(message: decimal_pb2.Decimal) -> Decimal:
    with within("price_cny_per_t."):
        return Quantity.parse(message.value, _UNIT).positive().value
