"""Methods, read from `methods/*.toml`: one file a method, every rule with its clause."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from services.accounting.domain.activity import Kind
from services.accounting.domain.method import Category, IncompleteIndustry, Method, Role, Term
from services.kernel import trust
from services.kernel.errors import Words
from services.kernel.mass import Rounding
from services.kernel.source import Source
from services.kernel.trust import Status

METHODS = Path(__file__).parent / "methods"


def methods(folder: Path = METHODS) -> dict[str, Method]:
    """Return the methods of `folder` by id."""
    found = [method(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.toml"))]
    return {each.method_id: each for each in found}


def method(text: str) -> Method:
    """Return the method that `text` describes; one that lacks a term or a rule is a defect."""
    data = tomllib.loads(text)
    documents = {each["id"]: each for each in data["documents"]}
    terms = [_term(each, documents) for each in data["terms"]]
    constant = data["constants"]["carbon_to_co2"]
    booked = data["rounding"]["booked"]
    industries = [_industry(each) for each in data["incomplete_industries"]]
    assert {term.kind for term in terms} == set(Kind), "each kind of activity has a term"
    return Method(
        method_id=data["method"],
        title=Words(en=data["title_en"], zh=data["title_zh"]),
        gwp_set=data["gwp_set"],
        scope2_basis=data["scope2_basis"].lower().replace("_", "-"),
        terms={term.kind: term for term in terms},
        carbon_to_co2=Fraction(constant["value"]),
        carbon_clause=_clause(constant, documents),
        rounding=Rounding(booked["mode"]),
        rounding_reason=booked["reason"],
        incomplete_industries={each.code: each for each in industries},
    )


def _term(data: Mapping[str, Any], documents: Mapping[str, Any]) -> Term:
    return Term(
        kind=Kind(data["activity_kind"]),
        sign=data["sign"],
        category=Category(data["category"]),
        roles=tuple(Role(role.upper()) for role in data["roles"]),
        formula=Words(en=data["formula"], zh=data["formula_zh"]),
        clause=_clause(data, documents),
    )


def _clause(data: Mapping[str, Any], documents: Mapping[str, Any]) -> Source:
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
        note=data["note"],
    )


def _industry(data: Mapping[str, Any]) -> IncompleteIndustry:
    return IncompleteIndustry(
        code=data["code"],
        industry=Words(en=data["name_en"], zh=data["name_zh"]),
        missing=Words(en=data["missing"], zh=data["missing_zh"]),
    )
