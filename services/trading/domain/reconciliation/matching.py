"""Ledger against statement, line by line: what agrees, and what kind of break the rest is.

No tolerance. What agrees is taken first, so that a break never costs a line that agrees its
partner; of what is left a statement's references say what belongs together, and then what is the
same but in one respect. Each pass takes lines in their order: the same lines give the same breaks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from services.trading.domain.reconciliation.difference import Break, BreakKind
from services.trading.domain.reconciliation.line import Line

_UNIT_RATIOS: Final = frozenset({10, 100, 1_000, 10_000})
"""How often a unit is another: tonnes and ten thousand tonnes (万吨), kilograms, yuan and fen."""

_Key = Callable[[Line], Hashable]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of holding the two against each other."""

    agreed_count: int
    """Lines of the statement that agree with a transfer."""
    netted_count: int
    """Transfers and lines that were taken back on their own side, and so left nothing."""
    breaks: tuple[Break, ...]


@dataclass(slots=True, kw_only=True)
class _Side:
    """The lines of one side: those left, and those that agree or were explained."""

    lines: Sequence[Line]
    left: dict[int, Line] = field(init=False)
    agreed: dict[int, int] = field(default_factory=dict)
    """By its place: the place of what it agrees with on the other side."""

    def __post_init__(self) -> None:
        self.left = dict(enumerate(self.lines))

    def places(
        self, key: _Key, which: Callable[[Line], bool] | None = None
    ) -> dict[Hashable, list[int]]:
        """Return the places of lines that are left by a key, the first one last."""
        found: dict[Hashable, list[int]] = defaultdict(list)
        for place in reversed(self.left):
            line = self.left[place]
            if which is None or which(line):
                found[key(line)].append(place)
        return found

    def take(self, *places: int) -> tuple[Line, ...]:
        """Take lines away; return them."""
        return tuple(self.left.pop(place) for place in places)


@dataclass(slots=True, kw_only=True)
class _Work:
    ours: _Side
    theirs: _Side
    families: Mapping[str, str]
    netted_count: int = 0
    breaks: list[Break] = field(default_factory=list)

    def explain(self, kind: BreakKind, ours: Iterable[int], theirs: Iterable[int]) -> None:
        """Take lines of both sides away as one break."""
        self.breaks.append(
            Break(kind=kind, ours=self.ours.take(*ours), theirs=self.theirs.take(*theirs))
        )


def reconcile(ours: Sequence[Line], theirs: Sequence[Line], families: Mapping[str, str]) -> Outcome:
    """Return what of a statement agrees with the ledger, and every break with its kind.

    Args:
        ours: what the ledger moved in the statement's period on its accounts.
        theirs: the lines of the statement.
        families: what each instrument is a vintage of.
    """
    work = _Work(ours=_Side(lines=ours), theirs=_Side(lines=theirs), families=families)
    _agree(work, _whole, _whole_of_theirs, lambda line: _settled(line) and bool(line.reference))
    _agree(work, _content, _content, lambda line: _settled(line) and not line.reference)
    work.netted_count = _netted(work.ours) + _netted(work.theirs)
    _agree(work, _content, _content, _unexplained(work.ours.left.values()))
    for step in (_reversed, _twice, _by_reference, _by_content, _alone):
        step(work)
    return Outcome(
        agreed_count=len(work.theirs.agreed),
        netted_count=work.netted_count,
        breaks=tuple(sorted(work.breaks, key=lambda each: (each.day, each.id))),
    )


def _whole(line: Line) -> Hashable:
    return line.id, *line[1:5]


def _whole_of_theirs(line: Line) -> Hashable:
    return line.reference, *line[1:5]


def _content(line: Line) -> tuple[Hashable, ...]:
    """Return its account, instrument, units and day."""
    return line[1:5]


def _agree(work: _Work, of_ours: _Key, of_theirs: _Key, which: Callable[[Line], bool]) -> None:
    """Take away what is the same on both sides by a key, of lines that `which` holds for."""
    places = work.ours.places(of_ours)
    for place, line in list(work.theirs.left.items()):
        if which(line) and (there := places.get(of_theirs(line))):
            other = there.pop()
            del work.ours.left[other], work.theirs.left[place]
            work.ours.agreed[other], work.theirs.agreed[place] = place, other


def _is_partial(line: Line) -> bool:
    return line.unit_count != line.traded_count and 0 < abs(line.unit_count) < abs(
        line.traded_count
    )


