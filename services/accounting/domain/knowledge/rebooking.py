"""Rebooking: other factors for the same activity. Arithmetic on the subtotals that lines hold.

Emissions are linear in activity, so what a revision of factors makes of a line follows from its
exact activity alone, and no record is read again. Where a revision changes more than figures, the
books are computed anew from their records instead, see `posting.repost`; both give the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import TypeVar

from services.accounting.domain import inventory, rollup
from services.accounting.domain.activity import Kind
from services.accounting.domain.binding import (
    Binding,
    BoundFactor,
    Found,
    Lacking,
    Need,
    Origin,
    Query,
    activity_unit,
    bind,
)
from services.accounting.domain.booking import Booking, Ratios, book_ratios
from services.accounting.domain.emission import NOTHING, Booked, per_unit
from services.accounting.domain.formula import Formula
from services.accounting.domain.inventory import Edition, Inventory, MadeFrom
from services.accounting.domain.line import Made
from services.accounting.domain.method import Method, Term
from services.accounting.domain.rollup import Months
from services.kernel import trust

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebooking:
    """The lines of an inventory that take a binding, in columns of equal length."""

    enterprise: str
    """The id of the enterprise."""
    binding: Binding
    registry_revision: int
    """At which it was found."""
    lines: Sequence[str]
    """Ids of lines."""
    versions: Sequence[int]
    """The version that each becomes."""
    booking: Booking
    revision: int

    def made(self, index: int) -> Made:
        """Return how the line that stands at `index` is made now."""
        return Made(
            binding=self.binding,
            registry_revision=self.registry_revision,
            booked=self.booking.row(index),
            version=self.versions[index],
            revision=self.revision,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A binding as activity of a kind has it, in a place: what lines share that move together."""

    binding: Binding
    kind: Kind
    region_code: str
    """The province of the emitter."""


def need(bound: Bound, method: Method) -> Need:
    """Return what must be asked to find the binding that takes the place of `bound`.

    The emitter's own figures in it stay: they are not what the library has.
    """
    binding = bound.binding
    term = _term(bound, method)
    return Need(
        method=method,
        term=term,
        subject=binding.subject,
        unit=activity_unit(term.formula(binding.formula_id), binding),
        accounting_year=binding.accounting_year,
        region_code=bound.region_code,
        gwp_sets=binding.gwp_sets,
        kept=tuple(
            each for each in binding.factors if each.origin is not Origin.PUBLISHED or not each.name
        ),
    )


def published(bound: Bound, need: Need) -> Iterator[tuple[BoundFactor, Query]]:
    """Yield each published factor of a binding, and what must be asked to find its successor."""
    binding = bound.binding
    for factor in binding.factors:
        if factor.slot in need.asked:
            yield factor, need.asked[factor.slot]
    formula = need.term.formula(binding.formula_id)
    for each in binding.potentials:
        yield each.factor, need.potential(each.gwp_set, each.gas, formula)


def kinds(binding: Binding, method: Method) -> tuple[Kind, ...]:
    """Return the kinds of activity that can have `binding`."""
    return tuple(
        dict.fromkeys(
            term.kind
            for term in method.terms
            if term.item.item_id == binding.item_id
            and term.takes(binding.subject)
            and any(_has_made(each, binding) for each in term.formulas)
        )
    )


def _has_made(formula: Formula, binding: Binding) -> bool:
    """Tell whether a formula takes the very factors of `binding`: another may share its id."""
    known = binding.known.figures.keys()
    slots = [slot for chain in formula.taken(binding.subject, known) for slot in chain.slots()]
    needed = {slot.of(binding.subject) for slot in slots if not slot.optional}
    return formula.formula_id == binding.formula_id and (
        needed <= known <= {slot.of(binding.subject) for slot in slots}
    )


