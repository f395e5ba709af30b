"""Ledgers with a statement that agrees, and twelve ways in which one of its lines does not."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from services.trading.domain.reconciliation.difference import BreakKind
from services.trading.domain.reconciliation.line import Line

FAMILIES = {
    "cea-2022": "ALLOWANCE",
    "cea-2023": "ALLOWANCE",
    "cea-2024": "ALLOWANCE",
    "ccer-1": "OFFSET/1",
    "cny": "CASH",
}
VINTAGES = ("cea-2022", "cea-2023", "cea-2024")
FIRST = date(2025, 1, 1)
DAYS = 365


@dataclass(slots=True)
class Pair:
    """What the ledger moved, and what the statement says."""

    ours: list[Line]
    theirs: list[Line]
    named: bool = True
    """Whether the line that is to be a break names its transfer."""


def dice(seed: object) -> random.Random:
    """Return chance that is the same for the same seed."""
    return random.Random(str(seed))  # noqa: S311 (a test is repeated by its seed)


def clean(random_: random.Random, size: int = 60) -> Pair:
    """Return a ledger and the statement of it: some lines name their transfer, some do not.

    Some are the same but for their id, some are taken back later; the statement has its own order.
    """
    ours: list[Line] = []
    for number in range(size):
        line = Line(
            id=f"t-{number}",
            book=f"book-{random_.randrange(4)}",
            instrument=random_.choice([*FAMILIES]),
            unit_count=random_.choice([-1, 1]) * random_.randrange(1, 500) * 7,
            day=FIRST + timedelta(days=random_.randrange(DAYS)),
            kind="PURCHASE",
            note=f"note {number}",
        )
        if ours and random_.random() < 0.1:
            line = random_.choice(ours)._replace(id=line.id, reverses="", note=line.note)
        ours.append(line)
        if random_.random() < 0.1:
            day = line.day + timedelta(days=random_.randrange(5))
            back = line._replace(
                id=f"r-{number}", unit_count=-line.unit_count, reverses=line.id, day=day
            )
            ours.append(back)
    named = random_.random() < 0.7
    theirs = [said(each, named=named and random_.random() < 0.9) for each in ours]
    random_.shuffle(theirs)
    return Pair(ours, theirs)


def said(line: Line, *, named: bool = True) -> Line:
    """Return a line of the ledger as a statement says it."""
    return line._replace(
        id=f"s-{line.id}",
        reference=line.id if named else "",
        reverses=f"s-{line.reverses}" if line.reverses else "",
        traded_count=line.unit_count,
        note="",
    )


def lone(random_: random.Random, pair: Pair) -> Line:
    """Add a movement that nothing else looks like to the ledger; return it."""
    line = Line(
        id="t-lone",
        book=f"book-{random_.randrange(4)}",
        instrument=random_.choice(VINTAGES),
        unit_count=random_.choice([-1, 1]) * (100_003 + 2 * random_.randrange(10_000)),
        day=FIRST + timedelta(days=random_.randrange(DAYS)),
        kind="PURCHASE",
        note="lone",
    )
    pair.ours.insert(random_.randrange(len(pair.ours) + 1), line)
    return line


def _put(random_: random.Random, pair: Pair, *lines: Line) -> None:
    for line in lines:
        pair.theirs.insert(random_.randrange(len(pair.theirs) + 1), line)


Seed = Callable[[random.Random, Pair], None]


def _missing(random_: random.Random, pair: Pair) -> None:
    lone(random_, pair)


def _extra(random_: random.Random, pair: Pair) -> None:
    line = lone(random_, pair)
    pair.ours.remove(line)
    _put(random_, pair, said(line, named=pair.named))


def _changed(change: Callable[[random.Random, Line], Line]) -> Seed:
    def seed(random_: random.Random, pair: Pair) -> None:
        line = said(lone(random_, pair), named=pair.named)
        _put(random_, pair, change(random_, line))

    return seed


def _quantity(random_: random.Random, line: Line) -> Line:
    count = line.unit_count + random_.choice([-1, 1, 1234])
    return line._replace(unit_count=count, traded_count=count)


def _vintage(random_: random.Random, line: Line) -> Line:
    others = [each for each in VINTAGES if each != line.instrument]
    return line._replace(instrument=random_.choice(others))


def _account(random_: random.Random, line: Line) -> Line:
    others = [f"book-{each}" for each in range(4) if f"book-{each}" != line.book]
    return line._replace(book=random_.choice(others))


def _sign(_random: random.Random, line: Line) -> Line:
    return line._replace(unit_count=-line.unit_count, traded_count=-line.unit_count)


def _late(random_: random.Random, line: Line) -> Line:
    return line._replace(day=line.day + timedelta(days=random_.choice([-3, 1, 2, 9])))


def _unit(random_: random.Random, line: Line) -> Line:
    times = random_.choice([10, 100, 1_000, 10_000])
    return line._replace(unit_count=line.unit_count * times, traded_count=line.unit_count * times)


def _partial(random_: random.Random, line: Line) -> Line:
    part = abs(line.unit_count) - random_.randrange(1, 100_000)
    return line._replace(unit_count=part if line.unit_count > 0 else -part)


def _duplicate(random_: random.Random, pair: Pair) -> None:
    line = said(lone(random_, pair), named=pair.named)
    _put(random_, pair, line, line._replace(id="s-again") if pair.named else line)


def _split(random_: random.Random, pair: Pair) -> None:
    line = lone(random_, pair)
    half = line.unit_count // 2 + 1
    if random_.random() < 0.5:
        first, second = (
            said(line._replace(id=id_), named=False)._replace(
                unit_count=count, traded_count=count, reference=line.id if pair.named else ""
            )
            for id_, count in (("a", half), ("b", line.unit_count - half))
        )
        _put(random_, pair, first, second)
        return
    place = pair.ours.index(line)
    pair.ours[place] = line._replace(unit_count=half)
    pair.ours.append(line._replace(id="t-rest", unit_count=line.unit_count - half, note="the rest"))
    _put(random_, pair, said(line, named=False))


def _reversed(random_: random.Random, pair: Pair) -> None:
    line = lone(random_, pair)
    theirs = said(line, named=pair.named)
    _put(random_, pair, theirs)
    if random_.random() < 0.5:
        back = theirs._replace(
            id="s-back", unit_count=-line.unit_count, reference="", reverses=theirs.id
        )
        _put(random_, pair, back)
    else:
        pair.ours.append(line._replace(id="t-back", unit_count=-line.unit_count, reverses=line.id))


SEEDS: Mapping[BreakKind, Seed] = {
    BreakKind.MISSING: _missing,
    BreakKind.EXTRA: _extra,
    BreakKind.WRONG_QUANTITY: _changed(_quantity),
    BreakKind.WRONG_VINTAGE: _changed(_vintage),
    BreakKind.WRONG_ACCOUNT: _changed(_account),
    BreakKind.DUPLICATE: _duplicate,
    BreakKind.SIGN: _changed(_sign),
    BreakKind.LATE: _changed(_late),
    BreakKind.SPLIT_OR_MERGED: _split,
    BreakKind.REVERSED: _reversed,
    BreakKind.UNIT: _changed(_unit),
    BreakKind.PARTIAL_SETTLEMENT: _changed(_partial),
}
