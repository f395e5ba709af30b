from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest
from starlette.requests import ClientDisconnect

from services.console.body import Body, Room
from services.kernel.errors import LimitExceeded


def body(*parts: bytes, most: int = 100, room: Room | None = None, whole: bool = True) -> Body:
    """A body that comes in these parts; one that is not whole breaks off then."""
    events: list[MutableMapping[str, Any]] = [
        {"type": "http.request", "body": part, "more_body": not whole or index < len(parts)}
        for index, part in enumerate(parts, start=1)
    ]

    async def receive() -> MutableMapping[str, Any]:
        return events.pop(0) if events else {"type": "http.disconnect"}

    return Body(receive, most, room or Room(1_000))


def lines(of: Body) -> list[bytes]:
    async def read() -> list[bytes]:
        found = []
        while (line := await of.line()) is not None:
            found.append(line)
        return found

    return asyncio.run(read())


def test_a_body_is_all_its_parts() -> None:
    assert asyncio.run(body(b"a", b"", b"bc").whole()) == b"abc"


def test_lines_are_found_across_parts_and_blank_ones_are_none() -> None:
    assert lines(body(b"a\nb", b"b\r\n\n \nc", b"c")) == [b"a", b"bb", b"cc"]
    assert lines(body(b"")) == []


@pytest.mark.parametrize("parts", [(b"abcd",), (b"ab", b"cd"), (b"abcd\n",)])
def test_what_is_larger_than_is_taken_is_refused(parts: tuple[bytes, ...]) -> None:
    with pytest.raises(LimitExceeded) as refused:
        lines(body(*parts, most=3))
    assert (refused.value.limit, refused.value.allowed) == ("body_bytes", 3)

    with pytest.raises(LimitExceeded):
        asyncio.run(body(*parts, most=3).whole())


def test_a_body_of_many_lines_may_be_larger_than_one() -> None:
    assert lines(body(*[b"abc\n"] * 100, most=3)) == [b"abc"] * 100


def test_a_body_that_breaks_off_is_not_taken_for_whole() -> None:
    for part in (b"", b"a", b"a\n"):
        with pytest.raises(ClientDisconnect):
            asyncio.run(body(part, whole=False).whole())
        with pytest.raises(ClientDisconnect):
            lines(body(part, whole=False))


def test_all_bodies_together_have_only_so_much_room() -> None:
    room = Room(10)
    first, second = body(b"abcdef", room=room), body(b"abcdef", room=room)
    asyncio.run(first.whole())

    with pytest.raises(LimitExceeded) as refused:
        asyncio.run(second.whole())
    assert (refused.value.limit, refused.value.given) == ("bodies_bytes", 12)

    first.let_go()
    second.let_go()
    assert asyncio.run(body(b"abcdefghij", room=room).whole())


def test_lines_that_were_taken_need_no_room() -> None:
    assert lines(body(*[b"abc\n"] * 100, room=Room(4))) == [b"abc"] * 100