def _term(bound: Bound, method: Method) -> Term:
    return next(
        term
        for term in method.terms_of(bound.kind, bound.binding.subject)
        if term.item.item_id == bound.binding.item_id
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What a binding becomes."""

    binding: Binding | None
    """None where no arithmetic leads there: a factor lacks now, or is per another unit."""


def moved(bound: Bound, need: Need, found: Found) -> Moved | None:
    """Return what becomes of `bound` by the answers to its need; None where it stays."""
    binding = bound.binding
    new = bind(need, found, year_field="period")
    if isinstance(new, Lacking):
        return Moved(binding=None)
    if new == binding:
        return None
    units = {activity_unit(need.term.formula(each.formula_id), each) for each in (binding, new)}
    return Moved(binding=new if len(units) == 1 else None)


@dataclass(slots=True, kw_only=True)
class Subtotals:
    """The lines of an inventory that have records, in columns of equal length.

    A large zone has half a million of them, and no record is needed to restate one.
    """

    enterprise: str
    """The id of the enterprise."""
    lines: list[str]
    versions: list[int]
    kinds: list[Kind]
    bindings: list[str]
    """Keys under which the bindings are known."""
    activities: Ratios
    """Exact, in the unit of the binding."""
    months: list[int]
    """From 1 to 12."""

    def months_of(self, lines: Sequence[str]) -> Sequence[int]:
        """Return the months of some of the lines, in their order."""
        if len(lines) == len(self.lines):
            return self.months
        months = dict(zip(self.lines, self.months, strict=True))
        return [months[line_id] for line_id in lines]

    @property
    def pairs(self) -> set[tuple[str, Kind]]:
        """The bindings, each with the kind of activity that has it."""
        return set(zip(self.bindings, self.kinds, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """By which method, and at which revisions, a rebooking is made."""

    method: Method
    revision: int
    registry_revision: int


Moves = Mapping[tuple[str, Kind, str], Moved]
"""What becomes of a binding, by its key, of activity of a kind in a province."""


def anew(subtotals: Subtotals, moves: Moves, region_code: str, method: Method) -> bool:
    """Tell whether an inventory must be computed from its records.

    So it is where a factor lacks now or is per another unit, where a guide rounds in stages or
    tells items by facility, and where green power is claimed: what these say depends on more than
    the sum of lines.
    """
    if method.reporting is not None or any(each.by_facility for each in method.items.values()):
        return True
    if Kind.GREEN_POWER_CLAIMED in subtotals.kinds:
        return True
    return any(
        (move := moves.get((key, kind, region_code))) is not None and move.binding is None
        for key, kind in subtotals.pairs
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebooked:
    """New versions of the inventories of a year by a method, and of the lines they add up."""

    rebookings: tuple[Rebooking, ...] = ()
    inventories: tuple[Inventory, ...] = ()
    months: Mapping[str, Months] = field(default_factory=dict)
    """What the months of the year differ by, by enterprise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The books of a year by a method, of the enterprises whose factors are others now."""

    subtotals: Mapping[str, Subtotals]
    """Of the current lines, by enterprise."""
    regions: Mapping[str, str]
    """The province of each enterprise."""
    inventories: Mapping[str, Inventory]
    """The current ones, by enterprise."""
    months: Mapping[str, Months]
    """The current ones, by enterprise."""
    bindings: Mapping[str, Binding]
    """By key."""
    booked: Callable[[str], Mapping[str, Booked]]
    """Reads what is booked of an enterprise's lines, by line; asked only where some lines of an
    item move and others stay."""

    def without(self, enterprises: Collection[str]) -> Ledger:
        """Return the books of all but some enterprises."""
        kept = {who: each for who, each in self.subtotals.items() if who not in enterprises}
        return replace(self, subtotals=kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moving:
    """Lines of an enterprise that take the same binding."""

    subtotals: Subtotals
    places: Sequence[int]

    def of(self, column: Sequence[_T]) -> Sequence[_T]:
        """Return what stands of them in a column of the subtotals."""
        whole = len(self.places) == len(column)
        return column if whole else [column[place] for place in self.places]


def rebooked(ledger: Ledger, moves: Moves, occasion: Occasion) -> Rebooked:
    """Return what `moves` make of a ledger: new versions of what they touch and of nothing else.

    Raises:
        FieldInvalid: a line or a total is beyond the bound of the books.
    """
    moving: defaultdict[Binding, list[_Moving]] = defaultdict(list)
    for enterprise, subtotals in ledger.subtotals.items():
        for binding, places in _places(subtotals, moves, ledger.regions[enterprise]).items():
            moving[binding].append(_Moving(subtotals=subtotals, places=places))
    rebookings = tuple(
        each for binding, lines in moving.items() for each in _rebookings(binding, lines, occasion)
    )
    made: defaultdict[str, list[Rebooking]] = defaultdict(list)
    for each in rebookings:
        made[each.enterprise].append(each)
    changes = [_change(of_enterprise, ledger) for of_enterprise in made.values()]
    return Rebooked(
        rebookings=rebookings,
        inventories=tuple(_inventory(each, ledger, occasion) for each in changes),
        months={each.enterprise: _months(each, ledger) for each in changes},
    )


def _places(subtotals: Subtotals, moves: Moves, region_code: str) -> dict[Binding, Sequence[int]]:
    """Return where the lines stand that move, by the binding that they take."""
    pairs = subtotals.pairs
    taken: dict[Binding, set[tuple[str, Kind]]] = {}
    for key, kind in pairs:
        if (move := moves.get((key, kind, region_code))) is not None:
            assert move.binding is not None, "the others are computed from records"
            taken.setdefault(move.binding, set()).add((key, kind))
    every = range(len(subtotals.lines))
    return {
        binding: every
        if moving == pairs
        else [i for i in every if (subtotals.bindings[i], subtotals.kinds[i]) in moving]
        for binding, moving in taken.items()
    }


def _rebookings(
    binding: Binding, moving: Sequence[_Moving], occasion: Occasion
) -> Iterator[Rebooking]:
    """Yield what lines become that take a binding, enterprise by enterprise.

    All are booked at once, each the exact product of activity and coefficient, rounded once.
    """
    method, first = occasion.method, moving[0]
    kind = first.subtotals.kinds[first.places[0]]
    term = _term(Bound(binding=binding, kind=kind, region_code=""), method)
    booking = book_ratios(
        _activities(moving),
        per_unit(term.formula(binding.formula_id), binding),
        method.rounding,
    )
    start = 0
    for each in moving:
        end = start + len(each.places)
        yield Rebooking(
            enterprise=each.subtotals.enterprise,
            binding=binding,
            registry_revision=occasion.registry_revision,
            lines=each.of(each.subtotals.lines),
            versions=[version + 1 for version in each.of(each.subtotals.versions)],
            booking=booking.part(start, end),
            revision=occasion.revision,
        )
        start = end


def _activities(moving: Sequence[_Moving]) -> Ratios:
    """Return the activities of the lines that move, one after the other."""
    numerators: list[int] = []
    denominators: list[int] = []
    for each in moving:
        activities = each.subtotals.activities
        numerators += each.of(activities.numerators)
        denominators += each.of(activities.denominators)
    return Ratios(numerators, denominators)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """What of an enterprise's lines takes another binding, and what stays."""

    enterprise: str
    items: AbstractSet[str]
    """Of which lines move."""
    made: Sequence[Rebooking]
    staying: AbstractSet[str]
    """The keys of the bindings that lines keep."""
    beside: Sequence[tuple[str, int, Booked]]
    """The lines of these items that stay: item, month and what is booked."""
    subtotals: Subtotals


def _change(made: Sequence[Rebooking], ledger: Ledger) -> _Change:
    enterprise = made[0].enterprise
    subtotals = ledger.subtotals[enterprise]
    items = {each.binding.item_id for each in made}
    staying = _staying(made, subtotals)
    shared = [
        (place, item_id)
        for place in staying
        if (item_id := ledger.bindings[subtotals.bindings[place]].item_id) in items
    ]
    booked = ledger.booked(enterprise) if shared else {}
    return _Change(
        enterprise=enterprise,
        items=items,
        made=made,
        staying={subtotals.bindings[place] for place in staying},
        beside=[
            (item_id, subtotals.months[place], booked[subtotals.lines[place]])
            for place, item_id in shared
        ],
        subtotals=subtotals,
    )


def _staying(made: Sequence[Rebooking], subtotals: Subtotals) -> Sequence[int]:
    """Return where the lines stand that keep their binding."""
    if sum(len(each.lines) for each in made) == len(subtotals.lines):
        return ()
    moved_lines = {line_id for each in made for line_id in each.lines}
    return [place for place, line_id in enumerate(subtotals.lines) if line_id not in moved_lines]


def _inventory(change: _Change, ledger: Ledger, occasion: Occasion) -> Inventory:
    """Return the next version of an inventory of which lines move."""
    before = ledger.inventories[change.enterprise]
    kept = (ledger.bindings[key] for key in change.staying)
    bindings = (*(each.binding for each in change.made), *kept)
    return inventory.rebooked(
        before,
        _items(change, before),
        MadeFrom(
            status=trust.lowest(trust.Status.OFFICIAL, *(each.status for each in bindings)),
            registry_revision=occasion.registry_revision,
        ),
        Edition(
            accounting_year=before.accounting_year,
            version=before.version + 1,
            revision=occasion.revision,
        ),
    )


def _items(change: _Change, before: Inventory) -> dict[tuple[str, str], Booked]:
    """Return what is booked by item and facility once lines are rebooked."""
    found = {
        (each.item_id, each.facility): each.booked
        for each in before.items
        if each.item_id not in change.items
    }
    found |= dict.fromkeys(((item_id, "") for item_id in change.items), NOTHING)
    for each in change.made:
        found[each.binding.item_id, ""] += each.booking.total()
    for item_id, _, booked in change.beside:
        found[item_id, ""] += booked
    return found


def _months(change: _Change, ledger: Ledger) -> Months:
    """Return what the months differ by once lines are rebooked."""
    made = rollup.Sum()
    for each in change.made:
        made.booking(each.binding.item_id, change.subtotals.months_of(each.lines), each.booking)
    for item_id, month, booked in change.beside:
        made.booked(item_id, month, booked)
    return made.months() - ledger.months[change.enterprise].of(change.items)
