from __future__ import annotations

import itertools
import subprocess
import sys
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel import units
from services.kernel.errors import FieldRequired, UnitAmbiguous, UnitDimension, UnitUnknown

CODES = [unit.code for unit in units.units()]


def test_every_pair_of_units_converts_exactly_or_is_refused() -> None:
    converted = refused = 0
    for a, b in itertools.product(units.units(), repeat=2):
        if a.vector == b.vector:
            there, back = units.conversion(a.code, b.code), units.conversion(b.code, a.code)
            assert type(there) is Fraction
            assert there > 0
            assert there * back == 1
            converted += 1
        else:
            with pytest.raises(UnitDimension) as caught:
                units.conversion(a.code, b.code)
            assert caught.value.given == a.code
            assert set(caught.value.choices) <= set(units.fitting(b.code))
            refused += 1

    assert converted + refused == len(CODES) ** 2
    assert converted > len(CODES)


@given(data=st.data(), code=st.sampled_from(CODES))
def test_a_way_over_a_third_unit_is_the_same(data: st.DataObject, code: str) -> None:
    fitting = st.sampled_from(units.fitting(code))
    second, third = data.draw(fitting), data.draw(fitting)

    assert units.conversion(code, third) == (
        units.conversion(code, second) * units.conversion(second, third)
    )


@pytest.mark.parametrize("unit", units.units(), ids=lambda unit: unit.code)
def test_a_unit_is_itself_and_has_both_names(unit: units.Unit) -> None:
    assert units.conversion(unit.code, unit.code) == 1
    assert units.unit(unit.code) is unit
    assert unit.code == unit.code.strip()
    assert unit.scale > 0
    assert unit.name_en.isascii() or "°" in unit.name_en
    # A gas of many isomers goes by its code in Chinese too: 千克 HFC-134a.
    assert any(mark >= "\u4e00" for mark in unit.name_zh)
    assert unit.dimension
    assert unit.dimension_zh
    assert len(unit.code) <= 40


def test_the_names_tell_the_units_apart() -> None:
    assert len({unit.name_en for unit in units.units()}) == len(CODES)
    assert len({unit.name_zh for unit in units.units()}) == len(CODES)


@pytest.mark.parametrize(
    ("from_code", "to_code", "factor"),
    [
        ("lb", "kg", "0.45359237"),
        ("lb", "g", "453.59237"),
        ("lbCO2", "kgCO2", "0.45359237"),
        ("lbCH4/MWh", "lbCH4/GWh", "1000"),
        ("mile", "km", "1.609344"),
        ("gal(US)", "L", "3.785411784"),
        ("gal(UK)", "L", "4.54609"),
        ("mmBtu(GCV)", "MJ(GCV)", "1055.05585262"),
        ("therm(GCV)", "mmBtu(GCV)", "0.1"),
        ("ton(US)", "kg", "907.18474"),
        ("ton(UK)", "kg", "1016.0469088"),
        ("kWh", "MJ", "3.6"),
        ("10^4 kWh", "GJ", "36"),
        ("10^8 kWh", "GWh", "100"),
        ("TJ", "GJ", "1000"),
        ("kcal(IT)", "kJ", "4.1868"),
        ("kcal(th)", "kJ", "4.184"),
        ("kcal(20°C)", "kJ", "4.1816"),
        ("kcal(IT,NCV)/kg", "kJ(NCV)/kg", "4.1868"),
        ("10^4 Nm3", "Nm3", "10000"),
        ("L", "m3", "0.001"),
        ("tce", "kgce", "1000"),
        ("tC/GJ(NCV)", "tC/TJ(NCV)", "1000"),
        ("kgCO2/kWh", "tCO2/MWh", "1"),
        ("gCO2/kWh", "tCO2/MWh", "0.001"),
        ("tCO2/10^4 kWh", "kgCO2/kWh", "0.1"),
        ("GJ(NCV)/10^4 Nm3", "MJ(NCV)/Nm3", "0.1"),
        ("kJ/kg", "GJ/t", "0.001"),
        ("kgCH4/kg", "kgCH4/t", "1000"),
        ("%", "1", "0.01"),
        ("MW", "kW", "1000"),
        ("d", "h", "24"),
    ],
)
def test_definitions_are_exact(from_code: str, to_code: str, factor: str) -> None:
    assert units.conversion(from_code, to_code) == Fraction(factor)


