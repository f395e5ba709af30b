"""Methods, read from `methods/*.toml`: one file a method, every rule with its clause."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from services.accounting.domain.activity import Kind
from services.accounting.domain.formula import Constant, Formula, Slot, parse
from services.accounting.domain.method import (
    Basis,
    Category,
    Industry,
    Item,
    Method,
    Reporting,
    Stage,
    Term,
)
from services.accounting.domain.role import Role
from services.kernel import trust
from services.kernel.errors import Words
from services.kernel.mass import Gas, Rounding
from services.kernel.names import HOME_METHOD
from services.kernel.source import Source
from services.kernel.trust import Status

METHODS: Final = Path(__file__).parents[1] / "methods"

_GWP_SUBJECTS: Final[Mapping[Gas, str]] = {
    gas: "ch4-fossil" if gas is Gas.CH4 else gas.value.lower()
    for gas in Gas
    if gas not in {Gas.CO2, Gas.CO2E}
}
"""Which potential a gas takes where a formula names no other."""

Documents = Mapping[str, Mapping[str, Any]]
"""The documents of a data file, by the id it gives them."""


def methods(folder: Path = METHODS) -> dict[str, Method]:
    """Return the methods of `folder` by id, the home method first."""
    found = [method(text) for text in method_texts(folder).values()]
    ordered = sorted(found, key=lambda each: each.method_id != HOME_METHOD)
    return {each.method_id: each for each in ordered}


def method_texts(folder: Path = METHODS) -> dict[str, str]:
    """Return the files of the methods of `folder` as they are, by the method's id."""
    texts = (path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.toml")))
    found = (text for text in texts if text.startswith("method ="))
    return {tomllib.loads(text.partition("\n")[0])["method"]: text for text in found}


def method(text: str) -> Method:
    """Return the method that `text` describes; one that contradicts itself is a defect."""
    data = tomllib.loads(text)
    documents = {each["id"]: each for each in data["documents"]}
    items = {each["id"]: _item(each) for each in data["items"]}
    constants = {each["id"]: _constant(each) for each in data.get("constants", [])}
    booked = data["rounding"]["booked"]
    industries = [_industry(each) for each in data.get("process_industries", [])]
    assert all(set(each.items) <= items.keys() for each in industries), "items exist"
    return Method(
        method_id=data["method"],
        version=data["version"],
        status=Status(data["status"]),
        note=data["note"],
        open_points=tuple(
            Words(en=each["text"], zh=each["text_zh"]) for each in data.get("known_gaps", [])
        ),
        title=Words(en=data["title_en"], zh=data["title_zh"]),
        gwp_sets=tuple(data["gwp_sets"]),
        bases=tuple(Basis(each) for each in data["bases"]),
        gases=tuple(Gas(each) for each in data["gases"]),
        industries=tuple(data.get("industries", [])),
        is_of_zones=data["zones"],
        splits_periods=data.get("splits_periods", False),
        items=items,
        terms=tuple(_term(each, items, constants, documents) for each in data["terms"]),
        rounding=Rounding(booked["mode"]),
        rounding_reason=booked["reason"],
        expected={each.code: each for each in industries},
        reporting=_reporting(data["rounding"]["reported"], documents),
        first_year=data.get("first_year", 0),
    )


def _item(data: Mapping[str, Any]) -> Item:
    return Item(
        item_id=data["id"],
        name=Words(en=data["name_en"], zh=data["name_zh"]),
        category=Category(data["category"]),
        sign=data.get("sign", 1),
        balance=data.get("balance", ""),
        by_facility=data.get("by_facility", False),
    )


def _constant(data: Mapping[str, Any]) -> Constant:
    return Constant(text=data["id"], value=Fraction(data["value"]), unit=data["unit"])


def _term(
    data: Mapping[str, Any],
    items: Mapping[str, Item],
    constants: Mapping[str, Constant],
    documents: Documents,
) -> Term:
    return Term(
        kind=Kind(data["kind"]),
        subjects=tuple(data["subjects"]),
        item=items[data["item"]],
        formulas=tuple(_formula(each, constants, documents) for each in data["formulas"]),
    )


def _formula(
    data: Mapping[str, Any], constants: Mapping[str, Constant], documents: Documents
) -> Formula:
    optional = set(data.get("optional_gases", []))
    chains = tuple(
        parse(text, Gas(gas), constants, optional=gas in optional)
        for gas, texts in data["gases"].items()
        for text in ([texts] if isinstance(texts, str) else texts)
    )
    gwp = {Gas(gas): subject for gas, subject in data.get("gwp_subjects", {}).items()}
    return Formula(
        formula_id=data["id"],
        chains=chains,
        needs=tuple(Slot(role=Role(role.upper())) for role in data.get("needs", [])),
        unit=data.get("unit", ""),
        first_year=data.get("first_year", 0),
        last_year=data.get("last_year", 9999),
        words=Words(en=data["words_en"], zh=data["words_zh"]),
        clause=clause_of(data, documents),
        gwp_subjects={**_GWP_SUBJECTS, **gwp},
    )


def _reporting(data: Mapping[str, Any], documents: Documents) -> Reporting | None:
    if not data["defined"]:
        return None
    return Reporting(
        rounding=Rounding(data["mode"]),
        activity=tuple(_stages(data["activity"])),
        factors={
            Role(role.upper()): tuple(_stages(stages)) for role, stages in data["factors"].items()
        },
        products=tuple(_stages(data.get("products", []))),
        whole_factors={
            item: tuple(_stages(stages)) for item, stages in data.get("whole_factors", {}).items()
        },
        emissions_decimals=data["emissions_decimals"],
        total_decimals=data["total_decimals"],
        clause=clause_of(data, documents),
    )


def _stages(data: Sequence[Mapping[str, Any]]) -> Iterator[Stage]:
    for each in data:
        yield Stage(unit=each["unit"], decimals=each["decimals"])


def clause_of(data: Mapping[str, Any], documents: Documents) -> Source:
    """Return where a rule of a data file is written, with the lower status of rule and document."""
    document = documents[data["document"]]
    published: date | None = document.get("date")
    return Source(
        title=document["title_zh"],
        status=trust.lowest(Status(document["status"]), Status(data["status"])),
        document_no=document["document_no"],
        source_year=published.year if published else 0,
        locator=data["clause"],
        url=document["url"],
        confidence=document["confidence"],
        note=data.get("note", ""),
    )


def _industry(data: Mapping[str, Any]) -> Industry:
    return Industry(
        code=data["code"],
        name=Words(en=data["name_en"], zh=data["name_zh"]),
        missing=Words(en=data["missing"], zh=data["missing_zh"]),
        items=tuple(data.get("items", [])),
    )
