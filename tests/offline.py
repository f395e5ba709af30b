"""Books without a server: the shipped library and the product's own domain, nothing between."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from services.accounting import files
from services.accounting.domain import inventory as inventories
from services.accounting.domain import line as lines
from services.accounting.domain.activity import EmissionSource, Kind
from services.accounting.domain.binding import (
    Binding,
    BoundFactor,
    Need,
    Origin,
    Query,
    Unresolved,
    bind,
)
from services.accounting.domain.enterprise import Enterprise, Label
from services.accounting.domain.inventory import Edition, Inventory
from services.accounting.domain.line import Entry, Grain, Line, Stamp
from services.accounting.domain.method import Method
from services.accounting.domain.need import Reporter, needs
from services.accounting.domain.role import Role
from services.kernel.period import Period
from services.kernel.quantity import Quantity
from services.registry.domain import custom_factor as custom
from services.registry.domain import resolution
from services.registry.domain.custom_factor import CustomFactor
from services.registry.domain.factor import FactorRole
from services.registry.domain.resolution import Library, Resolved
from tests.golden.shelf import shelf

DATA = Path(__file__).parents[1] / "services" / "registry" / "data"
EMITTER = "works"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What was done in January, and the emitter's own approved figures for it."""

    kind: Kind
    subject: str
    quantity: Quantity
    steam: str = ""
    """The state of steam by mass, "0.5 MPa 400 °C"."""
    own: Mapping[Role, Quantity] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The year and the province."""

    year: int
    region: str

    @property
    def month(self) -> Period:
        """January, in which everything is done."""
        return Period.month(self.year, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """The inventory of deeds by a method, and the lines of each deed."""

    inventory: Inventory
    lines: Sequence[Sequence[Line]]
    """In the order of the deeds, one for each item."""

    @property
    def every_line(self) -> tuple[Line, ...]:
        """The lines of all deeds."""
        return tuple(line for of_deed in self.lines for line in of_deed)


def books(method: Method, place: Place, deeds: Sequence[Deed]) -> Books:
    """Return what a method makes of deeds; fails where it lacks a factor for one."""
    reporter = Reporter(
        enterprise=Enterprise(
            name=f"enterprises/{EMITTER}",
            display_name="Works",
            industry_code="1713",
            region_code=place.region,
            label=Label.SYNTHETIC,
            revision=1,
        ),
        methods=(method,),
        steam=files.steam_table(),
    )
    library = with_own(
        shelf(), [each for number, deed in enumerate(deeds) for each in _own(deed, number)]
    )
    made = [
        list(_lines(_needs(reporter, place, deed, number), deed, place, library))
        for number, deed in enumerate(deeds, start=1)
    ]
    counted = [line for of_deed in made for line in of_deed]
    edition = Edition(accounting_year=place.year, version=1, revision=1)
    return Books(
        inventory=inventories.of(reporter.enterprise, counted, (), method=method, edition=edition),
        lines=made,
    )


def with_own(library: Library, own: Iterable[CustomFactor]) -> Library:
    """Return the library with these active factors of enterprises."""
    by_thing: defaultdict[tuple[str, FactorRole, str], list[CustomFactor]] = defaultdict(list)
    for each in own:
        by_thing[each.enterprise, each.role, each.subject].append(each)
    return replace(library, custom_factors=by_thing)


def resolved(query: Query, library: Library) -> BoundFactor | Unresolved:
    """Return what the registry answers to a query of accounting."""
    answer = resolution.resolve(
        resolution.Query(
            method=query.method_id,
            accounting_year=query.accounting_year,
            role=FactorRole(query.role.value),
            subject=query.subject,
            region_code=query.region_code,
            factor_set=query.factor_set,
            enterprise=query.enterprise.removeprefix("enterprises/"),
            period=query.period,
        ),
        library,
    )
    if not isinstance(answer, Resolved):
        return Unresolved(reason=answer.reason, candidates=answer.candidates)
    factor = answer.factor
    is_own = isinstance(factor, CustomFactor)
    return BoundFactor(
        role=query.role,
        subject=factor.subject,
        quantity=factor.applied if isinstance(factor, CustomFactor) else factor.quantity,
        status=answer.status,
        origin=Origin.CUSTOM if is_own else Origin.PUBLISHED,
        name=factor.name,
        version=1,
        region_level=answer.region_level.value,
    )


def _needs(
    reporter: Reporter, place: Place, deed: Deed, number: int
) -> list[tuple[EmissionSource, Need]]:
    source = EmissionSource(
        source_id=f"source-{number}", kind=deed.kind, subject=deed.subject, steam=deed.steam
    )
    (method,) = reporter.methods
    found = needs(method, source, place.month, deed.quantity.unit, reporter)
    return [(source, need) for need in found]


def _lines(
    wanted: Iterable[tuple[EmissionSource, Need]], deed: Deed, place: Place, library: Library
) -> Iterator[Line]:
    for source, need in wanted:
        found = {query: resolved(query, library) for query in need.queries}
        binding = bind(need, found, year_field="period")
        assert isinstance(binding, Binding), [error.text("en") for error in binding.errors]
        grain = Grain(source_id=source.source_id, month=place.month)
        entry = Entry(name=source.source_id, period=place.month, quantity=deed.quantity)
        yield lines.of(
            source,
            lines.ActivitySum.of([entry]),
            binding=binding,
            rate=lines.Rate.of(need.method, source, binding),
            stamp=Stamp(
                enterprise=EMITTER,
                line_id=lines.line_id(grain, method_id=binding.method_id, item_id=binding.item_id),
                version=1,
                revision=1,
                registry_revision=1,
            ),
        )


def _own(deed: Deed, number: int) -> Iterator[CustomFactor]:
    for role, quantity in deed.own.items():
        yield CustomFactor(
            enterprise=EMITTER,
            custom_factor=f"own-{number}-{role.lower().replace('_', '-')}",
            role=FactorRole(role.value),
            subject=deed.subject,
            quantity=quantity,
            period=Period.parse("2000-01-01", "2100-01-01"),
            origin=custom.Origin.MEASURED,
            evidence="report of the laboratory",
        )
