"""The steam tables of GB/T 32151.34-2024 and what is read between their rows."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounting.domain.metering import steam
from services.accounting.domain.metering.figure import FindingKind
from services.accounting.domain.metering.steam import Enthalpy, Row, Superheated, enthalpy
from services.accounting.files.metering import FOLDER
from services.kernel.errors import SteamStateOutside
from services.kernel.mass import Rounding, round_fraction
from services.kernel.trust import Status
from tests.accounting.metering import state, table

PRESSURES = sorted(table().isobars)
pressures = st.decimals("0.01", "30", places=3)
temperatures = st.decimals("0", "600", places=2)
shares = st.decimals("0", "1", places=3)


def begins_c(pressure: Decimal) -> Decimal:
    """A temperature from which steam of a pressure is covered up to the end of the tables."""
    if pressure > 20:
        return Decimal(400)
    return round_fraction(table().boiling_c(pressure), 2, Rounding.CEILING)


def at(pressure: Decimal, share: Decimal) -> Superheated:
    """Steam somewhere between where it begins and where the tables end."""
    begins = begins_c(pressure)
    return Superheated(
        pressure_mpa=pressure, temperature_c=begins + share * (table().hottest_c - begins)
    )


def printed() -> list[dict[str, str]]:
    """The file itself, read by nothing of ours."""
    path = FOLDER / "steam_gbt32151_34.csv"
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))


def looked_up(pressure: str, temperature: str = "") -> Enthalpy:
    return enthalpy(state(pressure, temperature), table())


def kinds(found: Enthalpy) -> set[FindingKind]:
    return {finding.kind for finding in found.findings}


def ends(found: Enthalpy) -> dict[str, Fraction]:
    return {point.row.row_id: point.weight for point in found.end_points}


def is_water(row: dict[str, str]) -> bool:
    """Water jumps by more than 700 kJ/kg when it boils, and nothing printed lies between."""
    return row["state"] == "superheated" and Decimal(row["enthalpy_kj_per_kg"]) < 2000


def test_the_tables_are_the_442_printed_rows() -> None:
    rows = printed()

    assert len(rows) == 442
    assert sum(row["state"] == "saturated" for row in rows) == 70
    assert len(table().saturated) == 70
    in_isobars = {row.row_id for rows in table().isobars.values() for row in rows}
    assert in_isobars >= {
        row["id"] for row in rows if row["state"] == "superheated" and not is_water(row)
    }
    assert not in_isobars & {row["id"] for row in rows if is_water(row)}


def test_each_printed_row_of_steam_is_returned_as_printed() -> None:
    steam_rows = [row for row in printed() if not is_water(row)]

    assert len(steam_rows) > 250
    for row in steam_rows:
        saturated = row["state"] == "saturated"
        found = looked_up(row["pressure_mpa"], "" if saturated else row["temperature_c"])

        assert found.kj_per_kg == Fraction(row["enthalpy_kj_per_kg"])
        assert ends(found) == {row["id"]: 1}
        assert found.source.locator == row["locator"]


def test_each_printed_row_of_water_is_refused_as_steam() -> None:
    water = [row for row in printed() if is_water(row)]

    assert len(water) > 100
    for row in water:
        with pytest.raises(SteamStateOutside):
            looked_up(row["pressure_mpa"], row["temperature_c"])


def test_between_four_printed_states_the_interpolation_is_bilinear() -> None:
    found = looked_up("2", "310")

    low = Fraction("3051.3") + Fraction(10, 50) * (Fraction("3157.7") - Fraction("3051.3"))
    high = Fraction("2994.2") + Fraction(10, 50) * (Fraction("3115.7") - Fraction("2994.2"))
    assert found.kj_per_kg == (low + high) / 2
    assert ends(found) == {
        "cn-steam-sup-1-300": Fraction(4, 10),
        "cn-steam-sup-1-350": Fraction(1, 10),
        "cn-steam-sup-3-300": Fraction(4, 10),
        "cn-steam-sup-3-350": Fraction(1, 10),
    }
    assert found.algorithm == "steam-bilinear/1"
    assert "5.2.6.2" in found.source.locator


def test_a_saturated_pressure_that_is_not_printed_lies_between_its_neighbours() -> None:
    found = looked_up("0.55")

    assert found.kj_per_kg == (Fraction("2748.5") + Fraction("2756.4")) / 2
    assert ends(found) == {"cn-steam-sat-0.50": Fraction(1, 2), "cn-steam-sat-0.60": Fraction(1, 2)}


@pytest.mark.parametrize(
    ("pressure", "temperature", "iapws95"),
    [
        ("0.25", "140", "2743.9"),
        ("0.8", "175", "2780.0"),
        ("1.2", "220", "2865.7"),
        ("1.3", "200", "2809.6"),
        ("2.5", "300", "3009.6"),
        ("3.82", "450", "3333.7"),
        ("4.4", "260", "2814.5"),
        ("6.3", "295", "2853.0"),
        ("9.81", "540", "3478.9"),
        ("13.2", "535", "3429.6"),
        ("26", "550", "3327.5"),
        ("0.006", "", "2566.6"),
        ("0.55", "", "2752.3"),
        ("1.5", "", "2791.0"),
        ("9.81", "", "2728.9"),
    ],
)
def test_states_that_plants_run_at_come_within_three_per_mille_of_iapws_95(
    pressure: str, temperature: str, iapws95: str
) -> None:
    """Derived: the values are those of another implementation of IAPWS-95 (CoolProp)."""
    found = looked_up(pressure, temperature)

    assert abs(found.kj_per_kg / Fraction(iapws95) - 1) < Fraction(3, 1000)


def test_near_saturation_the_saturated_state_is_the_end_and_water_never() -> None:
    found = looked_up("1.3", "200")

    assert set(ends(found)) == {"cn-steam-sup-1-200", "cn-steam-sat-1.40", "cn-steam-sat-1.60"}
    assert FindingKind.SATURATION_END_POINT in kinds(found)


def test_at_saturation_the_superheated_and_the_saturated_are_the_same() -> None:
    for row in table().saturated:
        if Decimal("0.01") <= row.pressure_mpa:
            superheated = looked_up(str(row.pressure_mpa), str(row.temperature_c))
            assert superheated.kj_per_kg == looked_up(str(row.pressure_mpa)).kj_per_kg


@given(pressure=pressures, share=shares)
def test_steam_lies_between_its_ends_which_are_steam_and_weigh_one(
    pressure: Decimal, share: Decimal
) -> None:
    found = enthalpy(at(pressure, share), table())

    values = [Fraction(point.row.enthalpy_kj_per_kg) for point in found.end_points]
    assert min(values) <= found.kj_per_kg <= max(values)
    assert min(values) > 2000, "no line begins in water"
    assert sum(point.weight for point in found.end_points) == 1
    assert all(0 < point.weight <= 1 for point in found.end_points)
    assert found.kj_per_kg == sum(
        point.weight * value for point, value in zip(found.end_points, values, strict=True)
    )


@given(pressure=pressures, temperature=temperatures)
def test_any_state_is_steam_or_refused(pressure: Decimal, temperature: Decimal) -> None:
    given_state = Superheated(pressure_mpa=pressure, temperature_c=temperature)
    try:
        found = enthalpy(given_state, table())
    except SteamStateOutside:
        assert temperature < begins_c(pressure)
    else:
        assert found.kj_per_kg > 2000
        assert temperature >= table().boiling_c(pressure)


@given(pressure=pressures, first=shares, second=shares)
def test_hotter_steam_of_one_pressure_holds_more(
    pressure: Decimal, first: Decimal, second: Decimal
) -> None:
    colder, hotter = (enthalpy(at(pressure, share), table()) for share in sorted((first, second)))

    assert colder.kj_per_kg <= hotter.kj_per_kg


@given(pressure=st.sampled_from(PRESSURES[1:-3]), share=shares)
def test_beside_a_printed_pressure_nothing_jumps(pressure: Decimal, share: Decimal) -> None:
    here = at(pressure, share)
    # A little less pressure is steam as well; a little more must not be boiling yet.
    beside = [pressure - Decimal("1e-9")]
    if here.temperature_c > begins_c(pressure + Decimal("1e-9")):
        beside.append(pressure + Decimal("1e-9"))

    for each in beside:
        there = Superheated(pressure_mpa=each, temperature_c=here.temperature_c)
        jump = enthalpy(there, table()).kj_per_kg - enthalpy(here, table()).kj_per_kg
        assert abs(jump) < Fraction(1, 1000)


def outside() -> Iterator[tuple[str, str, str]]:
    """States that the tables do not hold, and what is said to be allowed."""
    yield "0.5", "900", "up to 600 °C"
    yield "0.5", "600.01", "up to 600 °C"
    yield "30.01", "500", "superheated steam of 0.01 to 30 MPa"
    yield "0.005", "200", "superheated steam of 0.01 to 30 MPa"
    yield "1.0", "179.87", "at 1.0 MPa steam from 179.88 to 600 °C"
    yield "1.0", "25", "reported as hot water"
    yield "24", "390", "at 24 MPa steam from 400 to 600 °C"
    yield "21", "380", "at 21 MPa steam from 400 to 600 °C"
    yield "25", "399", "at 25 MPa steam from 400 to 600 °C"
    yield "-1", "200", "superheated steam of 0.01 to 30 MPa"
    yield "0.0009", "", "saturated steam of 0.001 to 22.0 MPa"
    yield "22.01", "", "saturated steam of 0.001 to 22.0 MPa"


@pytest.mark.parametrize(("pressure", "temperature", "allowed"), list(outside()))
def test_a_state_outside_is_refused_with_what_is_inside(
    pressure: str, temperature: str, allowed: str
) -> None:
    with pytest.raises(SteamStateOutside) as refused:
        enthalpy(state(pressure, temperature), table(), "records[0].steam")

    assert refused.value.field == "records[0].steam"
    assert allowed in refused.value.text("en")
    assert pressure in refused.value.given


def test_every_cell_that_deviates_is_used_as_printed_and_flagged() -> None:
    deviating = [row for row in printed() if row["finding"] == "deviation" and not is_water(row)]

    assert len(deviating) == 10
    for row in deviating:
        found = looked_up(
            row["pressure_mpa"], "" if row["state"] == "saturated" else row["temperature_c"]
        )
        (finding,) = found.findings
        assert finding.kind is FindingKind.DEVIATES_FROM_IAPWS97
        for number in (row["enthalpy_kj_per_kg"], row["iapws97_kj_per_kg"]):
            assert number in finding.text.en
            assert number in finding.text.zh


def test_every_note_of_the_file_is_a_finding_and_every_finding_has_a_reason() -> None:
    for row in printed():
        off = abs(Decimal(row["enthalpy_kj_per_kg"]) - Decimal(row["iapws97_kj_per_kg"]))
        noted = "eviates" in row["note"] or "DEVIATES" in row["note"]
        assert noted == (row["finding"] == "deviation"), row["id"]
        # Above 12 kJ/kg nothing goes unnoticed.
        assert off < 12 or row["finding"] == "deviation", row["id"]


def test_interpolating_from_a_deviating_cell_says_so() -> None:
    found = looked_up("0.45", "390")

    assert "cn-steam-sup-0.5-400" in ends(found)
    assert kinds(found) == {FindingKind.DEVIATES_FROM_IAPWS97}


@pytest.mark.parametrize(
    ("pressure", "key", "temperature"),
    [("1.40", "1.40", "195.04"), ("1.70", "1.40", "204.3"), ("1.80", "1.50", "207.1")],
)
def test_the_pressures_that_the_print_mistakes_are_said(
    pressure: str, key: str, temperature: str
) -> None:
    (finding,) = looked_up(pressure).findings

    assert finding.kind is FindingKind.PRESSURE_KEY_PRINTED_TWICE
    assert key in finding.text.en
    assert temperature in finding.text.en


def test_where_the_table_is_coarse_it_is_said() -> None:
    assert FindingKind.TABLE_COARSE in kinds(looked_up("18", "370"))
    assert FindingKind.TABLE_COARSE in kinds(looked_up("21", "372"))
    assert FindingKind.TABLE_COARSE not in kinds(looked_up("20", "400")), "a printed state"
    assert FindingKind.TABLE_COARSE not in kinds(looked_up("12", "370"))
    assert FindingKind.TABLE_COARSE not in kinds(looked_up("18", "460"))


def test_a_figure_is_trusted_no_more_than_its_rows() -> None:
    def row(row_id: str, pressure: str, temperature: str, status: Status) -> Row:
        source = table().source
        return Row(
            row_id=row_id,
            saturated=True,
            pressure_mpa=Decimal(pressure),
            printed_pressure_mpa=Decimal(pressure),
            temperature_c=Decimal(temperature),
            enthalpy_kj_per_kg=Decimal(2700),
            iapws97_kj_per_kg=Decimal(2700),
            finding=None,
            source=type(source)(title=source.title, status=status),
        )

    rows = [row("a", "1", "180", Status.SECONDARY), row("b", "2", "212", Status.UNVERIFIED)]
    made = steam.table(rows, source=table().source, coarse=table().coarse)

    assert enthalpy(state("1"), made).status is Status.SECONDARY
    assert enthalpy(state("1.5"), made).status is Status.UNVERIFIED
