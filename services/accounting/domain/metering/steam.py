"""The enthalpy of steam, from the tables of GB/T 32151.34-2024: saturated C.4, superheated C.5.

Where a state is not printed the standard interpolates between the enthalpies of the neighbouring
temperatures and pressures (5.2.6.2) and prints no way. The way here is `ALGORITHM`: straight lines
along the two neighbouring pressures, and a straight line between them. Table C.5 also prints liquid
water; no line crosses from it into steam, since the enthalpy jumps between them. Near saturation,
where a neighbour would be water, the saturated state of Table C.4 takes its place: that of the same
pressure on a printed pressure, that of the same temperature between two.

Nothing is extrapolated, and water is not steam: both are refused.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final, TypeAlias

from services.accounting.domain.metering.figure import Finding, FindingKind, distinct
from services.kernel import trust
from services.kernel.errors import SteamStateOutside, Words
from services.kernel.mass import Rounding, round_fraction
from services.kernel.source import Source

ALGORITHM: Final = "steam-bilinear/1"
"""The way of interpolation and its version: the same version gives the same enthalpy for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saturated:
    """Dry saturated steam at an absolute pressure."""

    pressure_mpa: Decimal

    def __str__(self) -> str:
        return f"{self.pressure_mpa:f} MPa"


@dataclass(frozen=True, slots=True, kw_only=True)
class Superheated:
    """Steam at an absolute pressure and a temperature."""

    pressure_mpa: Decimal
    temperature_c: Decimal

    def __str__(self) -> str:
        return f"{self.pressure_mpa:f} MPa, {self.temperature_c:f} °C"


State: TypeAlias = Saturated | Superheated


