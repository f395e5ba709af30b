from __future__ import annotations

import base64
import json
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.errors import PageTokenInvalid
from services.runtime import paging

IDS = st.lists(st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True), unique=True).map(sorted)


@dataclass(slots=True, kw_only=True)
class Request:
    """A list request."""

    page_size: int = 0
    page_token: str = ""


def page(ids: list[str], request: Request, *scope: str) -> tuple[list[str], str]:
    """A page of `ids`, as a servicer makes it."""
    after, size = paging.start(request, *scope), paging.size(request)
    found = [each for each in ids if each > after][: size + 1]
    return found[:size], paging.next_token(found, size, *scope)


@given(ids=IDS, size=st.integers(1, 7))
def test_all_pages_together_are_the_list_without_loss_or_repeat(ids: list[str], size: int) -> None:
    seen, token = page(ids, Request(page_size=size), "zones/z")
    while token:
        more, token = page(ids, Request(page_size=size, page_token=token), "zones/z")
        assert more
        seen += more

    assert seen == ids


@pytest.mark.parametrize(
    ("wanted", "size"),
    [(0, 100), (1, 1), (100, 100), (1000, 1000), (1001, 1000), (2**31 - 1, 1000)],
)
def test_a_page_has_a_hundred_rows_unless_asked_and_a_thousand_at_most(
    wanted: int, size: int
) -> None:
    assert paging.size(Request(page_size=wanted)) == size


def test_the_page_size_may_change_on_the_way() -> None:
    ids = ["a", "b", "c", "d"]
    _, token = page(ids, Request(page_size=1))

    assert page(ids, Request(page_size=3, page_token=token)) == (["b", "c", "d"], "")


@pytest.mark.parametrize("scope", [(), ("zones/b",), ("zones/a", ""), ("zones/a", "x")])
def test_a_token_of_another_request_is_refused(scope: tuple[str, ...]) -> None:
    token = paging.token("a", "zones/a")

    assert paging.start(Request(page_token=token), "zones/a") == "a"
    with pytest.raises(PageTokenInvalid):
        paging.start(Request(page_token=token), *scope)


def wrapped(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "====",
        "你好",
        "[]",
        wrapped(None),
        wrapped(7),
        wrapped([]),
        wrapped(["a"]),
        wrapped(["a", "b"]),
        wrapped([1, "b"]),
        wrapped({"a": 1, "b": 2}),
        wrapped([[]] * 3),
        base64.urlsafe_b64encode(b"[" * 700).decode(),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        paging.token("a", "zones/a")[:-4],
        paging.token("a\0b", "zones/a"),
    ],
)
def test_a_token_that_is_garbage_is_refused(token: str) -> None:
    with pytest.raises(PageTokenInvalid):
        paging.start(Request(page_token=token), "zones/a")


@given(st.text(min_size=1, max_size=60))
def test_no_text_whatever_breaks_the_reader(token: str) -> None:
    with pytest.raises(PageTokenInvalid):
        paging.start(Request(page_token=token), "zones/a")
