"""The messages that all services share ⇄ values of the kernel."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

from google.protobuf import timestamp_pb2
from google.protobuf.message import Message
from google.type import date_pb2, decimal_pb2, money_pb2

from services.kernel.errors import FieldInvalid, Words
from services.kernel.period import Period
from services.kernel.quantity import Quantity
from services.kernel.source import Source
from services.kernel.trust import Status
from zonecarbon.type.v1 import period_pb2, quantity_pb2, source_pb2

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHOWN = Context(prec=34, rounding=ROUND_HALF_EVEN)
_SECONDS_PER_DAY = 86_400
_NANOS_PER_MICROSECOND = 1_000
_NANOS_PER_FEN = 10_000_000
_FEN_PER_YUAN = 100


def to_quantity(message: quantity_pb2.Quantity) -> Quantity:
    """Return the quantity with its digits as written.

    Raises:
        QuantityInvalid: the value is no finite decimal within bounds; at `value`.
        UnitUnknown, UnitAmbiguous: the unit is not one of the list; at `unit_code`.
    """
    return Quantity.parse(message.value.value, message.unit_code)


def from_quantity(quantity: Quantity) -> quantity_pb2.Quantity:
    """Return the message of `quantity`, its digits as written."""
    return quantity_pb2.Quantity(
        value=decimal_pb2.Decimal(value=quantity.text), unit_code=quantity.unit
    )


def from_exact(value: Fraction, unit: str) -> quantity_pb2.Quantity:
    """Return the message of an exact value, see `shown`."""
    return quantity_pb2.Quantity(value=from_decimal(shown(value)), unit_code=unit)


def shown(value: Fraction) -> Decimal:
    """Return `value` for people: exact where it is a finite decimal of at most 34 digits.

    Else rounded half to even to 34 significant digits.

    >>> shown(Fraction(1, 8)), shown(Fraction(2, 3))
    (Decimal('0.125'), Decimal('0.6666666666666666666666666666666667'))
    """
    return _SHOWN.divide(Decimal(value.numerator), Decimal(value.denominator))


def from_decimal(value: Decimal) -> decimal_pb2.Decimal:
    """Return the message of `value`: plain digits, no exponent."""
    return decimal_pb2.Decimal(value=f"{value:f}")


def to_day(message: date_pb2.Date, field: str) -> date:
    """Return the day.

    Raises:
        FieldInvalid: it is not a whole date that exists; at `field`.
    """
    try:
        return date(message.year, message.month, message.day)
    except ValueError:
        raise FieldInvalid(
            field=field,
            given=f"{message.year}-{message.month}-{message.day}",
            allowed=Words(en="a date that exists", zh="真实存在的日期"),
        ) from None


def to_optional_day(message: date_pb2.Date, field: str) -> date | None:
    """Return the day, or None where the message is empty; raises as `to_day`."""
    return to_day(message, field) if message.ByteSize() else None


def from_day(day: date | None) -> date_pb2.Date | None:
    """Return the message of `day`; None stays unset."""
    return None if day is None else date_pb2.Date(year=day.year, month=day.month, day=day.day)


def to_period(message: period_pb2.Period) -> Period:
    """Return the period.

    Raises:
        PeriodInvalid: a date does not exist or the period is wrong; at `period`.
    """
    start, end = (
        f"{day.year:04d}-{day.month:02d}-{day.day:02d}"
        for day in (message.start_date, message.end_date)
    )
    return Period.parse(start, end)


def from_period(period: Period) -> period_pb2.Period:
    """Return the message of `period`."""
    return period_pb2.Period(start_date=from_day(period.start), end_date=from_day(period.end))


def to_instant(message: timestamp_pb2.Timestamp, field: str) -> datetime:
    """Return the moment, in UTC.

    Raises:
        FieldInvalid: it lies outside the years 1 to 9999; at `field`.
    """
    try:
        return message.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise FieldInvalid(
            field=field,
            given=f"{message.seconds} s",
            allowed=Words(en="a moment of the years 1 to 9999", zh="公元 1 年至 9999 年之间的时刻"),
        ) from None


def from_instant(moment: datetime) -> timestamp_pb2.Timestamp:
    """Return the message of a moment that has a zone."""
    since = moment - _EPOCH
    return timestamp_pb2.Timestamp(
        seconds=since.days * _SECONDS_PER_DAY + since.seconds,
        nanos=since.microseconds * _NANOS_PER_MICROSECOND,
    )


def to_optional_instant(request: Message, field: str) -> datetime | None:
    """Return the moment in a field of `request`, to the microsecond; None where it is unset.

    Raises:
        FieldInvalid: it is out of bounds; at `field`.
    """
    # Asked of the request: of the field itself the first moment of 1970 would look unset.
    if not request.HasField(field):
        return None
    message: timestamp_pb2.Timestamp = getattr(request, field)
    try:
        return message.ToDatetime(UTC)
    except (ValueError, OverflowError):
        raise FieldInvalid(
            field=field,
            given=f"{message.seconds} s, {message.nanos} ns",
            allowed=Words(en="a moment of the years 1 to 9999", zh="公元 1 年至 9999 年的时刻"),
        ) from None


def from_fen(fen: int) -> money_pb2.Money:
    """Return an amount in yuan; units and nanos carry the same sign."""
    yuan, rest = divmod(abs(fen), _FEN_PER_YUAN)
    sign = -1 if fen < 0 else 1
    return money_pb2.Money(
        currency_code="CNY", units=sign * yuan, nanos=sign * rest * _NANOS_PER_FEN
    )


def to_status(value: source_pb2.SourceStatus.ValueType, field: str = "source.status") -> Status:
    """Return the status.

    Raises:
        FieldInvalid: it is not said; at `field`.
    """
    if value in _STATUSES:
        return _STATUSES[value]
    allowed = ", ".join(f"SOURCE_STATUS_{status.name}" for status in Status)
    raise FieldInvalid(field=field, given=str(value), allowed=allowed)


def from_status(status: Status) -> source_pb2.SourceStatus.ValueType:
    """Return the enum value of `status`."""
    return _VALUES[status]


_VALUES = {
    status: source_pb2.SourceStatus.Value(f"SOURCE_STATUS_{status.name}") for status in Status
}
_STATUSES = {value: status for status, value in _VALUES.items()}


def to_source(message: source_pb2.Source) -> Source:
    """Return the source.

    Raises:
        FieldInvalid: its status is not said; at `source.status`.
    """
    return Source(
        title=message.title,
        status=to_status(message.status),
        document_no=message.document_no,
        source_year=message.source_year,
        locator=message.locator,
        url=message.url,
        licence=message.licence,
        confidence=message.confidence,
        note=message.note,
    )


def from_source(source: Source) -> source_pb2.Source:
    """Return the message of `source`."""
    return source_pb2.Source(
        title=source.title,
        document_no=source.document_no,
        source_year=source.source_year,
        locator=source.locator,
        url=source.url,
        licence=source.licence,
        status=from_status(source.status),
        confidence=source.confidence,
        note=source.note,
    )
