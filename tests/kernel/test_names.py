from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel import names
from services.kernel.errors import NameInvalid
from services.kernel.names import Pattern

PATTERNS = [value for value in vars(names).values() if isinstance(value, Pattern)]

IDS = st.from_regex(r"[a-z][a-z0-9-]{0,62}", fullmatch=True)
IDS_OF_KIND = {
    "year": st.from_regex(r"[0-9]{4}", fullmatch=True),
    "month": st.dates().map(lambda day: f"{day:%Y}".zfill(4) + f"-{day:%m}"),
    "inventory": st.from_regex(r"[0-9]{4}(-[a-z][a-z0-9-]{0,39})?", fullmatch=True),
    "line": st.from_regex(r"[a-z][a-z0-9_-]{0,158}", fullmatch=True),
    "factor": st.from_regex(r"[a-z0-9][a-z0-9._-]{0,126}", fullmatch=True),
    "factor_set": st.from_regex(r"[a-z0-9][a-z0-9._-]{0,126}", fullmatch=True),
    "role": st.from_regex(r"[A-Z][A-Z0-9_]{0,62}", fullmatch=True),
    "subject": st.text(min_size=1, max_size=200),
    "region": st.from_regex(r"CN-[A-Z]{2}", fullmatch=True),
    "statistic": st.from_regex(
        r"[a-z][a-z0-9_]{0,62}\.[0-9]{4}(-(0[1-9]|1[0-2]))?(\.[a-z][a-z0-9-]{0,62})?",
        fullmatch=True,
    ),
    "version": st.integers(1, 99_999).map(str),
}


@pytest.mark.parametrize("pattern", PATTERNS, ids=str)
@given(data=st.data())
def test_a_name_goes_round(pattern: Pattern, data: st.DataObject) -> None:
    ids = {kind: data.draw(IDS_OF_KIND.get(kind, IDS)) for kind in pattern.kinds}

    name = pattern.format(**ids)

    assert pattern.parse(name) == ids
    assert pattern.matches(name)


@pytest.mark.parametrize("pattern", PATTERNS, ids=str)
@given(text=st.text(alphabet=string.ascii_letters + string.digits + "/-._{}", max_size=60))
def test_what_parses_is_spelt_again_alike(pattern: Pattern, text: str) -> None:
    if pattern.matches(text):
        assert pattern.format(**pattern.parse(text)) == text
    else:
        with pytest.raises(NameInvalid):
            pattern.parse(text)


def test_no_name_is_of_two_kinds() -> None:
    ids = {
        "year": "2024",
        "inventory": "2024",
        "month": "2024-01",
        "role": "GWP100",
        "region": "CN-JS",
        "statistic": "staff.2024",
        "version": "1",
    }
    examples = {
        pattern: pattern.format(**{kind: ids.get(kind, "a1") for kind in pattern.kinds})
        for pattern in PATTERNS
    }

    for pattern, name in examples.items():
        assert [other for other in PATTERNS if other.matches(name)] == [pattern]


@pytest.mark.parametrize(
    "refused",
    [
        "",
        "Chp",
        "1chp",
        "-chp",
        "chp_1",
        "chp.1",
        "chp/1",
        "a" * 64,
        "园区",
        "chp\n",
        " chp",
        "..",
        "ａ",
    ],
)
def test_an_id_that_breaks_the_rule_is_refused(refused: str) -> None:
    with pytest.raises(NameInvalid) as formatted:
        names.ENTERPRISE.format(enterprise=refused)
    with pytest.raises(NameInvalid) as parsed:
        names.ENTERPRISE.parse(f"enterprises/{refused}", field="parent")

    assert formatted.value.field == "enterprise_id"
    assert formatted.value.given == refused
    assert parsed.value.field == "parent"
    assert parsed.value.pattern == "enterprises/{enterprise}"


@pytest.mark.parametrize("refused", ["24", "02024", "２０２４", "20-4", "year"])
def test_the_year_of_an_inventory_has_four_digits(refused: str) -> None:
    with pytest.raises(NameInvalid):
        names.INVENTORY.format(enterprise="chp", inventory=refused)


def test_an_inventory_is_named_by_its_year_and_its_method_but_for_the_home_method() -> None:
    assert names.inventory_id(2024, "gbt32150") == "2024"
    assert names.inventory_id(2024, "ets-steel") == "2024-ets-steel"
    assert names.of_inventory("2024") == (2024, "gbt32150")
    assert names.of_inventory("2024-ets-steel") == (2024, "ets-steel")


@pytest.mark.parametrize("refused", ["2024", "2024-00", "2024-13", "2024-1", "24-01", "2024-01-01"])
def test_a_month_has_its_year_and_two_digits(refused: str) -> None:
    assert names.check_id("month", "2024-12") == "2024-12"
    with pytest.raises(NameInvalid):
        names.check_id("month", refused)


def test_ids_of_published_factors_keep_dots_and_underscores() -> None:
    name = names.FACTOR.format(factor_set="gbt32151.34-2024", factor="4.1_steam")

    assert name == "factorSets/gbt32151.34-2024/factors/4.1_steam"
    assert names.FACTOR_SET.matches("factorSets/gwp100-ar5")


def test_a_rule_is_named_by_its_key_whatever_its_thing_is_called() -> None:
    key = {"method": "ghgp", "year": "2024", "role": "CF4_FACTOR", "factor_set": "a.1"}

    for subject in ("*", "natural-gas", "a:b.c/d", "园区\n"):
        name = names.APPLICABILITY_RULE.format(**key, subject=subject)
        assert names.APPLICABILITY_RULE.parse(name) == {**key, "subject": subject}
    assert name.startswith("applicabilityRules/ghgp:2024:CF4_FACTOR:a.1:")


def test_missing_and_superfluous_ids_are_our_own_mistake() -> None:
    with pytest.raises(TypeError, match="enterprise"):
        names.ENTERPRISE.format(zone="z")
