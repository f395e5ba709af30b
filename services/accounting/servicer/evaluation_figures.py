"""The figures of a zone that an indicator system takes, as they were known at a moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.accounting import store
from services.accounting.domain import comprehensive_energy
from services.accounting.domain.indicator import emissions, energy, price
from services.accounting.domain.indicator.expression import Ask
from services.accounting.domain.indicator.figure import (
    Figure,
    Figures,
    Reported,
    beside,
    statistic_figure,
)
from services.accounting.domain.indicator.input import Input, Origin
from services.accounting.domain.indicator.question import Question
from services.accounting.domain.indicator.system import System
from services.accounting.domain.zone import MemberCoverage, ZoneInventory
from services.accounting.domain.zone_brief import ZoneBrief
from services.accounting.neighbours import NOW, Registry, View
from services.accounting.servicer.base import Rules
from services.accounting.servicer.boundary import Boundary
from services.accounting.servicer.comparison import Comparisons
from services.accounting.servicer.indicator_rules import IndicatorRules
from services.accounting.servicer.indicator_system import Systems
from services.accounting.servicer.zone_books import KeptZones
from services.kernel import names
from services.kernel.errors import NotFound, within
from services.runtime.database import Database

_MOST_CHAINED_YEARS = 30
"""Prices are those of a year so long ago at the most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What is taken as known: a moment of the registry, a revision of our own."""

    time: datetime
    revision: int
    is_now: bool = False
    """Whether the registry says the same now as it did at the moment."""

    @property
    def view(self) -> View:
        """How the registry is asked."""
        return NOW if self.is_now else View(moment=self.time)

    @property
    def books(self) -> View:
        """How registry and books are asked together."""
        return View(moment=self.time, revision=self.revision)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was gathered for an evaluation."""

    figures: Figures
    members: tuple[str, ...]
    """Names of the enterprises that belong to the zone in the year."""
    registry_revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What is gathered for one evaluation, each inventory once."""

    system: System
    question: Question
    moment: Moment
    boundary: Boundary
    reported: Reported
    briefs: dict[int, ZoneBrief | None] = field(default_factory=dict)
    inventories: dict[int, ZoneInventory | None] = field(default_factory=dict)
    partners: dict[str, dict[str, str]] = field(default_factory=dict)


class Gathered(Systems, Comparisons):
    """Gathers figures from the books, the statistics and the registry."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        rules: Rules,
        indicator_rules: IndicatorRules,
        kept_zones: KeptZones,
    ) -> None:
        super().__init__(database, registry, rules, indicator_rules)
        self._zones = kept_zones

    def _gathered(self, system: System, question: Question, moment: Moment) -> Found:
        """Return every figure that a system takes of a zone, and whose they are.

        Raises:
            ParameterUndeclared, UnitDimension, FieldInvalid: the energy cannot be counted as it is
                declared; below `evaluation.energy`.
        """
        year, asks = question.accounting_year, system.asks()
        boundary = self._zones.boundaries.of(question.zone, moment.view)
        years = sorted({year - ask.years_before for ask in asks} | {year})
        members = {each: _members(boundary, each) for each in years}
        asked = _Asked(
            system=system,
            question=question,
            moment=moment,
            boundary=boundary,
            reported=self._reported(question.zone, asks, members, moment),
        )
        figures = {ask: self._figure(ask, asked) for ask in asks}
        return Found(
            figures=price.at_one_price(figures, self._catalogue, asked.reported),
            members=members[year],
            registry_revision=boundary.registry_revision,
        )

    def _figure(self, ask: Ask, asked: _Asked) -> Figure:
        kind = self._catalogue.inputs[ask.input_id]
        year = asked.question.accounting_year - ask.years_before
        if kind.origin is Origin.STATISTIC:
            told = statistic_figure(ask, year, kind, asked.reported)
            counted = self._energy(ask, kind, asked)
            return told if counted is None else beside(counted, told)
        brief = self._brief(year, asked)
        if brief is None:
            return emissions.without_members(ask, year, kind, asked.question.zone)
        return emissions.figure(ask, year, kind, brief)

    def _brief(self, year: int, asked: _Asked) -> ZoneBrief | None:
        """Return the zone in brief by the method of the system; None without a member."""
        if year not in asked.briefs:
            asked.briefs[year] = self._zones.books.brief(
                asked.boundary,
                year,
                self._method(asked.system.method_id),
                asked.moment.revision,
            )
        return asked.briefs[year]

    def _energy(self, ask: Ask, kind: Input, asked: _Asked) -> Figure | None:
        """Return energy as it is counted from the ledger; None where it was declared otherwise.

        Coefficients are of the year evaluated: of earlier years energy is what was reported.
        """
        declared, year = asked.question.energy, asked.question.accounting_year
        if declared is None or ask.years_before or ask.input_id not in energy.BASES:
            return None
        inventory = self._inventory(year, asked)
        if inventory is None:
            return None
        with within("evaluation.energy."):
            balance = comprehensive_energy.balance(inventory.members, declared)
        if not energy.is_on_base(balance, ask.input_id):
            return None
        return energy.figure(ask, year, kind, inventory, balance)

    def _reported(
        self,
        zone: str,
        asks: Sequence[Ask],
        members: Mapping[int, tuple[str, ...]],
        moment: Moment,
    ) -> Reported:
        owners = {zone}.union(*members.values())
        inputs = {ask.input_id for ask in asks}
        indices = {self._catalogue.inputs[each].price_index for each in inputs} - {""}
        last = max(members)
        with self._database.read() as connection:
            known = store.statistics.known(
                connection, owners, inputs, list(members), moment.revision
            )
            known += store.statistics.known(
                connection,
                [zone],
                indices,
                range(last - _MOST_CHAINED_YEARS, last + 1),
                moment.revision,
            )
        return Reported(zone=zone, members=members, statistics=known)

    def _inventory(self, year: int, asked: _Asked) -> ZoneInventory | None:
        """Return the zone's inventory with its lines by the method of the system; None for none."""
        if year not in asked.inventories:
            asked.inventories[year] = self._zone_inventory_of(year, asked)
        return asked.inventories[year]

    def _zone_inventory_of(self, year: int, asked: _Asked) -> ZoneInventory | None:
        try:
            return self.zone_inventory(
                names.ZONE.parse(asked.question.zone)["zone"],
                year,
                method_id=asked.system.method_id,
                view=asked.moment.books,
                asked=asked.partners,
            )
        except NotFound:
            return None


def _members(boundary: Boundary, year: int) -> tuple[str, ...]:
    """Return the names of a zone's members in a year."""
    counted = boundary.members(year, MemberCoverage.ALL)
    return tuple(sorted(each.name for each, _ in counted))
