"""Emissions in arrays against the copy bandwidth of the machine, and the exact booking of a zone.

An array kernel is bound by memory: what a row costs is the bytes that are read and written for it.
Its limit is `np.copyto` of as many bytes, half of them read and half written. Peers are the same
products made row by row with `Decimal` and with pint. All of this runs in one thread of this
process and waits for nothing, so it is timed by processor time: what others do to the caches and
the memory counts, what they do to the queue for a processor does not.

The formula is one that the data of the GHG Protocol has for fuels. Activities and factors are made
up, with as many digits as real ones.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

import numpy as np
import pint
from numpy.typing import NDArray

from benchmarks.harness import Contest, Figure, Measurement, Plan, compare, rate, seconds
from services.accounting import files
from services.accounting.domain import array
from services.accounting.domain.activity import Kind
from services.accounting.domain.binding import Binding, BoundFactor, Potential
from services.accounting.domain.booking import Booking, book
from services.accounting.domain.emission import PerUnit, per_unit
from services.accounting.domain.role import Role
from services.kernel import units
from services.kernel.mass import G_PER_T, Gas, Rounding
from services.kernel.quantity import Quantity
from services.kernel.trust import Status

_GAS_COUNT: Final = len(array.GASES)
_SUBJECT: Final = "bituminous-coal"
_GWP_SET: Final = "gwp100-ar5"
_BOOKING_LIMIT_S: Final = 1.0
_NO_GOAL: Final = 0.0
"""Any ratio reaches it: the figure is shown beside the others."""

_FLOAT_BYTES: Final = 8
_INDEX_BYTES: Final = 2
_ROW_BYTES: Final = _FLOAT_BYTES + _INDEX_BYTES + _GAS_COUNT * _FLOAT_BYTES
"""Activity and binding read, three gases written: 34."""

_SERIES_ROW_BYTES: Final = _FLOAT_BYTES + _GAS_COUNT * _FLOAT_BYTES
_GROUPED_ROW_BYTES: Final = _GAS_COUNT * _FLOAT_BYTES + _INDEX_BYTES + 1 + _INDEX_BYTES
"""Three gases, zone, month and source read; the sums stay in the cache."""

_GROUPS: Final = (31, 12, 40)
"""Zones, months, sources."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much is computed."""

    row_count: int = 10_000_000
    """Of the arrays: far more than any cache holds."""
    decimal_row_count: int = 200_000
    pint_row_count: int = 1_000
    month_count: int = 240_000
    """Source-months that are booked."""
    binding_count: int = 480
    """Each of a fuel with its own heat value, reported in one of three units."""


