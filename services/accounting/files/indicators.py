"""Indicator systems and what their formulas can name, read from `methods/indicators/*.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from services.accounting.domain.indicator import written
from services.accounting.domain.indicator.check import check
from services.accounting.domain.indicator.input import Catalogue, Holder, Input, Origin, YearBy
from services.accounting.domain.indicator.system import System
from services.accounting.domain.ranking.weights import Consistency
from services.accounting.files.methods import METHODS, Documents, clause_of
from services.kernel.errors import Words

INDICATORS: Final = METHODS / "indicators"

Plain = dict[str, Any]


def input_catalogue(path: Path = INDICATORS / "inputs.toml") -> Catalogue:
    """Return what a formula can name."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return Catalogue({each["id"]: _input(each) for each in data["inputs"]})


def indicator_systems(folder: Path = INDICATORS) -> dict[str, System]:
    """Return the published systems by id; one that contradicts itself is a defect."""
    catalogue = input_catalogue(folder / "inputs.toml")
    texts = (path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.toml")))
    found = [system(tomllib.loads(text)) for text in texts if "\nscoring = " in text]
    for each in found:
        check(each, catalogue)
    return {each.system_id: each for each in found}


def system(data: Mapping[str, Any]) -> System:
    """Return the system of a data file, every place in a document spelt out."""
    documents = {each["id"]: each for each in data["documents"]}
    return written.system(
        {
            **data,
            "indicators": [_indicator(each, documents) for each in data["indicators"]],
            **{
                key: [_placed(each, documents) for each in data.get(key, [])]
                for key in ("parameters", "consequences")
            },
            "open_points": [_open_point(each, documents) for each in data.get("open_points", [])],
            **(
                {"not_applicable": _placed(data["not_applicable"], documents)}
                if "not_applicable" in data
                else {}
            ),
        }
    )


def consistency(path: Path = INDICATORS / "ahp.toml") -> Consistency:
    """Return how consistent pairwise comparisons have to be."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return Consistency(
        random_index={int(size): index for size, index in data["random_index"].items()},
        below=data["consistency_ratio_below"],
    )


def _input(data: Plain) -> Input:
    return Input(
        input_id=data["id"],
        name=Words(en=data["name_en"], zh=data["name_zh"]),
        unit=data["unit"],
        origin=Origin(data["origin"]),
        holder=Holder(data["holder"]),
        year_by=YearBy(data["year_by"]),
        by_subject=data.get("by_subject", False),
        by_price=data.get("by_price", False),
        price_index=data.get("price_index", ""),
        note=Words(en=data.get("note_en", ""), zh=data.get("note_zh", "")),
    )


def _indicator(data: Plain, documents: Documents) -> Plain:
    """Return an indicator with its places spelt out; one limit for all is a case of its own."""
    found = _placed(data, documents)
    formula = {
        **data,
        "status": data.get("formula_status", data["status"]),
        "note": data.get("formula_note", ""),
    }
    limit = {**data, "status": data.get("limit_status", data["status"])}
    cases = [_placed({**limit, "note": "", **each}, documents) for each in data.get("cases", [])]
    if "limit" in data:
        of_all = {"id": "all", "name_en": "all", "name_zh": "全部"}
        cases = [_placed({**limit, **of_all}, documents)]
    return {**found, "formula_source": _source(formula, documents), "cases": cases}


def _open_point(data: Plain, documents: Documents) -> Plain:
    status = documents[data["document"]]["status"]
    return _placed({"status": status, "note": "", **data}, documents)


def _placed(data: Plain, documents: Documents) -> Plain:
    return {**data, "source": _source(data, documents)}


def _source(data: Plain, documents: Documents) -> Plain:
    """Return where a rule is written; a rule may say more closely how far it is known."""
    found = clause_of(data, documents)
    found = replace(found, confidence=data.get("confidence", found.confidence))
    return written.of_source(found)
