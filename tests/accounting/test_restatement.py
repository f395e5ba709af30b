"""Restatement in the pure domain: arithmetic against records, and causes that add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from hypothesis import event, given
from hypothesis import strategies as st

from services.accounting.domain import rollup
from services.accounting.domain.activity import Kind
from services.accounting.domain.binding import Binding, Origin
from services.accounting.domain.booking import Ratios
from services.accounting.domain.emission import NOTHING
from services.accounting.domain.knowledge import rebooking
from services.accounting.domain.knowledge.rebooking import Bound, Moved, Rebooked, Subtotals
from services.accounting.domain.knowledge.restatement import CauseKind, Comparison, Side, compare
from services.accounting.domain.line import Line
from services.accounting.domain.method import Category
from services.accounting.domain.role import Role
from services.accounting.domain.rollup import Months
from services.kernel import units
from tests.accounting import builders, typical
from tests.accounting.ledgers import MONTHS, YEAR, Ledger, found, ledger, row
from tests.accounting.library import MISSING, Figures, Own
from tests.accounting.test_laws import few, fewer, industries, reports

GRID: tuple[Role, str] = (Role.GRID_AVERAGE, "electricity")
HALF = Fraction(1, 2)


def revised(books: Ledger, chosen: st.DataObject) -> Figures:
    """Other figures for some of the published factors that the lines are made with."""
    published = {
        (factor.role, factor.subject, line.binding.method_id): factor
        for line in books.lines.values()
        if line.record_count
        for factor in line.binding.factors
        if factor.origin is Origin.PUBLISHED and factor.name
    }
    names = sorted(published)
    picked = chosen.draw(st.lists(st.sampled_from(names), unique=True) if names else st.just([]))
    times = chosen.draw(st.sampled_from([HALF, Fraction(9, 10), Fraction(3, 4)]))
    return {
        key: f"{units.written(published[key].quantity.fraction * times)} "
        f"{published[key].quantity.unit}"
        for key in picked
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Arithmetic:
    """What arithmetic on subtotals makes of the books of a method; None where it cannot."""

    rebooked: Rebooked | None

    def lines(self, before: Mapping[str, Line]) -> dict[str, Line]:
        """The lines it makes others of, by id."""
        assert self.rebooked is not None
        return {
            line_id: replace(before[line_id], **each.made(index)._asdict())
            for each in self.rebooked.rebookings
            for index, line_id in enumerate(each.lines)
        }


def arithmetic(books: Ledger, figures: Figures, method_id: str) -> Arithmetic:
    """What a change of the library comes to, from the lines alone."""
    method, who = builders.method(method_id), books.reporter.enterprise
    lines = books.current(method_id)
    keys: dict[Binding, str] = {}
    for line in lines:
        keys.setdefault(line.binding, str(len(keys)))
    moves: dict[tuple[str, Kind, str], Moved] = {}
    for line in lines:
        bound = Bound(binding=line.binding, kind=line.source.kind, region_code=who.region_code)
        need = rebooking.need(bound, method)
        move = rebooking.moved(bound, need, found([need], figures))
        if move is not None:
            moves[keys[line.binding], line.source.kind, who.region_code] = move
    columns = subtotals(who.enterprise_id, lines, keys)
    if rebooking.anew(columns, moves, who.region_code, method):
        return Arithmetic(rebooked=None)
    return Arithmetic(
        rebooked=rebooking.rebooked(
            rebooking.Ledger(
                subtotals={who.enterprise_id: columns},
                regions={who.enterprise_id: who.region_code},
                inventories={who.enterprise_id: books.inventory(method_id)},
                months={who.enterprise_id: rollup.of_lines(lines)},
                bindings={key: binding for binding, key in keys.items()},
                booked=lambda _: {line.line_id: line.booked for line in lines},
            ),
            moves,
            rebooking.Occasion(method=method, revision=books.revision + 1, registry_revision=2),
        )
    )


def subtotals(enterprise: str, lines: Sequence[Line], keys: Mapping[Binding, str]) -> Subtotals:
    return Subtotals(
        enterprise=enterprise,
        lines=[line.line_id for line in lines],
        versions=[line.version for line in lines],
        kinds=[line.source.kind for line in lines],
        bindings=[keys[line.binding] for line in lines],
        activities=Ratios.of([line.activity for line in lines]),
        months=[line.month.start.month for line in lines],
    )


@few
@given(industry=industries, data=st.data())
def test_arithmetic_on_subtotals_gives_what_the_records_give(
    industry: str, data: st.DataObject
) -> None:
    books = ledger("mill", industry, *data.draw(reports(industry)))
    figures = revised(books, data)

    posting = books.reposted(figures)

    for method_id in {method_id for _, method_id in books.inventories}:
        from_lines = arithmetic(books, figures, method_id)
        event(f"{method_id} {'from records' if from_lines.rebooked is None else 'arithmetic'}")
        if from_lines.rebooked is None:
            continue
        from_records = {
            line.line_id: line for line in posting.lines if line.binding.method_id == method_id
        }
        assert from_lines.lines(books.lines) == from_records
        inventories = [each for each in posting.inventories if each.method.method_id == method_id]
        assert list(from_lines.rebooked.inventories) == inventories
        moved = from_lines.rebooked.months.get("mill", Months())
        assert moved == posting.months.get((YEAR, method_id), Months())


@fewer
@given(industry=industries, data=st.data())
def test_what_the_library_says_again_changes_nothing(industry: str, data: st.DataObject) -> None:
    books = ledger("mill", industry, *data.draw(reports(industry)))

    posting = books.reposted({})

    assert (posting.lines, posting.inventories) == ((), ())


@fewer
@given(industry=industries, data=st.data())
def test_a_revision_that_is_taken_back_leaves_the_figures_as_they_were(
    industry: str, data: st.DataObject
) -> None:
    books = ledger("mill", industry, *data.draw(reports(industry)))
    before = {key: each.total for key, each in books.inventories.items()}

    books.keep(books.reposted(revised(books, data)))
    books.keep(books.reposted({}))

    assert {key: each.total for key, each in books.inventories.items()} == before


def adds_up(comparison: Comparison, before: Side, after: Side) -> None:
    """Causes add up to lines, and lines to the totals, in every gas and set."""
    inventory = after.inventory or before.inventory
    assert inventory is not None
    for line in comparison.lines:
        told = NOTHING
        for cause in line.causes:
            told += cause.difference
        for gwp_set in inventory.method.gwp_sets:
            moved = line.booked_after.under(gwp_set) - line.booked_before.under(gwp_set)
            assert told.under(gwp_set) == moved
        assert told.co2_g == line.booked_after.co2_g - line.booked_before.co2_g
        assert dict(told.other_mg).items() >= {
            (gas, mg) for gas, mg in line.difference.other_mg if mg
        }
    for figure in comparison.figures:
        if figure.figure != "reported.total_t":
            assert sum(grams for _, grams in figure.causes) == figure.after_g - figure.before_g
    for category in Category:
        moved_co2_g = sum(
            line.item.sign * line.difference.co2_g
            for line in comparison.lines
            if line.item.category is category
        )
        was, now = (
            each.inventory.of_category(category).co2_g if each.inventory else 0
            for each in (before, after)
        )
        assert moved_co2_g == now - was


NOTHING_KNOWN = Side(inventory=None)


@few
@given(industry=industries, data=st.data())
def test_causes_add_up_whatever_happened_in_between(industry: str, data: st.DataObject) -> None:
    books = ledger("mill", industry, *data.draw(reports(industry)))
    before = books.known()
    if data.draw(st.booleans()):
        corrected = data.draw(st.sampled_from(list(books.records.values())))
        was = corrected.accepted
        unit = data.draw(st.sampled_from([was.quantity.unit]))
        books.report(
            row(
                was.source.kind,
                f"{data.draw(st.integers(0, 500))} {unit}",
                f"{was.period.start} {was.period.end}",
                was.source.subject,
                corrects=corrected.name,
            )
        )
    books.keep(books.reposted(revised(books, data)))
    after = books.known()

    for method_id, now in after.items():
        method = builders.method(method_id)
        for was_known in (before.get(method_id, NOTHING_KNOWN), NOTHING_KNOWN):
            adds_up(compare(was_known, now, method), was_known, now)
        adds_up(compare(now, NOTHING_KNOWN, method), now, NOTHING_KNOWN)


def causes(comparison: Comparison) -> list[CauseKind]:
    return [cause.kind for line in comparison.lines for cause in line.causes]


def test_each_cause_has_its_own_difference_where_several_come_together() -> None:
    books = ledger("mill", "1713", row(what="100 MWh"))
    before = books.known()["gbt32150"]
    books.report(row(what="200 MWh", corrects=books.name()))
    books.keep(books.reposted({GRID: "0.5 tCO2/MWh"}))

    after = books.known()["gbt32150"]
    (line,) = compare(before, after, builders.method("gbt32150")).lines

    factor = before.lines[0].binding.factors[0].quantity.fraction
    assert [cause.kind for cause in line.causes] == [
        CauseKind.RECORD_CORRECTED,
        CauseKind.FACTOR_REPLACED,
    ]
    assert [cause.difference.co2_g for cause in line.causes] == [
        100 * factor * 10**6,
        200 * (HALF - factor) * 10**6,
    ]


def test_a_binding_is_of_the_kinds_whose_formula_takes_its_factors() -> None:
    """Coke as a feedstock stands in the item of materials, with a formula of the same name."""
    (line,) = ledger("mill", "3120", row(Kind.FEEDSTOCK_USED, "3 t", subject="coke")).current()

    assert line.binding.item_id == "materials"
    assert rebooking.kinds(line.binding, builders.method()) == (Kind.FEEDSTOCK_USED,)


def test_each_kind_that_a_binding_is_of_can_ask_for_its_successor() -> None:
    for case in typical.cases():
        kinds = rebooking.kinds(case.binding, case.method)

        assert case.source.kind in kinds
        for kind in kinds:
            bound = Bound(binding=case.binding, kind=kind, region_code="CN-JS")
            assert rebooking.need(bound, case.method).unit == case.unit


def test_a_factor_that_is_missing_now_is_no_arithmetic() -> None:
    books = ledger("mill", "1713", row())

    missing: Figures = {GRID: MISSING}
    from_lines = arithmetic(books, missing, "gbt32150")
    posting = books.reposted(missing)

    assert from_lines.rebooked is None
    (inventory,) = [each for each in posting.inventories if each.method.method_id == "gbt32150"]
    assert [gap.reason for gap in inventory.gaps] == ["FACTOR_MISSING"]
    assert inventory.total == NOTHING


def test_a_factor_that_is_there_at_last_fills_the_gap() -> None:
    books = ledger("mill", "1713", row(), figures={GRID: MISSING})
    missing = books.inventory("gbt32150")

    posting = books.reposted({})

    assert missing.gaps
    (filled,) = [each for each in posting.inventories if each.method.method_id == "gbt32150"]
    assert not filled.gaps
    assert filled.total.co2_g > 0


def test_a_factor_per_another_unit_is_no_arithmetic() -> None:
    books = ledger("mill", "1713", row())

    per_kwh: Figures = {GRID: "500 gCO2/kWh"}

    assert arithmetic(books, per_kwh, "gbt32150").rebooked is None
    (line,) = [
        each for each in books.reposted(per_kwh).lines if each.binding.method_id == "gbt32150"
    ]
    assert (line.activity_unit, line.booked.co2_g) == ("kWh", 50_000_000)


def test_an_own_factor_stays_when_the_library_moves() -> None:
    own = [
        Own(
            role=Role.NET_CALORIFIC_VALUE,
            subject="bituminous-coal",
            text="20 GJ(NCV)/t",
            period=builders.period(f"{MONTHS[0]}-01 {MONTHS[11]}-31"),
        )
    ]
    coal = row(Kind.FUEL_COMBUSTION, "10 t", subject="bituminous-coal")
    books = ledger("mill", "1713", coal, own=own)
    other: Figures = {(Role.NET_CALORIFIC_VALUE, "bituminous-coal"): "30 GJ(NCV)/t"}

    from_lines = arithmetic(books, other, "gbt32150")

    assert from_lines.rebooked == Rebooked()
    assert not [
        each for each in books.reposted(other).lines if each.binding.method_id == "gbt32150"
    ]