@pytest.mark.parametrize(
    ("ambiguous", "choices"),
    [
        ("ton", {"t", "ton(US)", "ton(UK)"}),
        ("mt", {"t", "10^4 t"}),
        ("kt", {"t", "10^4 t"}),
        ("RT", {"kW", "kWh", "GJ"}),
        ("kcal", {"kcal(IT)", "kcal(th)", "kcal(20°C)"}),
        ("大卡", {"kcal(IT)", "kcal(th)", "kcal(20°C)"}),
        ("cal", {"kcal(IT)", "kcal(th)", "kcal(20°C)"}),
        ("Mcal", {"kcal(IT)", "kcal(th)", "kcal(20°C)", "MJ"}),
        ("标准立方米", {"Nm3", "Sm3"}),
        ("万方", {"10^4 m3", "10^4 Nm3", "10^4 Sm3"}),
        ("吨碳", {"tC", "tCO2"}),
        ("tC/TJ", {"tC/TJ(NCV)", "tC/TJ(GCV)"}),
        ("gal", {"gal(US)", "gal(UK)"}),
    ],
)
def test_what_can_mean_several_units_is_refused_with_the_choices(
    ambiguous: str, choices: set[str]
) -> None:
    with pytest.raises(UnitAmbiguous) as caught:
        units.unit(ambiguous)

    assert set(caught.value.choices) == choices
    assert caught.value.field == "unit_code"


@pytest.mark.parametrize(
    ("unknown", "meant"),
    [
        ("kwh", "kWh"),
        ("KWH", "kWh"),
        ("mwh", "MWh"),
        ("MW.h", "MWh"),
        ("Kg", "kg"),
        ("gj", "GJ"),
        ("t CO2", "tCO2"),
        ("t CO2?", "tCO2"),
        ("TCE", "tce"),
        ("tco2/mwh", "tCO2/MWh"),
        ("nm3", "Nm3"),
        ("GJ(ncv)/t", "GJ(NCV)/t"),
        ("万 kWh", "10^4 kWh"),
    ],
)
def test_an_unknown_unit_is_refused_with_the_nearest(unknown: str, meant: str) -> None:
    with pytest.raises(UnitUnknown) as caught:
        units.unit(unknown)

    assert meant in caught.value.choices
    assert meant in caught.value.text("zh")


@pytest.mark.parametrize(
    "nonsense", ["furlong", "kWh ", "kWh\x00", "$", "斤", "x" * 100_000, "1e3 t", "[energy]", "one"]
)
def test_nonsense_is_refused_with_some_units_of_the_list(nonsense: str) -> None:
    with pytest.raises(UnitUnknown) as caught:
        units.unit(nonsense)

    assert set(caught.value.choices) <= set(CODES)
    assert caught.value.choices
    assert len(caught.value.text("en")) < 400


@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u3000"])
def test_a_blank_unit_is_missing(blank: str) -> None:
    with pytest.raises(FieldRequired) as caught:
        units.unit(blank)

    assert caught.value.field == "unit_code"


# What stock pint would answer, or people often take for each other: from, to, a part of the text.
TRAPS = [
    ("GJ(GCV)", "GJ(NCV)", "hydrogen"),
    ("GJ", "GJ(NCV)", "basis"),
    ("kWh", "kWh(GCV)", "basis"),
    ("m3", "Nm3", "Nm3 is at 0 °C, Sm3 at 20 °C"),
    ("Sm3", "m3", "Nm3 is at 0 °C, Sm3 at 20 °C"),
    ("Nm3", "Sm3", "20 °C"),
    ("tC", "tCO2", "44/12"),
    ("tCO2", "tC", "44/12"),
    ("tC/t", "tCO2/t", "44/12"),
    ("tCO2", "tCO2e", "GWP"),
    ("tCH4", "tCO2e", "GWP"),
    ("tce", "GJ", "declared coefficient"),
    ("t", "tce", "declared coefficient"),
    ("t", "tCO2", "emission factor"),
    ("L", "kg", "density"),
    ("kW", "kWh", "Power is not energy"),
    ("Nm3", "GJ(NCV)", "calorific value"),
    ("scf", "Nm3", "state of its own table"),
    ("km", "t.km", "mass carried times the distance"),
    ("t.km", "t", "never converted"),
    ("mmBtu(GCV)", "GJ(NCV)", "hydrogen"),
    ("kWh", "tCO2", "emission factor"),
    ("t", "CNY", "never converted"),
]


