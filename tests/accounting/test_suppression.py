"""What a published table hides, held against the plain linear algebra of its sums."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from services.accounting import files
from services.accounting.domain.publication import suppression
from services.accounting.domain.publication.suppression import SUM, Cell, Table

RULE = files.zone_rules().suppression
ROWS, COLUMNS = "abcd", "pqr"
ENTERPRISES = [f"e{number}" for number in range(6)]
cells = st.dictionaries(
    st.tuples(st.sampled_from(ROWS), st.sampled_from(COLUMNS)),
    st.dictionaries(st.sampled_from(ENTERPRISES), st.integers(1, 100), min_size=1),
    min_size=1,
)


def follows(whole: Table, hidden: frozenset[Cell], cell: Cell) -> bool:
    """Whether a hidden cell is the only solution of what is published: the slow, obvious way.

    Every row and every column adds up to its sum; the hidden cells are the unknowns. One is known
    exactly where its unit vector lies in the row space.
    """
    unknowns = sorted(hidden)
    rows = [
        [(1 if c != SUM else -1) if r == name else 0 for r, c in unknowns]
        for name in (*whole.rows, SUM)
    ]
    columns = [
        [(1 if r != SUM else -1) if c == name else 0 for r, c in unknowns]
        for name in (*whole.columns, SUM)
    ]
    lines = [*rows, *columns]
    matrix = np.array(lines, dtype=float)
    unit = np.array([[float(each == cell) for each in unknowns]])
    rank = np.linalg.matrix_rank(matrix)
    return bool(np.linalg.matrix_rank(np.vstack([matrix, unit])) == rank)


@given(cells)
def test_no_sensitive_cell_follows_from_what_is_published(
    given_cells: dict[Cell, dict[str, int]],
) -> None:
    whole = suppression.table(given_cells)

    hidden = suppression.hidden(whole, RULE)

    sensitive = {cell for cell, each in whole.contributions.items() if RULE.is_sensitive(each)}
    assert sensitive <= hidden
    for cell in sensitive:
        # One that is all of its row, its column and the table stands in four cells, all hidden.
        assert follows(whole, hidden, cell) == suppression.is_disclosed(cell, hidden)
        if len(whole.rows) > 1 or len(whole.columns) > 1:
            assert not suppression.is_disclosed(cell, hidden)


@given(cells)
def test_what_a_line_hides_together_reveals_nobody(
    given_cells: dict[Cell, dict[str, int]],
) -> None:
    whole = suppression.table(given_cells)

    hidden = suppression.hidden(whole, RULE)

    for row in whole.rows:
        inner = [cell for cell in hidden if cell[0] == row and cell[1] != SUM]
        if inner and (row, SUM) not in hidden:
            together: dict[str, int] = {}
            for cell in inner:
                for name, value in whole.contributions[cell].items():
                    together[name] = together.get(name, 0) + value
            assert not RULE.is_sensitive(together)


@given(cells)
def test_whoever_asks_and_in_which_order_the_same_cells_are_hidden(
    given_cells: dict[Cell, dict[str, int]],
) -> None:
    backwards = dict(reversed(list(given_cells.items())))

    assert suppression.hidden(suppression.table(given_cells), RULE) == suppression.hidden(
        suppression.table(backwards), RULE
    )


MANY = {"e0": 30, "e1": 30, "e2": 30, "e3": 30}


def test_a_table_in_which_nobody_stands_out_hides_nothing() -> None:
    whole = suppression.table({(row, column): MANY for row in "ab" for column in "pq"})

    assert suppression.hidden(whole, RULE) == frozenset()


def test_a_cell_that_one_enterprise_has_nearly_all_of_is_hidden() -> None:
    assert RULE.is_sensitive({"e0": 90, "e1": 5, "e2": 5})
    assert not RULE.is_sensitive({"e0": 80, "e1": 10, "e2": 10})
    assert RULE.is_sensitive({"e0": 50, "e1": 50})
    assert not RULE.is_sensitive({})


def test_a_small_cell_is_no_cover_for_a_large_one() -> None:
    large = {"e0": 1000, "e1": 1}
    whole = suppression.table(
        {
            ("a", "p"): large,
            ("a", "q"): {"e2": 1, "e3": 1, "e4": 1},
            ("a", "r"): dict.fromkeys(("e2", "e3", "e4"), 300),
            ("b", "p"): dict.fromkeys(("e2", "e3", "e4"), 300),
            ("b", "q"): dict.fromkeys(("e2", "e3", "e4"), 300),
            ("b", "r"): dict.fromkeys(("e2", "e3", "e4"), 300),
        }
    )

    hidden = suppression.hidden(whole, RULE)

    assert {("a", "r"), ("b", "p"), ("b", "r")} <= hidden
    assert ("a", "q") not in hidden
