"""How the page of the demo is set: sections, tables, and tonnes whose printed parts add up.

Names of resources are never cut; what does not fit beside a row stands below it. Each figure is
rounded by itself, so a sum says what rounding makes of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

ROUNDING = "rounding of the lines above  舍入差"
_G_PER_T = 1_000_000


def section(title: str, *lines: str | Text) -> RenderableType:
    """Return a heading, and lines below it that fold without being cut."""
    return Group(Text(f"\n{title}", style="bold"), *(below(line) for line in lines))


def below(line: RenderableType, indent: int = 2) -> RenderableType:
    """Return a line that stands below what it tells about."""
    return Padding(line, (0, 0, 0, indent))


def table(gap: int) -> Table:
    """Return an empty table whose columns are `gap` columns apart."""
    return Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, gap, 0, 0), show_edge=False)


def rounding(parts: Iterable[tuple[int, str]], total: int) -> Iterator[tuple[int, str]]:
    """Yield the line, if any, by which the printed parts add up to the printed total."""
    if rest := whole(total) - sum(whole(grams) for grams, _ in parts):
        yield rest * _G_PER_T, ROUNDING


def whole(grams: int, decimals: int = 0) -> int:
    """Return tonnes of so many decimals as the count of their last place, half to even.

    >>> whole(1_234_567_890), whole(1_234_567_890, 3)
    (1235, 1234568)
    """
    return round(Decimal(grams).scaleb(decimals) / _G_PER_T)


def t(grams: int, decimals: int = 0, *, sign: str = "") -> str:
    """Return grams as grouped tonnes; with `sign` "+" also a plus.

    >>> t(1_234_567_890, 3), t(1_500_000, sign="+")
    ('1,234.568', '+2')
    """
    return f"{Decimal(grams) / _G_PER_T:{sign},.{decimals}f}"


def grouped(value: Decimal) -> str:
    """Return a decimal with its digits as written, in groups of three."""
    return f"{value:,}"