def run(sizes: Sizes | None = None, plan: Plan | None = None) -> Iterable[Figure]:
    """Measure arrays of three gases, their peers row by row, and the exact booking."""
    sizes, plan = sizes or Sizes(), plan or Plan()
    bindings = per_units(sizes.binding_count)
    arrays = Arrays.of(sizes.row_count, bindings)
    # One after another: each contest holds arrays of its own to copy.
    for contest in itertools.chain(_against_copy(arrays), _against_rows(arrays, sizes)):
        yield compare(contest, plan=plan)
    yield compare(_booking(bindings, sizes.month_count), plan=plan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrays:
    """What the kernels read and write; all of it has been touched before it is timed."""

    activity: array.Floats
    binding: NDArray[np.uint16]
    zone: NDArray[np.uint16]
    month: NDArray[np.uint8]
    source: NDArray[np.uint16]
    coefficients: array.Floats
    out: array.Floats

    @classmethod
    def of(cls, row_count: int, bindings: Sequence[PerUnit]) -> Arrays:
        """Return that many rows, of any of these bindings."""
        random = np.random.default_rng(2024)
        zone, month, source = (random.integers(0, count, row_count) for count in _GROUPS)
        return cls(
            # With three decimals.
            activity=random.gamma(2.0, 100.0, row_count).round(3),
            binding=random.integers(0, len(bindings), row_count).astype(np.uint16),
            zone=zone.astype(np.uint16),
            month=month.astype(np.uint8),
            source=source.astype(np.uint16),
            coefficients=array.coefficients(bindings),
            out=np.zeros((_GAS_COUNT, row_count)),
        )

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return len(self.activity)

    def emissions(self) -> array.Floats:
        """Three gases of every row, into `out`."""
        return array.emissions(self.activity, self.binding, self.coefficients, out=self.out)

    def emissions_made_anew(self) -> array.Floats:
        """The same into an array that the system must give first."""
        return array.emissions(self.activity, self.binding, self.coefficients)

    def emissions_naively(self) -> array.Floats:
        """As numpy invites to write it, in whole arrays."""
        return self.activity * self.coefficients[:, self.binding]

    def series(self) -> array.Floats:
        """Three gases of every row as if all had one binding, into `out`."""
        return array.series(self.activity, self.coefficients[:, 0], out=self.out)

    def grouped(self) -> array.Floats:
        """Sums of what is in `out`."""
        return array.grouped(self.out, self.zone, self.month, self.source, shape=_GROUPS)


def _against_copy(arrays: Arrays) -> Iterator[Contest]:
    """Yield the kernels against a copy of as many bytes, by bandwidth."""
    gases = "activity → CO2, CH4, N2O"
    for figure, work, row_bytes, goal in (
        (gases, arrays.emissions, _ROW_BYTES, 0.25),
        (f"{gases}, into new arrays", arrays.emissions_made_anew, _ROW_BYTES, _NO_GOAL),
        (f"{gases}, whole arrays at once", arrays.emissions_naively, _ROW_BYTES, _NO_GOAL),
        ("constant factors × series, three gases", arrays.series, _SERIES_ROW_BYTES, 0.5),
        ("sums by zone, month and source", arrays.grouped, _GROUPED_ROW_BYTES, _NO_GOAL),
    ):
        byte_count = arrays.row_count * row_bytes
        read, written = np.ones(byte_count // 2, np.uint8), np.zeros(byte_count // 2, np.uint8)

        def copy(source: NDArray[np.uint8] = read, target: NDArray[np.uint8] = written) -> None:
            np.copyto(target, source)

        yield Contest(
            figure=figure,
            unit="GB/s",
            candidate=_bandwidth(work, byte_count),
            against=f"np.copyto, {row_bytes} bytes a row",
            reference=_bandwidth(copy, byte_count),
            goal=goal,
        )


def _bandwidth(work: Callable[[], object], byte_count: int) -> Measurement:
    return rate(work, byte_count / 1e9, clock=time.process_time)


def _against_rows(arrays: Arrays, sizes: Sizes) -> Iterator[Contest]:
    """Yield the kernel against the same products made one by one, by rows a second."""
    for peer, work, row_count, goal in (
        ("Decimal", by_decimal, sizes.decimal_row_count, 200.0),
        ("Decimal with coefficients", by_coefficients, sizes.decimal_row_count, _NO_GOAL),
        ("pint", by_pint, sizes.pint_row_count, 10_000.0),
    ):
        yield Contest(
            figure=f"activity → CO2, CH4, N2O, against {peer}",
            unit="rows/s",
            candidate=rate(arrays.emissions, arrays.row_count, clock=time.process_time),
            against=f"{peer}, row by row",
            reference=rate(work(arrays, row_count), row_count, clock=time.process_time),
            goal=goal,
        )


def by_decimal(arrays: Arrays, row_count: int) -> Callable[[], list[tuple[Decimal, ...]]]:
    """Return the formula in decimals that are all made before, five multiplications a row.

    The amount as written becomes tonnes, these become heat, and that becomes three gases: what the
    coefficient of a binding stands for.
    """
    fuels = [fuel(number) for number in range(arrays.coefficients.shape[1])]
    table = [
        (
            Decimal(units.written(units.conversion(each.unit, "t"))),
            Decimal(each.heat_value),
            *(
                Decimal(text) * (gas.booked_per_t // G_PER_T)
                for gas, (_, text, _) in zip(array.GASES, _PER_HEAT, strict=True)
            ),
        )
        for each in fuels
    ]
    rows = _decimals(arrays, row_count)

    def work() -> list[tuple[Decimal, ...]]:
        made: list[tuple[Decimal, ...]] = []
        for activity, binding in rows:
            per_unit, heat_value, co2, ch4, n2o = table[binding]
            heat = activity * per_unit * heat_value
            made.append((heat * co2, heat * ch4, heat * n2o))
        return made

    return work


def by_coefficients(arrays: Arrays, row_count: int) -> Callable[[], list[tuple[Decimal, ...]]]:
    """Return the least that decimals can do: coefficients compiled as for the arrays."""
    table = [tuple(map(Decimal, column)) for column in arrays.coefficients.T.tolist()]
    rows = _decimals(arrays, row_count)
    return lambda: [
        (activity * co2, activity * ch4, activity * n2o)
        for activity, binding in rows
        for co2, ch4, n2o in (table[binding],)
    ]


def _decimals(arrays: Arrays, row_count: int) -> list[tuple[Decimal, int]]:
    activities = (Decimal(f"{each:.3f}") for each in arrays.activity[:row_count].tolist())
    return list(zip(activities, arrays.binding[:row_count].tolist(), strict=True))


def by_pint(arrays: Arrays, row_count: int) -> Callable[[], list[list[float]]]:
    """Return the formula with units on every row: a quantity, converted, and of it three gases."""
    registry: pint.UnitRegistry[float] = pint.UnitRegistry()
    masses = ["gram" if gas is Gas.CO2 else "milligram" for gas in array.GASES]
    names = [_PINT_NAMES[fuel(number).unit] for number in range(arrays.coefficients.shape[1])]
    table = [
        [
            (registry.Quantity(each, f"{mass}/{name}"), mass)
            for each, mass in zip(column, masses, strict=True)
        ]
        for column, name in zip(arrays.coefficients.T.tolist(), names, strict=True)
    ]
    activities = arrays.activity[:row_count].tolist()
    which = arrays.binding[:row_count].tolist()

    def row(activity: float, binding: int) -> list[float]:
        quantity = registry.Quantity(activity, names[binding]).to("metric_ton")
        return [(quantity * factor).to(mass).magnitude for factor, mass in table[binding]]

    return lambda: list(map(row, activities, which))


def _booking(bindings: Sequence[PerUnit], month_count: int) -> Contest:
    """Return the exact booking of source-months against the limit that is set for it."""
    random = np.random.default_rng(2024)
    # With three decimals.
    counts = random.integers(0, 10**9, month_count).tolist()
    groups: list[list[Fraction]] = [[] for _ in bindings]
    for number, count in enumerate(counts):
        groups[number % len(groups)].append(Fraction(count, 1000))

    def work() -> list[Booking]:
        return [
            book(group, each, Rounding.HALF_UP)
            for group, each in zip(groups, bindings, strict=True)
        ]

    return Contest(
        figure=f"exact booking of {month_count:,} source-months, three gases and CO2e",
        unit="s",
        candidate=seconds(work, clock=time.process_time),
        against=f"{_BOOKING_LIMIT_S:g} s",
        reference=_BOOKING_LIMIT_S,
        goal=1.0,
        less_is_better=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fuel:
    """A fuel that is reported in a unit of its own."""

    heat_value: str
    """GJ/t."""
    unit: str

    def per_unit(self) -> PerUnit:
        """Return what a unit of it emits."""
        method = files.methods()["ghgp"]
        (term,) = method.terms_of(Kind.FUEL_COMBUSTION, _SUBJECT)
        formula = term.formula("default")
        figures = ((Role.NET_CALORIFIC_VALUE, self.heat_value, "GJ(NCV)/t"), *_PER_HEAT)
        binding = Binding(
            method_id=method.method_id,
            item_id=term.item.item_id,
            formula_id=formula.formula_id,
            subject=_SUBJECT,
            accounting_year=2024,
            gwp_sets=(_GWP_SET,),
            factors=tuple(_factor(role, _SUBJECT, text, unit) for role, text, unit in figures),
            potentials=tuple(
                Potential(
                    gwp_set=_GWP_SET, gas=gas, factor=_factor(Role.GWP100, gas, text, "kgCO2e/kg")
                )
                for gas, text in ((Gas.CH4, "28"), (Gas.N2O, "265"))
            ),
        )
        return per_unit(formula, binding, self.unit)


def fuel(number: int) -> Fuel:
    """Return the fuel of that number: each has a heat value of its own, and one of three units."""
    unit = tuple(_PINT_NAMES)[number % len(_PINT_NAMES)]
    return Fuel(heat_value=f"{20 + number / 1000:.3f}", unit=unit)


def per_units(binding_count: int) -> list[PerUnit]:
    """Return what a unit of each fuel emits."""
    return [fuel(number).per_unit() for number in range(binding_count)]


_PINT_NAMES: Final = {"t": "metric_ton", "kg": "kilogram", "lb": "pound"}
"""Units of the list, and how pint calls them."""

_PER_HEAT: Final = (
    (Role.CO2_PER_HEAT, "94600", "kgCO2/TJ(NCV)"),
    (Role.CH4_PER_HEAT, "10", "kgCH4/TJ(NCV)"),
    (Role.N2O_PER_HEAT, "1.5", "kgN2O/TJ(NCV)"),
)
"""Made up, with as many digits as published ones."""


def _factor(role: Role, subject: str, text: str, unit: str) -> BoundFactor:
    return BoundFactor(
        role=role,
        subject=subject,
        quantity=Quantity.parse(text, unit),
        status=Status.UNVERIFIED,
    )
