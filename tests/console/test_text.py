from __future__ import annotations

from decimal import Decimal

import pytest

from services.console.text import Object, parsed
from services.kernel.errors import BodyMalformed


def test_a_number_keeps_the_digits_it_was_written_with() -> None:
    assert str(parsed(b"1.50")) == "1.50"
    assert parsed(b"9007199254740993.0") == Decimal("9007199254740993.0")
    assert parsed(b"9007199254740993") == 9007199254740993


def test_an_object_keeps_a_key_that_stands_twice() -> None:
    assert parsed(b'{"a": 1, "a": 2}') == Object([("a", 1), ("a", 2)])


@pytest.mark.parametrize(
    ("body", "place", "problem"),
    [
        (b'{"a" 1}', "line 1, column 6", "NOT_JSON"),
        (b'{"a":\n  tru}', "line 2, column 3", "NOT_JSON"),
        (b"", "line 1, column 1", "NOT_JSON"),
        (b"1 2", "line 1, column 3", "NOT_JSON"),
        (b'{"a": "\xff"}', "byte 8", "NOT_UTF8"),
        ('"吨"'.encode("gb18030"), "byte 2", "NOT_UTF8"),
        (b"[" * 100_000, "100000 bytes", "TOO_DEEP"),
        (b"NaN", "NaN", "NO_NUMBER"),
        (b"[-Infinity]", "-Infinity", "NO_NUMBER"),
        (b"1e99999999999999999999", "1e99999999999999999999…", "NO_NUMBER"),
        (b"9" * 101, "9" * 100 + "…", "NO_NUMBER"),
    ],
)
def test_what_is_not_json_is_refused_with_the_place(body: bytes, place: str, problem: str) -> None:
    with pytest.raises(BodyMalformed) as refused:
        parsed(body)

    assert (refused.value.given, refused.value.problem.name) == (place, problem)
