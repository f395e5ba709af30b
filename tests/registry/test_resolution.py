"""How a method finds its factor: the rules, the places, and what is said where there is none."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.period import Period
from services.kernel.quantity import Quantity
from services.kernel.source import Source
from services.kernel.trust import Status
from services.registry import store
from services.registry.domain.custom_factor import CustomFactor, Origin
from services.registry.domain.factor import Factor, FactorRole, Region, RegionLevel, Rule
from services.registry.domain.resolution import Library, Query, Resolved, Unresolved, resolve
from services.runtime.auth import Caller, Role
from services.runtime.database import Database
from tests import builders
from tests.fixtures.registry import RunningRegistry
from tests.refusals import refused
from zonecarbon.client import Client
from zonecarbon.registry.v1 import custom_factor_pb2, factor_pb2
from zonecarbon.registry.v1 import custom_factor_service_pb2 as custom_pb
from zonecarbon.registry.v1 import factor_service_pb2 as pb
from zonecarbon.type.v1 import source_pb2

PROVINCE, GRID, NATION, GLOBAL, ENTERPRISE = (
    factor_pb2.REGION_LEVEL_PROVINCE,
    factor_pb2.REGION_LEVEL_GRID_REGION,
    factor_pb2.REGION_LEVEL_NATION,
    factor_pb2.REGION_LEVEL_GLOBAL,
    factor_pb2.REGION_LEVEL_ENTERPRISE,
)
FOUR = [PROVINCE, GRID, NATION, GLOBAL]
CUSTOM = "factorSets/custom"
YEAR = builders.period("2023-01-01", "2024-01-01")
MARCH = builders.period("2023-03-01", "2023-04-01")


class Shelf:
    """A set of factors and a method of its own, in a registry that others use too."""

    def __init__(self, registry: RunningRegistry) -> None:
        self.registry = registry
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

    def ask(self, of: Client | None = None, **fields: Any) -> pb.FactorResolution:
        """Ask for one factor, as the administrator or as `of`."""
        request = pb.ResolveFactorsRequest(queries=[builders.query(self.method, **fields)])
        stub = self.stub if of is None else of.factors
        (found,) = stub.ResolveFactors(request).resolutions
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


def test_a_place_that_no_region_lists_has_no_factor_of_the_nation(shelf: Shelf) -> None:
    shelf.add("CN-region-west")
    name = shelf.add("CN")
    shelf.rule(region_levels=[PROVINCE, GRID, NATION])

    assert shelf.ask(region_code="CN-JS").resolved.factor.name == name
    assert shelf.ask(region_code="CN-HK").unresolved.reason == "FACTOR_MISSING"


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
    assert list(found.candidates) == sorted([shelf.parent, other.parent])


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


def test_a_factor_that_several_rules_lead_to_is_answered_with_the_rule_of_each_query(
    shelf: Shelf,
) -> None:
    name = shelf.add("CN")
    years = [2024, 2023, 2024]
    for year in (2023, 2024):
        shelf.rule(accounting_year=year)
    queries = [builders.query(shelf.method, accounting_year=year) for year in years]

    answer = shelf.stub.ResolveFactors(pb.ResolveFactorsRequest(queries=queries))
    found = [each.resolved for each in answer.resolutions]
    assert [each.factor.name for each in found] == [name] * 3
    assert [each.rule.accounting_year for each in found] == years


def test_of_several_rules_the_query_may_choose_the_set(
    registry: RunningRegistry, shelf: Shelf
) -> None:
    other, third = Shelf(registry), Shelf(registry)
    names = {each.parent: each.add("CN") for each in (shelf, other, third)}
    shelf.rule()
    shelf.rule(factor_set=other.parent)
    shelf.rule(factor_set=third.parent, accounting_year=2024)

    for parent in (shelf.parent, other.parent):
        assert shelf.ask(factor_set=parent).resolved.factor.name == names[parent]
    assert shelf.ask().unresolved.reason == "FACTOR_CONFLICT"
    for parent, years in ((third.parent, ["2024"]), ("factorSets/none", [])):
        found = shelf.ask(factor_set=parent).unresolved
        assert (found.reason, list(found.candidates)) == ("FACTOR_NOT_APPLICABLE", years)


def test_a_set_is_chosen_among_the_rules_for_the_very_thing(
    registry: RunningRegistry, shelf: Shelf
) -> None:
    general = Shelf(registry)
    general.add("CN")
    name = shelf.add("CN")
    shelf.rule(subject="*", factor_set=general.parent)
    shelf.rule(subject="electricity")

    assert shelf.ask(factor_set=shelf.parent).resolved.factor.name == name
    found = shelf.ask(factor_set=general.parent).unresolved
    assert found.reason == "FACTOR_NOT_APPLICABLE"


@pytest.fixture
def works(registry: RunningRegistry) -> str:
    return registry.enterprise(registry.zone())


OWN_FIRST = [ENTERPRISE, PROVINCE, NATION]


def test_the_enterprises_own_factor_goes_before_province_and_nation(
    shelf: Shelf, works: str
) -> None:
    shelf.add("CN")
    province = shelf.add("CN-JS")
    shelf.rule(region_levels=OWN_FIRST)
    assert shelf.ask(enterprise=works, period=MARCH).resolved.factor.name == province

    own = shelf.registry.approved(works)
    found = shelf.ask(enterprise=works, period=MARCH).resolved
    assert (found.factor.name, found.region_level) == (own.name, ENTERPRISE)


def test_the_answer_shows_the_own_factor_as_methods_apply_it(shelf: Shelf, works: str) -> None:
    share = factor_pb2.FACTOR_ROLE_VOLATILE_SHARE
    own = shelf.registry.approved(
        works,
        role=share,
        subject="green-coke",
        quantity=builders.quantity("10.00", "%"),
        origin=custom_factor_pb2.CUSTOM_FACTOR_ORIGIN_MEASURED,
        evidence="report LAB-7",
        basis=custom_factor_pb2.SAMPLE_BASIS_AIR_DRIED,
        moisture_as_received=builders.quantity("8", "%"),
        moisture_air_dried=builders.quantity("0.5", "%"),
        lower_value={"value": "9.95"},
        upper_value={"value": "1.1e1"},
    )
    shelf.rule(factor_set=CUSTOM, region_levels=[ENTERPRISE], role=share, subject="*")

    found = shelf.ask(role=share, subject="green-coke", enterprise=works, period=YEAR).resolved
    factor = found.factor
    assert factor.quantity == own.applied_quantity
    assert factor.quantity.value.value == "9.246231155778894472361809045226131"
    assert factor.lower_value.value == "9.2"
    assert factor.upper_value.value == "10.17085427135678391959798994974874"
    assert (factor.role, factor.subject) == (share, "green-coke")
    assert factor.region_code == works
    assert (factor.data_start_date, factor.data_end_date) == (YEAR.start_date, YEAR.end_date)
    assert (factor.resource_version, factor.revision) == (2, own.revision)
    assert factor.create_time == own.create_time
    assert factor.source == source_pb2.Source(
        title="report LAB-7",
        status=source_pb2.SOURCE_STATUS_SECONDARY,
        confidence="measured for the enterprise; approved by a second principal",
        note="10.00 % air dried, converted to as received; moisture 8 % as received, "
        "0.5 % air dried",
    )
    assert found.status == source_pb2.SOURCE_STATUS_SECONDARY
    assert found.rule.factor_set == CUSTOM


def test_the_rules_order_holds_for_own_factors_too(shelf: Shelf, works: str) -> None:
    name = shelf.add("CN")
    shelf.registry.approved(works)
    shelf.rule(region_levels=[NATION, ENTERPRISE])

    assert shelf.ask(enterprise=works, period=MARCH).resolved.factor.name == name


def test_own_factors_are_taken_only_where_rule_and_query_name_them(
    shelf: Shelf, works: str
) -> None:
    name = shelf.add("CN")
    shelf.registry.approved(works)
    shelf.rule(region_levels=OWN_FIRST)
    shelf.rule(region_levels=[PROVINCE, NATION], accounting_year=2024)

    assert shelf.ask().resolved.factor.name == name
    assert shelf.ask(period=MARCH).resolved.factor.name == name
    closed = shelf.ask(enterprise=works, period=MARCH, accounting_year=2024).resolved
    assert closed.factor.name == name


def test_a_factor_that_is_not_active_takes_no_part(shelf: Shelf, works: str) -> None:
    shelf.rule(factor_set=CUSTOM, region_levels=[ENTERPRISE])
    admin = shelf.registry.administrator.custom_factors
    stub = shelf.registry.principal("ENTERPRISE", works).custom_factors

    def reason() -> str:
        return shelf.ask(enterprise=works, period=MARCH).unresolved.reason

    assert reason() == "FACTOR_MISSING"
    first = stub.CreateCustomFactor(builders.custom_factor(works))
    assert reason() == "FACTOR_MISSING"
    admin.RejectCustomFactor(
        custom_pb.RejectCustomFactorRequest(name=first.name, etag=first.etag, reason="no")
    )
    assert reason() == "FACTOR_MISSING"
    active = shelf.registry.approved(works)
    assert reason() == ""
    admin.RetireCustomFactor(
        custom_pb.RetireCustomFactorRequest(name=active.name, etag=active.etag, reason="no")
    )
    assert reason() == "FACTOR_MISSING"


def test_only_the_very_role_and_subject_take_part(shelf: Shelf, works: str) -> None:
    shelf.rule(factor_set=CUSTOM, region_levels=[ENTERPRISE], subject="*")
    shelf.registry.approved(works, subject="steam")
    shelf.registry.approved(works, role=factor_pb2.FACTOR_ROLE_GRID_RESIDUAL)

    assert shelf.ask(enterprise=works, period=MARCH).unresolved.reason == "FACTOR_MISSING"


@pytest.mark.parametrize("role", ["ENTERPRISE", "DESK"])
def test_a_foreign_enterprises_factor_is_never_used(shelf: Shelf, role: str) -> None:
    registry = shelf.registry
    zone, foreign_zone = registry.zone(), registry.zone()
    works, foreign = registry.enterprise(zone), registry.enterprise(foreign_zone)
    own, hidden = registry.approved(works), registry.approved(foreign)
    nation = shelf.add("CN")
    shelf.rule(region_levels=OWN_FIRST)
    asking = registry.principal(role, works if role == "ENTERPRISE" else zone)

    def name(enterprise: str, of: Client) -> str:
        return shelf.ask(of, enterprise=enterprise, period=MARCH).resolved.factor.name

    assert name(works, asking) == own.name
    assert name(foreign, asking) == nation
    assert name("enterprises/nobody", asking) == nation
    for sees_all in (registry.administrator, registry.principal("SERVICE")):
        assert name(foreign, sees_all) == hidden.name


@pytest.mark.parametrize(
    ("spans", "days"),
    [
        (["2023-03-11 2023-04-01"], ["2023-03-11"]),
        (["2023-01-01 2023-03-11"], ["2023-03-11"]),
        (["2023-03-11 2023-03-12"], ["2023-03-11", "2023-03-12"]),
        (["2023-01-01 2023-03-11", "2023-03-11 2024-01-01"], ["2023-03-11"]),
        (["2023-03-01 2023-03-11", "2023-03-20 2023-04-01"], ["2023-03-11", "2023-03-20"]),
    ],
)
def test_a_period_that_own_factors_cover_in_part_must_be_split(
    shelf: Shelf, works: str, spans: list[str], days: list[str]
) -> None:
    shelf.add("CN")
    shelf.rule(region_levels=OWN_FIRST)
    for span in spans:
        shelf.registry.approved(works, period=builders.period(*span.split()))

    found = shelf.ask(enterprise=works, period=MARCH).unresolved
    assert (found.reason, list(found.candidates)) == ("FACTOR_PERIOD_SPLIT", days)
    for start, end in itertools.pairwise(["2023-03-01", *days, "2023-04-01"]):
        part = shelf.ask(enterprise=works, period=builders.period(start, end))
        assert part.WhichOneof("outcome") == "resolved", (start, end)


@pytest.mark.parametrize("span", ["2023-03-01 2023-04-01", "2023-02-28 2023-04-02"])
def test_an_own_factor_that_covers_every_day_is_taken(shelf: Shelf, works: str, span: str) -> None:
    shelf.rule(factor_set=CUSTOM, region_levels=[ENTERPRISE])
    own = shelf.registry.approved(works, period=builders.period(*span.split()))

    assert shelf.ask(enterprise=works, period=MARCH).resolved.factor.name == own.name


@pytest.mark.parametrize("span", ["2023-02-01 2023-03-01", "2023-04-01 2023-05-01"])
def test_own_factors_of_other_days_leave_the_way_to_the_next_place(
    shelf: Shelf, works: str, span: str
) -> None:
    name = shelf.add("CN")
    shelf.rule(region_levels=OWN_FIRST)
    shelf.registry.approved(works, period=builders.period(*span.split()))

    assert shelf.ask(enterprise=works, period=MARCH).resolved.factor.name == name


def test_where_own_factors_alone_apply_their_lack_is_missing(shelf: Shelf, works: str) -> None:
    shelf.rule(factor_set=CUSTOM, region_levels=[ENTERPRISE])

    for named in ("", works):
        found = shelf.ask(enterprise=named, period=MARCH).unresolved
        assert (found.reason, list(found.candidates)) == ("FACTOR_MISSING", [CUSTOM])


def test_nothing_is_published_in_the_set_of_own_factors(shelf: Shelf) -> None:
    factor = builders.factor(f"{CUSTOM}/factors/f")
    told = refused(shelf.stub.ImportFactors, pb.ImportFactorsRequest(factors=[factor]))
    assert (told.reason, told.fields) == ("FIELD_INVALID", ["factors[0].name"])

    for levels in ([NATION], [ENTERPRISE, NATION]):
        rule = builders.rule(shelf.method, CUSTOM, region_levels=levels)
        told = refused(shelf.stub.ImportFactors, pb.ImportFactorsRequest(rules=[rule]))
        assert (told.reason, told.fields) == ("FIELD_INVALID", ["rules[0].region_levels"])


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"enterprise": "enterprises/e"}, "FIELD_REQUIRED", "period"),
        ({"enterprise": "e", "period": MARCH}, "NAME_INVALID", "enterprise"),
        ({"factor_set": "cn-grid-2021"}, "NAME_INVALID", "factor_set"),
        ({"period": builders.period("2023-04-01", "2023-03-01")}, "PERIOD_INVALID", "period"),
    ],
)
def test_a_query_that_cannot_be_asked_is_refused_where_it_stands(
    shelf: Shelf, fields: dict[str, Any], reason: str, field: str
) -> None:
    asked = [builders.query(shelf.method), builders.query(shelf.method, **fields)]

    told = refused(shelf.stub.ResolveFactors, pb.ResolveFactorsRequest(queries=asked))
    assert (told.code, told.reason) == ("INVALID_ARGUMENT", reason)
    assert told.fields == [f"queries[1].{field}"]


def test_a_thousand_queries_cost_no_more_statements_than_one(shelf: Shelf) -> None:
    registry, zone = shelf.registry, shelf.registry.zone()
    many = [registry.enterprise(zone) for _ in range(5)]
    own = [registry.approved(works) for works in many]
    shelf.add("CN")
    shelf.rule(region_levels=OWN_FIRST)
    asked = [
        Query(
            method=shelf.method,
            accounting_year=2023,
            role=FactorRole.GRID_AVERAGE,
            subject="electricity",
            region_code="CN-JS",
            enterprise=works.removeprefix("enterprises/"),
            period=Period.month(2023, 1 + number % 12),
        )
        for number, works in zip(range(1000), itertools.cycle(many), strict=False)
    ]
    database = Database.of(registry.settings, "registry")

    def statements(queries: Sequence[Query]) -> tuple[int, list[str]]:
        seen: list[str] = []
        caller = Caller(name="principals/p", role=Role.SERVICE)
        with database.read() as connection:
            sa.event.listen(
                connection, "before_cursor_execute", lambda *all_: seen.append(str(all_[2]))
            )
            library, _ = store.factors.library(connection, queries, caller)
        found = [resolve(query, library) for query in queries]
        return len(seen), [each.factor.name for each in found if isinstance(each, Resolved)]

    one, thousand = statements(asked[:1]), statements(asked)
    database.close()
    assert thousand[0] == one[0] > 0
    assert thousand[1] == [each.name for each, _ in zip(itertools.cycle(own), asked, strict=False)]


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


WORKS = ("chp", "steel")
FIRST = date(2023, 1, 1).toordinal()


def days(length: int) -> st.SearchStrategy[Period]:
    """Periods inside the first `length` days of 2023, so that they meet often."""
    return st.tuples(st.integers(0, length - 1), st.integers(1, length)).map(
        lambda span: Period(
            start=date.fromordinal(FIRST + span[0]), end=date.fromordinal(FIRST + sum(span))
        )
    )


def an_own_factor(
    enterprise: str, number: int, role: FactorRole, subject: str, period: Period
) -> CustomFactor:
    return CustomFactor(
        enterprise=enterprise,
        custom_factor=f"own-{number}",
        role=role,
        subject=subject,
        quantity=Quantity.parse("0.4", "tCO2/MWh"),
        period=period,
        origin=Origin.SUPPLIER,
        evidence="letter",
    )


def apart(factors: list[CustomFactor]) -> list[CustomFactor]:
    """Those that may be active at once: of one enterprise, role and subject none shares a day."""
    kept: list[CustomFactor] = []
    for each in factors:
        same = [
            other
            for other in kept
            if (other.enterprise, other.role, other.subject)
            == (each.enterprise, each.role, each.subject)
        ]
        if not any(other.period.overlaps(each.period) for other in same):
            kept.append(each)
    return kept


pick = st.sampled_from
own_factors = st.lists(
    st.builds(an_own_factor, pick(WORKS), st.integers(0, 99), pick(ROLES), pick(THINGS), days(12)),
    max_size=12,
).map(apart)
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
    factor_set=pick(("", *SETS)),
    enterprise=pick(("", *WORKS)),
    period=days(12),
)


def library(
    of_rules: Sequence[Rule], of_factors: Sequence[Factor], own: Sequence[CustomFactor] = ()
) -> Library:
    related, by_thing, of_enterprise = defaultdict(list), defaultdict(list), defaultdict(list)
    for rule in of_rules:
        related[rule.method, rule.role, rule.subject].append(rule)
    for each in of_factors:
        by_thing[each.factor_set, each.role, each.subject].append(each)
    for factor in own:
        of_enterprise[factor.enterprise, factor.role, factor.subject].append(factor)
    return Library(
        rules=related,
        factors=by_thing,
        grids={region.region_code: region for region in REGIONS},
        custom_factors=of_enterprise,
    )


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


@given(query=queries, own=some_rules, held=some_factors, proposed=own_factors)
def test_what_is_found_is_what_a_rule_names_and_never_a_guess(
    query: Query, own: list[Rule], held: list[Factor], proposed: list[CustomFactor]
) -> None:
    found = resolve(query, library(own, held, proposed))

    if isinstance(found, Resolved):
        assert found.rule in own
        assert found.rule.accounting_year == query.accounting_year
        assert query.factor_set in {"", found.rule.factor_set}
        assert (found.factor.role, found.factor.subject) == (query.role, query.subject)
        assert found.region_level in found.rule.region_levels
        is_own = isinstance(found.factor, CustomFactor)
        assert is_own == (found.region_level is RegionLevel.ENTERPRISE)
        if isinstance(found.factor, Factor):
            assert found.factor in held
            assert found.factor.factor_set == found.rule.factor_set
    else:
        assert found.reason in {
            "FACTOR_NOT_APPLICABLE",
            "FACTOR_MISSING",
            "FACTOR_CONFLICT",
            "FACTOR_PERIOD_SPLIT",
        }


# Rules that admit own factors, so that the laws about them meet one in most examples.
own_rule = st.builds(
    Rule,
    method=st.just("m"),
    accounting_year=st.just(2023),
    role=st.just(ROLES[0]),
    subject=st.just("*"),
    factor_set=st.just("set-a"),
    region_levels=pick(((RegionLevel.ENTERPRISE,), (RegionLevel.ENTERPRISE, RegionLevel.NATION))),
    source=st.just(SOURCE),
)
own_queries = st.builds(
    Query,
    method=st.just("m"),
    accounting_year=st.just(2023),
    role=st.just(ROLES[0]),
    subject=st.just("coal"),
    region_code=st.just("CN-JS"),
    enterprise=st.just("chp"),
    period=days(12),
)
OF_NATION = [a_factor("set-a", 0, ROLES[0], "coal", "CN")]


@given(query=own_queries, rule=own_rule, active=own_factors)
def test_an_own_factor_is_never_found_for_a_day_it_does_not_cover(
    query: Query, rule: Rule, active: list[CustomFactor]
) -> None:
    found = resolve(query, library([rule], OF_NATION, active))
    assert query.period is not None

    own = [each for each in active if each.enterprise == "chp" and each.role is ROLES[0]]
    own = [each for each in own if each.subject == "coal"]
    if isinstance(found, Resolved) and isinstance(found.factor, CustomFactor):
        assert found.factor in own
        assert found.factor.period.common_days(query.period) == query.period.days
    # And none that covers all days is passed over.
    days = query.period.days
    covering = [each for each in own if each.period.common_days(query.period) == days]
    assert covering == (
        [found.factor]
        if isinstance(found, Resolved) and found.region_level is RegionLevel.ENTERPRISE
        else []
    )


@given(query=own_queries, rule=own_rule, active=own_factors)
def test_a_period_split_where_it_is_said_needs_no_further_split(
    query: Query, rule: Rule, active: list[CustomFactor]
) -> None:
    shelves = library([rule], OF_NATION, active)
    found = resolve(query, shelves)
    assert query.period is not None

    if isinstance(found, Unresolved) and found.reason == "FACTOR_PERIOD_SPLIT":
        inside = [date.fromisoformat(day) for day in found.candidates]
        assert inside == sorted(set(inside))
        assert all(query.period.start < day < query.period.end for day in inside)
        found_parts = []
        for start, end in itertools.pairwise([query.period.start, *inside, query.period.end]):
            part = resolve(replace(query, period=Period(start=start, end=end)), shelves)
            assert not isinstance(part, Unresolved) or part.reason == "FACTOR_MISSING"
            found_parts.append(part)
        # Each named day is needed: what applies before it is not what applies from it on.
        assert all(before != after for before, after in itertools.pairwise(found_parts))


@given(query=own_queries, rule=own_rule, active=own_factors)
def test_a_factor_of_another_enterprise_never_changes_an_answer(
    query: Query, rule: Rule, active: list[CustomFactor]
) -> None:
    own = [each for each in active if each.enterprise == query.enterprise]

    assert resolve(query, library([rule], OF_NATION, active)) == resolve(
        query, library([rule], OF_NATION, own)
    )


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