def _settled(line: Line) -> bool:
    """Tell whether all was delivered: a part is no agreement, even where some transfer has it."""
    return not _is_partial(line)


def _unexplained(ours: Iterable[Line]) -> Callable[[Line], bool]:
    """Return what tells whether a line is about none of the transfers that are left, as it says."""
    left = list(ours)
    ids, contents = {line.id for line in left}, {_content(line) for line in left}

    def which(line: Line) -> bool:
        return line.reference not in ids and (_settled(line) or _agreed_to(line) not in contents)

    return which


def _agreed_to(line: Line) -> Hashable:
    return line.book, line.instrument, line.traded_count, line.day


def _netted(side: _Side) -> int:
    """Take away each line that another one of the same side takes back; return how many."""
    places = {line.id: place for place, line in side.left.items()}
    taken = 0
    for place, line in list(side.left.items()):
        target = places.get(line.reverses) if line.reverses else None
        if target in side.left and place in side.left and target is not None:
            back = side.left[target]
            if (back.book, back.instrument, -back.unit_count) == line[1:4]:
                side.take(place, target)
                taken += 2
    return taken


def _reversed(work: _Work) -> None:
    """What one side alone took back, beside what both have."""
    for side, other in ((work.theirs, work.ours), (work.ours, work.theirs)):
        places = {line.id: place for place, line in enumerate(side.lines) if place in side.agreed}
        for place, line in list(side.left.items()):
            target = places.get(line.reverses) if line.reverses else None
            if target is None:
                continue
            side.take(place)
            partner = other.lines[side.agreed[target]]
            is_theirs = side is work.theirs
            ours = (partner,) if is_theirs else (side.lines[target], line)
            theirs = (line,) if is_theirs else ()
            work.breaks.append(Break(kind=BreakKind.REVERSED, ours=ours, theirs=theirs))


def _twice(work: _Work) -> None:
    """What one side has once more, beside what agrees."""
    for place, line, first in _repeated(work.theirs, lambda line: (line.id, *_content(line))):
        _explain_twice(work, place, line, first)
    by_reference = _repeated(
        work.theirs, lambda line: (line.reference, *_content(line)) if line.reference else None
    )
    for place, line, first in by_reference:
        _explain_twice(work, place, line, first)
    for place, line, first in _repeated(work.ours, lambda line: (line.note, *_content(line))):
        del first
        work.ours.take(place)
        work.breaks.append(Break(kind=BreakKind.DUPLICATE, ours=(line,), theirs=()))


def _explain_twice(work: _Work, place: int, line: Line, first: int) -> None:
    work.theirs.take(place)
    partner = work.ours.lines[work.theirs.agreed[first]]
    work.breaks.append(Break(kind=BreakKind.DUPLICATE, ours=(partner,), theirs=(line,)))


def _repeated(side: _Side, key: _Key) -> list[tuple[int, Line, int]]:
    """Return the lines that are left and the same by a key as one that agrees, with its place."""
    if not side.left:
        return []
    # Of all that agrees few lines have the content of one that is left.
    of = {_content(line) for line in side.left.values()}
    agreed = {
        key(line): place for place in side.agreed if _content(line := side.lines[place]) in of
    }
    return [
        (place, line, agreed[found])
        for place, line in side.left.items()
        if (found := key(line)) is not None and found in agreed
    ]


def _by_reference(work: _Work) -> None:
    """Lines that name a transfer which is left: what differs says what kind it is."""
    ours = {line.id: place for place, line in work.ours.left.items()}
    together: dict[str, list[int]] = defaultdict(list)
    for place, line in work.theirs.left.items():
        if line.reference in ours:
            together[line.reference].append(place)
    for reference, places in together.items():
        mine = work.ours.lines[ours[reference]]
        lines = [work.theirs.lines[place] for place in places]
        if len(lines) > 1 and _is_split([mine], lines):
            work.explain(BreakKind.SPLIT_OR_MERGED, [ours[reference]], places)
        elif any(map(_is_partial, lines)):
            work.explain(BreakKind.PARTIAL_SETTLEMENT, [ours[reference]], places)
        else:
            # Of several the first is the transfer; the others are left for what follows.
            kind = _differing(mine, lines[0], work.families)
            work.explain(kind, [ours[reference]], places[:1])


