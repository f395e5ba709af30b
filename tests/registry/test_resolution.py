"""How a method finds its factor: the rules, the places, and what is said where there is none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.quantity import Quantity
from services.kernel.source import Source
from services.kernel.trust import Status
from services.registry.domain.factor import Factor, FactorRole, Region, RegionLevel, Rule
from services.registry.domain.resolution import Library, Query, Resolved, Unresolved, resolve
from tests import builders
from tests.fixtures.registry import RunningRegistry
from zonecarbon.registry.v1 import factor_pb2
from zonecarbon.registry.v1 import factor_service_pb2 as pb
from zonecarbon.type.v1 import source_pb2

PROVINCE, GRID, NATION, GLOBAL = (
    factor_pb2.REGION_LEVEL_PROVINCE,
    factor_pb2.REGION_LEVEL_GRID_REGION,
    factor_pb2.REGION_LEVEL_NATION,
    factor_pb2.REGION_LEVEL_GLOBAL,
)
FOUR = [PROVINCE, GRID, NATION, GLOBAL]


class Shelf:
    """A set of factors and a method of its own, in a registry that others use too."""

    def __init__(self, registry: RunningRegistry) -> None:
        self.stub = registry.administrator.factors
        self.parent = f"factorSets/{builders.fresh('set')}"
        self.method = builders.fresh("method")
        regions = [builders.region("CN-JS", "CN-region-east")]
        self.stub.ImportFactors(pb.ImportFactorsRequest(regions=regions))

    def add(self, region_code: str, factor_id: str = "", **fields: Any) -> str:
        """Load a factor of a place; return its name."""
        name = f"{self.parent}/factors/{factor_id or region_code.lower()}"
        factor = builders.factor(name, region_code=region_code, **fields)
        self.stub.ImportFactors(pb.ImportFactorsRequest(factors=[factor]))
        return name

    def rule(self, **fields: Any) -> None:
        """Load a rule of the method."""
        rule = builders.rule(self.method, **{"factor_set": self.parent} | fields)
        self.stub.ImportFactors(pb.ImportFactorsRequest(rules=[rule]))

    def ask(self, **fields: Any) -> pb.FactorResolution:
        """Ask for one factor."""
        request = pb.ResolveFactorsRequest(queries=[builders.query(self.method, **fields)])
        (found,) = self.stub.ResolveFactors(request).resolutions
        return found


@pytest.fixture
def shelf(registry: RunningRegistry) -> Shelf:
    return Shelf(registry)


def test_the_nearest_place_that_has_a_factor_wins(shelf: Shelf) -> None:
    shelf.add("GLOBAL")
    shelf.rule(region_levels=FOUR)

    for place, level in (
        ("GLOBAL", GLOBAL),
        ("CN", NATION),
        ("CN-region-east", GRID),
        ("CN-JS", PROVINCE),
    ):
        name = shelf.add(place)
        shelf.add("CN-ZJ")
        found = shelf.ask().resolved
        assert (found.factor.name, found.region_level) == (name, level)


def test_only_the_places_of_the_rule_are_tried(shelf: Shelf) -> None:
    shelf.add("CN-JS")
    name = shelf.add("CN")
    shelf.rule(region_levels=[NATION])

    assert shelf.ask().resolved.factor.name == name


def test_the_order_of_the_places_is_the_rules(shelf: Shelf) -> None:
    shelf.add("CN-JS")
    name = shelf.add("CN")
    shelf.rule(region_levels=[NATION, PROVINCE])

    assert shelf.ask().resolved.factor.name == name


def test_a_province_without_a_known_grid_falls_to_the_nation(shelf: Shelf) -> None:
    shelf.add("CN-region-east")
    name = shelf.add("CN")
    shelf.rule(region_levels=[PROVINCE, GRID, NATION])

    assert shelf.ask(region_code="CN-XZ").resolved.factor.name == name


def test_the_answer_names_the_rule_and_the_lowest_status(shelf: Shelf) -> None:
    shelf.add("CN", source=builders.source(status=source_pb2.SOURCE_STATUS_DRAFT))
    shelf.rule(source=builders.source(status=source_pb2.SOURCE_STATUS_UNVERIFIED, note="why"))

    found = shelf.ask().resolved
    assert found.status == source_pb2.SOURCE_STATUS_UNVERIFIED
    assert (found.rule.method_id, found.rule.accounting_year) == (shelf.method, 2023)
    assert (found.rule.factor_set, found.rule.source.note) == (shelf.parent, "why")


def test_a_factor_that_merely_exists_applies_to_nothing(shelf: Shelf) -> None:
    shelf.add("CN")

    found = shelf.ask().unresolved
    assert (found.reason, list(found.candidates)) == ("FACTOR_NOT_APPLICABLE", [])


def test_another_year_is_not_applicable_and_the_years_are_named(shelf: Shelf) -> None:
    shelf.add("CN")
    for year in (2024, 2023):
        shelf.rule(accounting_year=year)

    found = shelf.ask(accounting_year=2025).unresolved
    assert (found.reason, list(found.candidates)) == ("FACTOR_NOT_APPLICABLE", ["2023", "2024"])


def test_a_place_without_a_factor_is_missing_and_the_set_is_named(shelf: Shelf) -> None:
    shelf.add("CN-ZJ")
    shelf.rule(region_levels=[PROVINCE, NATION])

    found = shelf.ask().unresolved
    assert (found.reason, list(found.candidates)) == ("FACTOR_MISSING", [shelf.parent])


def test_two_factors_of_one_place_are_a_conflict_that_names_both(shelf: Shelf) -> None:
    names = [shelf.add("CN", factor_id) for factor_id in ("a", "b")]
    shelf.rule()

    found = shelf.ask().unresolved
    assert (found.reason, list(found.candidates)) == ("FACTOR_CONFLICT", names)


def test_two_rules_for_one_thing_are_a_conflict_that_names_their_sets(
    registry: RunningRegistry, shelf: Shelf
) -> None:
    other = Shelf(registry)
    shelf.add("CN")
    other.add("CN")
    shelf.rule()
    shelf.rule(factor_set=other.parent)

    found = shelf.ask().unresolved
    assert found.reason == "FACTOR_CONFLICT"
    assert list(found.candidates) == [shelf.parent, other.parent]


def test_a_rule_for_the_very_thing_goes_before_one_for_every_thing(
    registry: RunningRegistry, shelf: Shelf
) -> None:
    general = Shelf(registry)
    general.add("CN")
    name = shelf.add("CN")
    shelf.rule(subject="*", factor_set=general.parent)
    shelf.rule(subject="electricity")

    assert shelf.ask().resolved.factor.name == name
    assert shelf.ask(subject="steam").unresolved.reason == "FACTOR_MISSING"


def test_a_corrected_factor_answers_with_its_newest_version(shelf: Shelf) -> None:
    shelf.add("CN")
    shelf.rule()
    shelf.add("CN", quantity=builders.quantity("0.6", "tCO2/MWh"))

    found = shelf.ask().resolved.factor
    assert (found.quantity.value.value, found.resource_version) == ("0.6", 2)


def test_each_query_is_answered_in_its_place(shelf: Shelf) -> None:
    shelf.add("CN")
    shelf.rule()
    years = [2023, 1999, 2023, 2050]
    queries = [builders.query(shelf.method, accounting_year=year) for year in years]

    answer = shelf.stub.ResolveFactors(pb.ResolveFactorsRequest(queries=queries))
    found = [each.WhichOneof("outcome") for each in answer.resolutions]
    assert found == ["resolved", "unresolved", "resolved", "unresolved"]
    assert answer.revision > 0


# The laws, on the rules themselves.

SOURCE = Source(title="s", status=Status.OFFICIAL)
SETS, THINGS, YEARS = ("set-a", "set-b"), ("coal", "gas"), (2023, 2024)
PLACES = ("CN-JS", "CN-ZJ", "CN-region-east", "CN-region-north", "CN", "GLOBAL")
ROLES = (FactorRole.GRID_AVERAGE, FactorRole.HEAT_DEFAULT)
REGIONS = [
    Region(
        region_code=province,
        grid_region_code=grid,
        display_name="",
        display_name_zh="",
        source=SOURCE,
    )
    for province, grid in (("CN-JS", "CN-region-east"), ("CN-ZJ", "CN-region-north"))
]


def a_factor(factor_set: str, number: int, role: FactorRole, subject: str, place: str) -> Factor:
    return Factor(
        factor_set=factor_set,
        factor=f"f{number}",
        display_name="",
        display_name_zh="",
        role=role,
        subject=subject,
        quantity=Quantity.parse("0.5", "tCO2/MWh"),
        region_code=place,
        data_start=None,
        data_end=None,
        lower=None,
        upper=None,
        source=SOURCE,
    )


pick = st.sampled_from
factors = st.builds(
    a_factor, pick(SETS), st.integers(0, 99), pick(ROLES), pick(THINGS), pick(PLACES)
)
rules = st.builds(
    Rule,
    method=pick(("m", "n")),
    accounting_year=pick(YEARS),
    role=pick(ROLES),
    subject=pick((*THINGS, "*")),
    factor_set=pick(SETS),
    region_levels=st.permutations(list(RegionLevel)).map(tuple),
    source=st.just(SOURCE),
)
some_rules, some_factors = st.lists(rules, max_size=4), st.lists(factors, max_size=8)
queries = st.builds(
    Query,
    method=st.just("m"),
    accounting_year=pick(YEARS),
    role=pick(ROLES),
    subject=pick(THINGS),
    region_code=pick(("CN-JS", "CN-ZJ", "CN-XZ")),
)


def library(of_rules: Sequence[Rule], of_factors: Sequence[Factor]) -> Library:
    by_thing = defaultdict(list)
    for each in of_factors:
        by_thing[each.factor_set, each.role, each.subject].append(each)
    grids = {region.region_code: region for region in REGIONS}
    return Library(rules=of_rules, factors=by_thing, grids=grids)


@given(query=queries, own=some_rules, held=some_factors, new=factors)
def test_a_factor_of_another_thing_or_place_never_changes_an_answer(
    query: Query, own: list[Rule], held: list[Factor], new: Factor
) -> None:
    places = {query.region_code, "CN", "GLOBAL"} | {
        region.grid_region_code for region in REGIONS if region.region_code == query.region_code
    }
    related = (new.role, new.subject) == (query.role, query.subject) and new.region_code in places
    before = resolve(query, library(own, held))

    after = resolve(query, library(own, [*held, new]))
    assert related or after == before


@given(query=queries, own=some_rules, held=some_factors, new=rules)
def test_a_rule_of_another_method_year_role_or_thing_never_changes_what_is_found(
    query: Query, own: list[Rule], held: list[Factor], new: Rule
) -> None:
    related = (
        (new.method, new.accounting_year, new.role)
        == (query.method, query.accounting_year, query.role)
    ) and new.subject in {query.subject, "*"}
    before = resolve(query, library(own, held))

    after = resolve(query, library([*own, new], held))
    if isinstance(before, Unresolved) and isinstance(after, Unresolved):
        # The years named as having rules may have become more.
        assert related or after.reason == before.reason
    else:
        assert related or after == before


@given(query=queries, own=some_rules, held=some_factors)
def test_what_is_found_is_what_a_rule_names_and_never_a_guess(
    query: Query, own: list[Rule], held: list[Factor]
) -> None:
    found = resolve(query, library(own, held))

    if isinstance(found, Resolved):
        assert found.rule in own
        assert found.factor in held
        assert found.rule.accounting_year == query.accounting_year
        assert found.factor.factor_set == found.rule.factor_set
        assert (found.factor.role, found.factor.subject) == (query.role, query.subject)
        assert found.region_level in found.rule.region_levels
    else:
        reasons = {"FACTOR_NOT_APPLICABLE", "FACTOR_MISSING", "FACTOR_CONFLICT"}
        assert found.reason in reasons


@given(query=queries, own=some_rules, held=some_factors)
def test_the_order_of_factors_does_not_matter(
    query: Query, own: list[Rule], held: list[Factor]
) -> None:
    found, other = (resolve(query, library(own, each)) for each in (held, held[::-1]))

    if isinstance(found, Unresolved) and isinstance(other, Unresolved):
        assert found.reason == other.reason
        assert sorted(found.candidates) == sorted(other.candidates)
    else:
        assert found == other
