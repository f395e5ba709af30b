"""The figures of a zone that an indicator system takes, as they were known at a moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.accounting import store
from services.accounting.domain import comprehensive_energy
from services.accounting.domain.indicator import emissions, energy
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
from services.accounting.domain.zone import ZoneInventory
from services.accounting.neighbours import View
from services.accounting.servicer.comparison import Comparisons
from services.accounting.servicer.indicator_system import Systems
from services.kernel import names
from services.kernel.errors import NotFound, within


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What is taken as known: a moment of the registry, a revision of our own."""

    time: datetime
    revision: int

    @property
    def view(self) -> View:
        """How the registry and the books are asked."""
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
    reported: Reported
    inventories: dict[int, ZoneInventory | None] = field(default_factory=dict)
    partners: dict[str, dict[str, str]] = field(default_factory=dict)


class Gathered(Systems, Comparisons):
    """Gathers figures from the books, the statistics and the registry."""

    def _gathered(self, system: System, question: Question, moment: Moment) -> Found:
        """Return every figure that a system takes of a zone, and whose they are.

        Raises:
            ParameterUndeclared, UnitDimension, FieldInvalid: the energy cannot be counted as it is
                declared; below `evaluation.energy`.
        """
        year, asks = question.accounting_year, system.asks()
        years = sorted({year - ask.years_before for ask in asks} | {year})
        members = {each: self._members(question.zone, each, moment) for each in years}
        asked = _Asked(
            system=system,
            question=question,
            moment=moment,
            reported=self._reported(
                question.zone, asks, {each: of for each, (of, _) in members.items()}, moment
            ),
        )
        figures = {ask: self._figure(ask, asked) for ask in asks}
        return Found(
            figures=figures,
            members=members[year][0],
            registry_revision=max(known for _, known in members.values()),
        )

    def _members(self, zone: str, year: int, moment: Moment) -> tuple[tuple[str, ...], int]:
        """Return the names of a zone's members in a year, and the registry's revision."""
        found = self._registry.members(zone, year, wanted=zone, view=moment.view)
        return tuple(sorted(each.name for each in found.enterprises)), found.registry_revision

    def _figure(self, ask: Ask, asked: _Asked) -> Figure:
        kind = self._catalogue.inputs[ask.input_id]
        year = asked.question.accounting_year - ask.years_before
        if kind.origin is Origin.STATISTIC:
            told = statistic_figure(ask, year, kind, asked.reported)
            counted = self._energy(ask, kind, asked)
            return told if counted is None else beside(counted, told)
        inventory = self._inventory(year, asked)
        if inventory is None:
            return emissions.without_members(ask, year, kind, asked.question.zone)
        return emissions.figure(ask, year, kind, inventory)

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
        with self._database.read() as connection:
            known = store.statistics.known(
                connection, owners, inputs, list(members), moment.revision
            )
        return Reported(zone=zone, members=members, statistics=known)

    def _inventory(self, year: int, asked: _Asked) -> ZoneInventory | None:
        """Return the zone's inventory by the method of the system; None without a member."""
        if year not in asked.inventories:
            asked.inventories[year] = self._zone_inventory_of(year, asked)
        return asked.inventories[year]

    def _zone_inventory_of(self, year: int, asked: _Asked) -> ZoneInventory | None:
        try:
            return self.zone_inventory(
                names.ZONE.parse(asked.question.zone)["zone"],
                year,
                method_id=asked.system.method_id,
                view=asked.moment.view,
                asked=asked.partners,
            )
        except NotFound:
            return None
