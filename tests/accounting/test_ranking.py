"""Rankings of zones: weights, TOPSIS, percentiles, against slow and obvious computations."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounting import files
from services.accounting.domain.ranking.normalisation import Normalisation
from services.accounting.domain.ranking.percentile import rank_ratio, spread
from services.accounting.domain.ranking.ranking import Order, Plan, Table, Weighting, rank
from services.accounting.domain.ranking.topsis import closeness
from services.accounting.domain.ranking.weights import ahp, critic, entropy
from services.kernel.errors import FieldInvalid

UP = np.asarray([True, True])


def matrix(rows: Sequence[Sequence[float]]) -> Any:
    return np.asarray(rows, dtype=float)


def plan(**fields: Any) -> Plan:
    values: dict[str, Any] = {
        "weighting": Weighting.ENTROPY,
        "order": Order.WEIGHTED_SUM,
        "normalisation": Normalisation.MIN_MAX,
        "given": {},
        "comparisons": (),
        "consistency": files.consistency(),
    }
    return Plan(**values | fields)


def table(rows: Sequence[Sequence[float]], *, up: Sequence[bool] = (True, True)) -> Table:
    return Table(
        zones=[f"zones/z{index}" for index in range(len(rows))],
        indicators=["a", "b"],
        higher_is_better=up,
        values=rows,
    )


def test_a_column_with_a_zero_keeps_its_own_entropy() -> None:
    values = [[0.0, 1.0], [1.0, 1.1], [3.0, 0.9]]

    def by_hand(column: Sequence[float]) -> float:
        parts = [each / sum(column) for each in column]
        return 1 + sum(p * math.log(p) for p in parts if p) / math.log(len(column))

    spreads = [by_hand(column) for column in zip(*values, strict=True)]
    wanted = [each / sum(spreads) for each in spreads]
    assert entropy(matrix(values)) == pytest.approx(wanted)


def test_a_column_that_is_the_same_everywhere_weighs_nothing() -> None:
    values = matrix([[0.3, 1], [0.3, 2], [0.3, 4]])

    assert entropy(values).tolist() == [0.0, 1.0]
    with pytest.raises(FieldInvalid, match="tells zones apart"):
        entropy(matrix([[1, 1], [1, 1]]))


@pytest.mark.parametrize(
    ("values", "problem"), [([[1, 2]], "two zones"), ([[1, -2], [3, 4]], "0 or more")]
)
def test_values_without_an_entropy_are_refused(values: list[list[float]], problem: str) -> None:
    with pytest.raises(FieldInvalid, match=problem):
        entropy(matrix(values))


def test_critic_weighs_by_contrast_and_conflict() -> None:
    values = [[1.0, 5.0, 2.0], [2.0, 3.0, 9.0], [4.0, 4.0, 4.0], [7.0, 1.0, 6.0]]
    up = [True, False, True]

    scaled = []
    for column, better in zip(zip(*values, strict=True), up, strict=True):
        low, high = min(column), max(column)
        scaled.append([(x - low if better else high - x) / (high - low) for x in column])
    contents = [
        statistics.stdev(one) * sum(1 - statistics.correlation(one, other) for other in scaled)
        for one in scaled
    ]
    wanted = [each / sum(contents) for each in contents]

    assert critic(matrix(values), np.asarray(up)) == pytest.approx(wanted)


def test_the_same_data_rank_otherwise_by_another_normalisation() -> None:
    values = matrix([[250, 16, 12], [200, 16, 8], [300, 32, 16]])
    weights, up = np.asarray([1, 1, 1]) / 3, np.asarray([False, True, True])

    by_vector = closeness(values, weights, up, Normalisation.VECTOR)
    by_min_max = closeness(values, weights, up, Normalisation.MIN_MAX)

    assert by_vector.tolist() != pytest.approx(by_min_max.tolist())
    assert ((by_vector >= 0) & (by_vector <= 1)).all()


def test_zones_that_are_all_the_same_are_as_close_to_the_best_as_to_the_worst() -> None:
    same = closeness(matrix([[1, 2], [1, 2]]), np.asarray([0.5, 0.5]), UP, Normalisation.MIN_MAX)

    assert same.tolist() == [0.5, 0.5]


def test_comparisons_that_contradict_each_other_are_refused() -> None:
    contradictory = [[1, 9, 1 / 9], [1 / 9, 1, 9], [9, 1 / 9, 1]]
    found = ahp(matrix(contradictory), files.consistency())
    assert found.consistency_ratio is not None
    assert not found.is_consistent

    three = Table(
        zones=["zones/a", "zones/b"],
        indicators=["a", "b", "c"],
        higher_is_better=[True] * 3,
        values=[[1, 2, 3], [3, 2, 1]],
    )
    with pytest.raises(FieldInvalid, match=r"ratio below 0\.1"):
        rank(three, plan(weighting=Weighting.AHP, comparisons=contradictory))


@pytest.mark.parametrize(
    "comparisons", [[[1, 2], [2, 1]], [[1, 2]], [[1, -2], [-0.5, 1]], [[1.0] * 10] * 10]
)
def test_what_is_no_comparison_is_refused(comparisons: list[list[float]]) -> None:
    with pytest.raises(FieldInvalid):
        ahp(matrix(comparisons), files.consistency())


def test_two_things_cannot_contradict_each_other() -> None:
    found = ahp(matrix([[1, 3], [1 / 3, 1]]), files.consistency())

    assert found.weights == pytest.approx([0.75, 0.25])
    assert found.consistency_ratio is None
    assert found.is_consistent


def test_percentiles_are_told_of_five_zones_or_more() -> None:
    four, five = [1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0, 10.0]

    assert spread(four) is None
    assert rank_ratio(3.0, four) is None
    found = spread(five)
    assert found is not None
    assert (found.lower_quartile, found.median, found.upper_quartile) == (2.0, 3.0, 4.0)
    assert rank_ratio(3.0, five) == 0.5
    assert rank_ratio(1.0, [1.0, 1.0, 2.0, 3.0, 4.0]) == 0.125


def test_equal_zones_share_the_better_rank() -> None:
    found = rank(table([[1, 1], [3, 3], [3, 3], [2, 1]]), plan())

    assert [(each.zone, each.rank) for each in found.places] == [
        ("zones/z1", 1),
        ("zones/z2", 1),
        ("zones/z3", 3),
        ("zones/z0", 4),
    ]


@pytest.mark.parametrize(
    ("given_weights", "problem"),
    [({"a": 0.5, "b": 0.4}, "a sum of 0.9"), ({"a": 0.5, "c": 0.5}, "c"), ({"a": 2, "b": -1}, "2")],
)
def test_weights_that_are_none_are_refused(given_weights: dict[str, float], problem: str) -> None:
    with pytest.raises(FieldInvalid, match=r"add up to 1|" + problem):
        rank(table([[1, 2], [2, 1]]), plan(weighting=Weighting.GIVEN, given=given_weights))


def test_one_zone_is_not_ranked() -> None:
    with pytest.raises(FieldInvalid, match="two zones or more"):
        rank(table([[1, 2]]), plan())


ROWS = st.lists(
    st.tuples(*[st.integers(min_value=1, max_value=1000)] * 2), min_size=2, max_size=7
).filter(lambda rows: all(len(set(column)) > 1 for column in zip(*rows, strict=True)))


@given(ROWS, st.data(), st.sampled_from(list(Order)), st.sampled_from(list(Normalisation)))
def test_the_order_of_zones_changes_no_score(
    rows: list[tuple[int, int]], data: st.DataObject, order: Order, normalisation: Normalisation
) -> None:
    by = plan(order=order, normalisation=normalisation)
    places = data.draw(st.permutations(range(len(rows))))

    whole = {each.zone: each.score for each in rank(table(rows), by).places}
    turned = {
        f"zones/z{places[int(each.zone[7:])]}": each.score
        for each in rank(table([rows[place] for place in places]), by).places
    }

    assert turned == pytest.approx(whole)


@given(ROWS)
def test_weights_by_entropy_are_not_negative_and_add_up_to_one(rows: list[tuple[int, int]]) -> None:
    weights = rank(table(rows), plan(weighting=Weighting.ENTROPY)).weights

    assert sum(weights) == pytest.approx(1)
    assert min(weights) >= 0


def test_columns_that_agree_in_all_have_no_conflict_to_weigh() -> None:
    with pytest.raises(FieldInvalid, match="tells zones apart"):
        critic(matrix([[1, 10], [2, 20], [4, 40]]), UP)
