"""Cells of a published table that are hidden, since they would reveal one enterprise.

A cell is sensitive where too few enterprises are in it, or one of them has nearly all of it
(primary suppression). Sums of rows and columns are published with it, so a hidden cell must not
follow from the others by subtraction: more cells are hidden (complementary suppression).

The rows and columns, with one more of each for the sums, are the vertices of a graph, and each
hidden cell is an edge between its row and its column. What the published cells say of the hidden
ones is one sum for each vertex. A hidden cell therefore follows by subtraction exactly where its
edge is a bridge; on a circle of hidden cells, a figure can go round with either sign and no sum
moves. So each sensitive cell is given a circle, the cheapest that hides least; what all hidden
cells of a line add up to can be computed as well and must not be sensitive either.

Source: ESSNet SDC, Handbook on Statistical Disclosure Control (2010), chapter 4 (from memory,
unverified).
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from services.kernel.source import Source

SUM: Final = ""
"""The row of all rows, and the column of all columns."""

Cell = tuple[str, str]
"""Row and column."""
Contributions = Mapping[str, int]
"""What each enterprise has of a cell; of either sign, and how much it is says who stands out."""
_Vertex = tuple[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionRule:
    """When a cell reveals an enterprise."""

    least_contributor_count: int
    largest_share_ratio: float
    """The largest may have so much of a cell."""
    protection_ratio: float
    """A cell that hides another one has so much of its value at the least."""
    source: Source

    def is_sensitive(self, contributions: Contributions) -> bool:
        """Tell whether a cell of these would reveal one enterprise; nothing reveals nobody."""
        given = [abs(each) for each in contributions.values() if each]
        if not given:
            return False
        too_few = len(given) < self.least_contributor_count
        return too_few or max(given) > self.largest_share_ratio * sum(given)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with its sums: what each enterprise has of each cell."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    contributions: Mapping[Cell, Contributions]
    """Of cells that anybody is in, sums too."""

    def value(self, cell: Cell) -> int:
        """Return what a cell adds up to."""
        return sum(self.contributions.get(cell, {}).values())

    def weight(self, cell: Cell) -> int:
        """Return what a cell adds up to without signs."""
        return sum(map(abs, self.contributions.get(cell, {}).values()))


def table(cells: Mapping[Cell, Contributions]) -> Table:
    """Return the table of these cells with the sums of its rows and columns."""
    sums: defaultdict[Cell, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for (row, column), contributions in cells.items():
        for name, value in contributions.items():
            for cell in ((row, column), (row, SUM), (SUM, column), (SUM, SUM)):
                sums[cell][name] += value
    return Table(
        rows=tuple(sorted({row for row, _ in cells})),
        columns=tuple(sorted({column for _, column in cells})),
        contributions={cell: dict(each) for cell, each in sums.items()},
    )


def hidden(whole: Table, rule: SuppressionRule) -> frozenset[Cell]:
    """Return the cells, sums too, that are not published.

    >>> from services.kernel.trust import Status
    >>> rule = SuppressionRule(
    ...     least_contributor_count=2,
    ...     largest_share_ratio=1.0,
    ...     protection_ratio=0.1,
    ...     source=Source(title="an example", status=Status.UNVERIFIED),
    ... )
    >>> two = {"x": 5, "y": 5}
    >>> cells = {("a", "p"): {"x": 9}, ("a", "q"): two, ("b", "p"): two, ("b", "q"): two}
    >>> sorted(hidden(table(cells), rule))
    [('a', 'p'), ('a', 'q'), ('b', 'p'), ('b', 'q')]
    """
    taken = {cell for cell, each in whole.contributions.items() if rule.is_sensitive(each)}
    settled = False
    while not settled:
        size = len(taken)
        for cell in sorted(taken, key=lambda cell: (-whole.weight(cell), cell)):
            if is_disclosed(cell, taken):
                taken |= _circle(whole, cell, taken, rule)
        for vertex in sorted(_vertices(taken)):
            taken |= _more(whole, vertex, taken, rule)
        settled = len(taken) == size
    return frozenset(taken)


def is_disclosed(cell: Cell, taken: Iterable[Cell]) -> bool:
    """Tell whether a hidden cell follows from what is published: whether its edge is a bridge."""
    others = {each for each in taken if each != cell}
    (begin, end) = _ends(cell)
    reached, waiting = {begin}, [begin]
    while waiting:
        vertex = waiting.pop()
        for each in others:
            if vertex in (ends := _ends(each)):
                (other,) = (ends[0],) if ends[1] == vertex else (ends[1],)
                if other not in reached:
                    reached.add(other)
                    waiting.append(other)
    return end not in reached


def _ends(cell: Cell) -> tuple[_Vertex, _Vertex]:
    return (0, cell[0]), (1, cell[1])


def _vertices(taken: Iterable[Cell]) -> set[_Vertex]:
    return {vertex for cell in taken for vertex in _ends(cell)}


def _circle(whole: Table, cell: Cell, taken: set[Cell], rule: SuppressionRule) -> set[Cell]:
    """Return what to hide besides, so that `cell` lies on a circle: the cheapest there is.

    What is hidden already costs nothing, a cell what it is worth, and a sum, which everybody looks
    for, more than all cells. Where every circle needs a cell that is too small, a small one is
    taken rather than none. Nothing where the table has no circle through the cell.
    """
    least = rule.protection_ratio * whole.weight(cell)
    for at_least in (least, 0.0):
        path = _path(whole, cell, taken, at_least)
        if path is not None:
            return path
    return set()


def _path(whole: Table, cell: Cell, taken: set[Cell], at_least: float) -> set[Cell] | None:
    """Return the cells of the cheapest path from the cell's row to its column without it."""
    begin, end = _ends(cell)
    edges: defaultdict[_Vertex, list[tuple[_Vertex, Cell]]] = defaultdict(list)
    for other in whole.contributions:
        weight = whole.weight(other)
        if other != cell and weight and weight >= at_least:
            one, two = _ends(other)
            edges[one].append((two, other))
            edges[two].append((one, other))
    above_all = whole.weight((SUM, SUM)) + 1
    queue: list[tuple[int, _Vertex, tuple[Cell, ...]]] = [(0, begin, ())]
    done: set[_Vertex] = set()
    while queue:
        cost, vertex, path = heapq.heappop(queue)
        if vertex == end:
            return set(path)
        if vertex in done:
            continue
        done.add(vertex)
        for neighbour, through in edges[vertex]:
            added = 0 if through in taken else whole.weight(through)
            if added and SUM in through:
                added += above_all
            heapq.heappush(queue, (cost + added, neighbour, (*path, through)))
    return None


def _more(whole: Table, vertex: _Vertex, taken: set[Cell], rule: SuppressionRule) -> set[Cell]:
    """Return one more cell of a line to hide, where all that it hides would reveal somebody."""
    place, name = vertex
    line = [cell for cell in whole.contributions if cell[place] == name]
    inner = {cell for cell in line if cell in taken and cell[1 - place] != SUM}
    total = (name, SUM) if place == 0 else (SUM, name)
    if not inner or total in taken or not rule.is_sensitive(_together(whole, inner)):
        return set()
    rest = [cell for cell in line if cell not in inner and cell != total and whole.weight(cell)]
    return {min(rest, key=lambda cell: (whole.weight(cell), cell), default=total)}


def _together(whole: Table, cells: Iterable[Cell]) -> Contributions:
    sums: defaultdict[str, int] = defaultdict(int)
    for cell in cells:
        for name, value in whole.contributions[cell].items():
            sums[name] += value
    return sums