class RowFinding(StrEnum):
    """What is the matter with a printed row."""

    DEVIATION = "deviation"
    PRESSURE_KEY = "pressure-key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One printed enthalpy, as it is printed."""

    row_id: str
    saturated: bool
    pressure_mpa: Decimal
    printed_pressure_mpa: Decimal
    """What the print says where it is mistaken; else the same."""
    temperature_c: Decimal
    enthalpy_kj_per_kg: Decimal
    iapws97_kj_per_kg: Decimal
    """The same by IAPWS-IF97, for comparison only."""
    finding: RowFinding | None
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Coarse:
    """Where the printed neighbours lie too far apart."""

    pressure_above_mpa: Decimal
    temperature_below_c: Decimal
    deviation_percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SteamTable:
    """The steam of both tables, ordered for looking up; made by `table`."""

    source: Source
    """The standard, and the clause that interpolates."""
    saturated: tuple[Row, ...]
    """Table C.4, by pressure, and so by temperature."""
    isobars: Mapping[Decimal, tuple[Row, ...]]
    """Steam of each pressure of Table C.5 by temperature, the saturated state first if printed."""
    coarse: Coarse

    @property
    def hottest_c(self) -> Decimal:
        """The highest temperature of the tables."""
        return max(row.temperature_c for row in self.isobars[min(self.isobars)])

    @property
    def band_kj_per_kg(self) -> tuple[Decimal, Decimal]:
        """The least and the greatest enthalpy of steam that the tables print."""
        steam = [*self.saturated, *(row for rows in self.isobars.values() for row in rows)]
        printed = [row.enthalpy_kj_per_kg for row in steam]
        return min(printed), max(printed)

    def boiling_c(self, pressure_mpa: Decimal) -> Fraction:
        """Return the temperature at which steam begins, straight between the rows of Table C.4.

        Above its last pressure the temperature of the last row is returned: there water and steam
        part no more, and colder than that the table's enthalpies are those of a liquid.
        """
        highest = self.saturated[-1]
        points = _along(self.saturated, _pressure, pressure_mpa)
        if pressure_mpa > highest.pressure_mpa:
            return Fraction(highest.temperature_c)
        return sum((point.weight * Fraction(point.row.temperature_c) for point in points), _ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndPoint:
    """A printed row that an enthalpy was made of, and its part in it; the parts add up to 1."""

    row: Row
    weight: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Enthalpy:
    """The enthalpy of a state, exact, with what it was made of."""

    state: State
    kj_per_kg: Fraction
    end_points: tuple[EndPoint, ...]
    """One where the state is printed; else the ends of the interpolation."""
    source: Source
    """The standard, with the tables used and the lowest status of their rows."""
    findings: tuple[Finding, ...]
    algorithm: str = ALGORITHM

    @property
    def status(self) -> trust.Status:
        """How far it can be trusted."""
        return self.source.status


_Key: TypeAlias = Callable[[Row], Decimal]
_ZERO: Final = Fraction(0)


def table(rows: Sequence[Row], source: Source, coarse: Coarse) -> SteamTable:
    """Return the tables in order; what Table C.5 prints below saturation is water and left out."""
    saturated = tuple(sorted((row for row in rows if row.saturated), key=_pressure))
    assert saturated == tuple(sorted(saturated, key=_temperature)), "hotter where denser"
    first = SteamTable(source=source, saturated=saturated, isobars={}, coarse=coarse)
    pressures = sorted({row.pressure_mpa for row in rows if not row.saturated})
    return replace(
        first,
        isobars={
            pressure: tuple(
                sorted(
                    (
                        row
                        for row in rows
                        if row.pressure_mpa == pressure
                        if row.saturated or row.temperature_c > first.boiling_c(pressure)
                    ),
                    key=_temperature,
                )
            )
            for pressure in pressures
        },
    )


def enthalpy(state: State, of: SteamTable, field: str = "state") -> Enthalpy:
    """Return the enthalpy of steam in kJ/kg, exact: as printed, or interpolated between rows.

        h(p, T) = Σ weight × printed h

    Source: GB/T 32151.34-2024, 5.2.6.2, Tables C.4 and C.5.

    Raises:
        SteamStateOutside: the tables do not print the state nor its neighbours, or it is water; at
            `field`.
    """
    match state:
        case Saturated():
            points = _saturated(state, of, field)
        case Superheated():
            points = _superheated(state, of, field)
    rows = [point.row for point in points]
    return Enthalpy(
        state=state,
        kj_per_kg=sum(
            (point.weight * Fraction(point.row.enthalpy_kj_per_kg) for point in points), _ZERO
        ),
        end_points=points,
        source=replace(
            of.source,
            status=trust.lowest(of.source.status, *(row.source.status for row in rows)),
            locator=", ".join(
                dict.fromkeys([*(row.source.locator for row in rows), *_clause(points, of)])
            ),
        ),
        findings=distinct(_findings(state, points, of)),
    )


def _saturated(state: Saturated, of: SteamTable, field: str) -> tuple[EndPoint, ...]:
    points = _along(of.saturated, _pressure, state.pressure_mpa)
    if not points:
        lowest, highest = of.saturated[0].pressure_mpa, of.saturated[-1].pressure_mpa
        raise SteamStateOutside(
            field=field,
            given=str(state),
            allowed=Words(
                en=f"saturated steam of {lowest} to {highest} MPa",
                zh=f"饱和蒸汽 {lowest} 至 {highest} MPa",
            ),
        )
    return points


def _superheated(state: Superheated, of: SteamTable, field: str) -> tuple[EndPoint, ...]:
    if points := _neighbours(state, of):
        return points
    raise SteamStateOutside(field=field, given=str(state), allowed=_allowed(state, of))


def _allowed(state: Superheated, of: SteamTable) -> Words:
    """Return the steam that the tables hold, as near as can be said to a state that they do not."""
    pressures, hottest = sorted(of.isobars), of.hottest_c
    given = f"{state.pressure_mpa:f} MPa"
    if not _printed(state.pressure_mpa, of):
        low, high = pressures[0], pressures[-1]
        return Words(
            en=f"superheated steam of {low} to {high} MPa", zh=f"过热蒸汽 {low} 至 {high} MPa"
        )
    if state.temperature_c > hottest:
        return Words(en=f"up to {hottest} °C", zh=f"最高 {hottest} ℃")
    boiling = of.boiling_c(state.pressure_mpa)
    if state.temperature_c < boiling:
        begins = round_fraction(boiling, 2, Rounding.CEILING)
        return Words(
            en=f"at {given} steam from {begins} to {hottest} °C; colder it is water, which is"
            " reported as hot water; give the pressure alone if the steam is saturated",
            zh=f"{given} 下蒸汽温度为 {begins} 至 {hottest} ℃；低于该温度为液态水，应按热水填报；"
            "如为饱和蒸汽，请仅填写压力",
        )
    first = max(of.isobars[each][0].temperature_c for each in _around(state.pressure_mpa, of))
    return Words(
        en=f"at {given} steam from {first} to {hottest} °C, where both neighbours are printed",
        zh=f"{given} 下蒸汽温度为 {first} 至 {hottest} ℃，其两侧方有表列值",
    )


def _printed(pressure: Decimal, of: SteamTable) -> bool:
    return min(of.isobars) <= pressure <= max(of.isobars)


def _neighbours(state: Superheated, of: SteamTable) -> tuple[EndPoint, ...]:
    """Return what the state lies between; nothing where a neighbour is not printed."""
    pressure, temperature = state.pressure_mpa, state.temperature_c
    if not _printed(pressure, of) or temperature < of.boiling_c(pressure):
        return ()
    if pressure in of.isobars:
        return _along(of.isobars[pressure], _temperature, temperature)
    lower, upper = _around(pressure, of)
    low = _along(of.isobars[lower], _temperature, temperature)
    high, at = _along(of.isobars[upper], _temperature, temperature), Fraction(upper)
    if not high:
        high = _along(of.saturated, _temperature, temperature)
        at = sum((point.weight * Fraction(point.row.pressure_mpa) for point in high), _ZERO)
    if not low or at < pressure:
        return ()
    share = (Fraction(pressure) - Fraction(lower)) / (at - Fraction(lower))
    return _mixed((low, 1 - share), (high, share))


def _along(rows: Sequence[Row], key: _Key, at: Decimal) -> tuple[EndPoint, ...]:
    """Return the row at `at`, or the two around it; nothing where it lies outside of all."""
    place = bisect(rows, at, key=key)
    if place and key(rows[place - 1]) == at:
        return (EndPoint(row=rows[place - 1], weight=Fraction(1)),)
    if place in {0, len(rows)}:
        return ()
    before, after = rows[place - 1], rows[place]
    start = Fraction(key(before))
    share = (Fraction(at) - start) / (Fraction(key(after)) - start)
    return EndPoint(row=before, weight=1 - share), EndPoint(row=after, weight=share)


def _mixed(*parts: tuple[Sequence[EndPoint], Fraction]) -> tuple[EndPoint, ...]:
    """Return the end points of both lines, each with its part in the whole."""
    weights: dict[str, EndPoint] = {}
    for points, share in parts:
        for point in points:
            before = weights.get(point.row.row_id, EndPoint(row=point.row, weight=_ZERO))
            weights[point.row.row_id] = replace(before, weight=before.weight + share * point.weight)
    return tuple(point for point in weights.values() if point.weight)


def _around(pressure: Decimal, of: SteamTable) -> tuple[Decimal, Decimal]:
    pressures = sorted(of.isobars)
    place = bisect(pressures, pressure)
    return pressures[place - 1], pressures[min(place, len(pressures) - 1)]


def _clause(points: Sequence[EndPoint], of: SteamTable) -> tuple[str, ...]:
    return (of.source.locator,) if len(points) > 1 else ()


def _findings(state: State, points: Sequence[EndPoint], of: SteamTable) -> Iterator[Finding]:
    for point in points:
        if point.row.finding is not None:
            yield _of_row(point.row, point.row.finding)
    if not isinstance(state, Superheated):
        return
    if any(point.row.saturated for point in points):
        yield _FROM_SATURATION
    coarse = of.coarse
    if (
        len(points) > 1
        and state.pressure_mpa > coarse.pressure_above_mpa
        and state.temperature_c < coarse.temperature_below_c
    ):
        yield _coarse(coarse)


def _of_row(row: Row, finding: RowFinding) -> Finding:
    place, printed = row.source.locator, row.enthalpy_kj_per_kg
    if finding is RowFinding.DEVIATION:
        calculated = row.iapws97_kj_per_kg
        return Finding(
            kind=FindingKind.DEVIATES_FROM_IAPWS97,
            text=Words(
                en=f"{place} at {row.pressure_mpa} MPa, {row.temperature_c} °C deviates from"
                f" IAPWS-IF97 in the standard's print: printed {printed} kJ/kg, calculated"
                f" {calculated} kJ/kg ({printed - calculated:+}). The printed value is used.",
                zh=f"{place} 在 {row.pressure_mpa} MPa、{row.temperature_c} ℃ 处的印刷值与"
                f" IAPWS-IF97 不一致：印刷值 {printed} kJ/kg，计算值 {calculated} kJ/kg"
                f"（相差 {printed - calculated:+}）。采用印刷值。",
            ),
        )
    own, key = row.pressure_mpa, row.printed_pressure_mpa
    if own == key:
        en = f"the pressure {key} MPa stands on two rows; that of {row.temperature_c} °C is taken"
        zh = f"压力 {key} MPa 印有两行，取 {row.temperature_c} ℃ 一行"
    else:
        en = (
            f"the row of {row.temperature_c} °C is printed with the pressure {key} MPa and taken"
            f" as that of {own} MPa, which boils at that temperature"
        )
        zh = f"{row.temperature_c} ℃ 一行印为 {key} MPa，按该温度对应的饱和压力 {own} MPa 取用"
    return Finding(
        kind=FindingKind.PRESSURE_KEY_PRINTED_TWICE,
        text=Words(en=f"{place}: {en}.", zh=f"{place}：{zh}。"),
    )


def _coarse(coarse: Coarse) -> Finding:
    above, below = coarse.pressure_above_mpa, coarse.temperature_below_c
    percent = coarse.deviation_percent
    return Finding(
        kind=FindingKind.TABLE_COARSE,
        text=Words(
            en=f"Above {above} MPa and below {below} °C the table's neighbours lie far apart: an"
            f" interpolated enthalpy can be {percent} % off IAPWS-95. Give a measured one if you"
            " have it.",
            zh=f"{above} MPa 以上、{below} ℃ 以下表列值间隔过大，内插焓值与 IAPWS-95 的偏差可达"
            f" {percent} %。如有实测或计算焓值，请直接填报。",
        ),
    )


_FROM_SATURATION: Final = Finding(
    kind=FindingKind.SATURATION_END_POINT,
    text=Words(
        en="Near saturation a neighbour in Table C.5 is water, so the saturated state of Table C.4"
        " is an end of the interpolation. The standard prints no way; this one is ours.",
        zh="接近饱和状态时表 C.5 的相邻值为液态水，故以表 C.4 的饱和状态作为内插端点。"
        "标准未规定内插方法，此为本系统的约定。",
    ),
)


def _pressure(row: Row) -> Decimal:
    return row.pressure_mpa


def _temperature(row: Row) -> Decimal:
    return row.temperature_c
