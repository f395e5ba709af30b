"""docs/json.md: every command is carried out, in the order of the page, and its answer compared."""

from __future__ import annotations

from pathlib import Path

from tests.console import mills, page
from tests.fixtures.http import Answer


def test_the_page_shows_what_is_answered(tmp_path: Path) -> None:
    shown = page.exchanges(page.PAGE.read_text(encoding="utf-8"))

    with mills.serving(tmp_path) as mill:
        found = [(each, page.carried_out(each.command, mill.http())) for each in shown]

    assert len(found) >= 7
    for each, answer in found:
        where = page.differs(each.shown, each.command, answer)
        assert not where, f"{each.command}\n{where}\n{page.as_shown(each.command, answer)}"


def test_a_page_that_shows_something_else_is_noticed() -> None:
    answer = Answer(code=200, headers={}, body=b'{"a": [1, 2], "b": {"c": "x"}}')

    for shown in ('{"a": [1, 2], "b": {"c": "x"}}', '{"a": [1, "…"], "…": "…"}', '"…"'):
        assert not page.differs(shown, "curl", answer)
    for shown in ('{"a": [1, 2]}', '{"a": [1], "…": "…"}', '{"b": {"c": "y"}, "…": "…"}', "[]"):
        assert page.differs(shown, "curl", answer)
    assert page.differs('"…"\n404\n', "curl -w", answer)
