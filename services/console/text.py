"""JSON text → values, and nothing that the text does not say: no key twice, no NaN, no rounding."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from services.kernel.errors import BodyMalformed, BodyProblem

_MOST_DIGITS = 100
"""Of a whole number; no field takes as many."""


class Object(list[tuple[str, Any]]):
    """The members of a JSON object as they stand in the text, one that comes twice too."""


def parsed(body: bytes, field: str = "body") -> Any:
    """Return the value of JSON text; its objects as `Object`, its numbers as int or Decimal.

    Raises:
        BodyMalformed: it is not UTF-8, or not JSON.
    """
    try:
        return _DECODER.decode(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        place, problem = f"byte {error.start + 1}", BodyProblem.NOT_UTF8
    except json.JSONDecodeError as error:
        place, problem = f"line {error.lineno}, column {error.colno}", BodyProblem.NOT_JSON
    except RecursionError:
        place, problem = f"{len(body)} bytes", BodyProblem.TOO_DEEP
    except _NoNumber as error:
        place, problem = str(error), BodyProblem.NO_NUMBER
    raise BodyMalformed(field=field, given=place, problem=problem)


def written(value: Any) -> str:
    """Return a value as JSON text, for an error that quotes it."""
    if isinstance(value, str):
        return value
    if isinstance(value, Object):
        return "{…}" if value else "{}"
    if isinstance(value, list):
        return "[…]" if value else "[]"
    if isinstance(value, Decimal):
        return str(value)
    return json.dumps(value)


class _NoNumber(ValueError):
    """A number that is none in JSON, or has more digits than any field takes."""


def _constant(text: str) -> NoReturn:
    raise _NoNumber(text)


def _integer(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise _NoNumber(f"{text[:_MOST_DIGITS]}…")
    return int(text)


def _fraction(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise _NoNumber(f"{text[:_MOST_DIGITS]}…") from None


_DECODER = json.JSONDecoder(
    object_pairs_hook=Object,
    parse_int=_integer,
    parse_float=_fraction,
    parse_constant=_constant,
)