@pytest.mark.parametrize(("from_code", "to_code", "told"), TRAPS)
def test_what_is_easily_mistaken_is_refused_with_the_way_out(
    from_code: str, to_code: str, told: str
) -> None:
    with pytest.raises(UnitDimension) as caught:
        units.conversion(from_code, to_code)

    assert told in caught.value.text("en")
    assert units.unit(from_code).dimension in caught.value.text("en")
    assert units.unit(from_code).dimension_zh in caught.value.text("zh")
    assert units.unit(to_code).dimension_zh in caught.value.text("zh")


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("度", "kWh"),
        ("千瓦时", "kWh"),
        ("kW·h", "kWh"),
        ("万度", "10^4 kWh"),
        ("万kWh", "10^4 kWh"),
        ("亿千瓦时", "10^8 kWh"),
        ("吨", "t"),
        ("万吨", "10^4 t"),
        ("公斤", "kg"),
        ("万立方米", "10^4 m3"),
        ("m³", "m3"),
        ("10^4Nm3", "10^4 Nm3"),
        ("10⁴ Nm³", "10^4 Nm3"),
        ("万Nm³", "10^4 Nm3"),
        ("吨标准煤", "tce"),
        ("万吨标准煤", "10^4 tce"),
        ("吉焦", "GJ"),
        ("百万千焦", "GJ"),
        ("tCO₂", "tCO2"),
        ("吨二氧化碳当量", "tCO2e"),
        ("tCO₂/MWh", "tCO2/MWh"),
        ("吨二氧化碳/兆瓦时", "tCO2/MWh"),
        ("GJ（NCV）/t", "GJ(NCV)/t"),
        ("GJ(LHV)/t", "GJ(NCV)/t"),
        ("GJ(NCV)/(10^4 Nm3)", "GJ(NCV)/10^4 Nm3"),
        ("kcal(20℃)", "kcal(20°C)"),
        ("万元", "10^4 CNY"),
        ("公里", "km"),
        ("吨公里", "t.km"),
    ],
)
def test_spellings_with_one_meaning_are_accepted(spelling: str, code: str) -> None:
    assert units.unit(spelling).code == code
    assert units.conversion(spelling, code) == 1


def test_no_spelling_has_two_meanings() -> None:
    spellings = units.spellings()

    assert not set(spellings) & set(CODES)
    assert set(spellings.values()) <= set(CODES)


def test_an_explanation_leads_to_the_factor() -> None:
    conversion = units.explain("10^4 kWh", "GJ")

    assert conversion.factor == 36
    assert conversion.steps == (
        "1 10^4 kWh = 36000000000 J",
        "1 GJ = 1000000000 J",
        "1 10^4 kWh = 36 GJ",
    )
    assert units.explain("tCO2/MWh", "tCO2/GJ").steps[-1] == "1 tCO2/MWh = 5/18 tCO2/GJ"
    assert units.explain("m3", "m3").steps == ("1 m3 = 1 m3",)


@given(code=st.sampled_from(CODES), data=st.data())
def test_every_step_of_an_explanation_is_true(code: str, data: st.DataObject) -> None:
    conversion = units.explain(code, data.draw(st.sampled_from(units.fitting(code))))

    last = conversion.steps[-1].removeprefix(f"1 {conversion.from_unit.code} = ")
    assert Fraction(last.removesuffix(f" {conversion.to_unit.code}")) == conversion.factor


def test_the_list_is_compiled_on_first_use_and_quickly() -> None:
    script = (
        "import time; begun = time.perf_counter(); from services.kernel import units;"
        "units.unit('kWh'); print(time.perf_counter() - begun)"
    )
    done = subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-c", script], capture_output=True, check=True, text=True
    )

    assert float(done.stdout) < 5, "generous: a busy machine; a quiet one takes 0.4 s"