def _differing(mine: Line, line: Line, families: Mapping[str, str]) -> BreakKind:
    """Return in which respect a line differs from the transfer that it names."""
    if mine.book != line.book:
        return BreakKind.WRONG_ACCOUNT
    if mine.instrument != line.instrument:
        same = families.get(mine.instrument) == families.get(line.instrument)
        return BreakKind.WRONG_VINTAGE if same else BreakKind.WRONG_QUANTITY
    if mine.unit_count == -line.unit_count:
        return BreakKind.SIGN
    if _is_unit(mine.unit_count, line.unit_count):
        return BreakKind.UNIT
    return BreakKind.LATE if mine.unit_count == line.unit_count else BreakKind.WRONG_QUANTITY


def _is_unit(mine: int, theirs: int) -> bool:
    if not mine or not theirs:
        return False
    ratio = Fraction(theirs, mine)
    return ratio in _UNIT_RATIOS or 1 / ratio in _UNIT_RATIOS


def _is_split(ours: Sequence[Line], theirs: Sequence[Line]) -> bool:
    whole = {(line.book, line.instrument) for line in (*ours, *theirs)}
    return len(whole) == 1 and sum(line.unit_count for line in ours) == sum(
        line.unit_count for line in theirs
    )


def _by_content(work: _Work) -> None:
    """What names nothing: the same but in one respect, the surest respect first."""

    def families(line: Line) -> Hashable:
        return work.families.get(line.instrument)

    respects: tuple[tuple[BreakKind, _Key, _Key], ...] = (
        (
            BreakKind.PARTIAL_SETTLEMENT,
            _content,
            _agreed_to,
        ),
        (
            BreakKind.SIGN,
            _content,
            lambda line: (line.book, line.instrument, -line.unit_count, line.day),
        ),
        (
            BreakKind.WRONG_VINTAGE,
            lambda line: (line.book, families(line), line.unit_count, line.day),
            lambda line: (line.book, families(line), line.unit_count, line.day),
        ),
        (
            BreakKind.WRONG_ACCOUNT,
            lambda line: (line.instrument, line.unit_count, line.day),
            lambda line: (line.instrument, line.unit_count, line.day),
        ),
    )
    for kind, of_ours, of_theirs in respects:
        _same_but(work, kind, of_ours, of_theirs)
    _of_a_day(work, _units)
    _of_a_day(work, _parts)
    _of_a_day(work, _quantities)
    # Last: the same quantity of another day may be another break's.
    _same_but(work, BreakKind.LATE, lambda line: line[1:4], lambda line: line[1:4])


def _same_but(work: _Work, kind: BreakKind, of_ours: _Key, of_theirs: _Key) -> None:
    if not work.theirs.left or not work.ours.left:
        return
    places = work.ours.places(of_ours)
    for place, line in list(work.theirs.left.items()):
        if kind is BreakKind.PARTIAL_SETTLEMENT and not _is_partial(line):
            continue
        if there := places.get(of_theirs(line)):
            work.explain(kind, [there.pop()], [place])


def _of_a_day(work: _Work, step: Callable[[_Work, list[int], list[int]], None]) -> None:
    """Take a step for the lines that are left of an account, instrument, day and direction."""

    def key(line: Line) -> Hashable:
        return line.book, line.instrument, line.day, line.unit_count > 0

    ours, theirs = work.ours.places(key), work.theirs.places(key)
    for each in sorted(ours.keys() & theirs.keys(), key=repr):
        step(work, ours[each][::-1], theirs[each][::-1])


def _units(work: _Work, ours: list[int], theirs: list[int]) -> None:
    for place in theirs:
        count = work.theirs.lines[place].unit_count
        for other in ours:
            if other in work.ours.left and _is_unit(work.ours.lines[other].unit_count, count):
                work.explain(BreakKind.UNIT, [other], [place])
                break


def _parts(work: _Work, ours: list[int], theirs: list[int]) -> None:
    """All that is left of the day together; else one line and the transfers it can be, or so."""
    mine = [work.ours.lines[place] for place in ours]
    lines = [work.theirs.lines[place] for place in theirs]
    if len(mine) != len(lines) and _is_split(mine, lines):
        work.explain(BreakKind.SPLIT_OR_MERGED, ours, theirs)


def _quantities(work: _Work, ours: list[int], theirs: list[int]) -> None:
    for other, place in zip(ours, theirs, strict=False):
        work.explain(BreakKind.WRONG_QUANTITY, [other], [place])


def _alone(work: _Work) -> None:
    for place in list(work.ours.left):
        work.explain(BreakKind.MISSING, [place], [])
    for place in list(work.theirs.left):
        work.explain(BreakKind.EXTRA, [], [place])
