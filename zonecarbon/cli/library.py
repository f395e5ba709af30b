"""Reads a folder of factor files into the messages that load it.

The folder holds `factors/*.csv`, `applicability.csv` and `regions.csv`, as
`services/registry/data` does; its README says what each column means.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import Final

from google.type import date_pb2, decimal_pb2

from zonecarbon.registry.v1 import factor_pb2, factor_service_pb2
from zonecarbon.type.v1 import quantity_pb2, source_pb2

Row = Mapping[str, str]

_ROWS_A_CALL: Final = 5000
"""As many as the contract takes in one list."""


def requests(folder: Path) -> list[factor_service_pb2.ImportFactorsRequest]:
    """Return the requests that load the folder: the factors first, then the regions and rules.

    None holds more rows than the contract takes in one list.
    """
    factors = chain.from_iterable(rows(file) for file in sorted((folder / "factors").glob("*.csv")))
    provinces = (row for row in rows(folder / "regions.csv") if row["level"] == "province")
    return [
        *(
            factor_service_pb2.ImportFactorsRequest(factors=map(_factor, some))
            for some in _portions(factors)
        ),
        factor_service_pb2.ImportFactorsRequest(regions=map(_region, provinces)),
        *(
            factor_service_pb2.ImportFactorsRequest(rules=map(_rule, some))
            for some in _portions(rows(folder / "applicability.csv"))
        ),
    ]


def _portions(every: Iterable[Row]) -> Iterator[list[Row]]:
    left = iter(every)
    while some := list(islice(left, _ROWS_A_CALL)):
        yield some


def rows(file: Path) -> Iterator[Row]:
    """Yield the rows of a CSV file in UTF-8."""
    with file.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def date(text: str) -> date_pb2.Date | None:
    """Return the message of a date written as 2024-01-31; None for an empty cell."""
    if not text:
        return None
    year, month, day = map(int, text.split("-"))
    return date_pb2.Date(year=year, month=month, day=day)


def status(text: str) -> source_pb2.SourceStatus.ValueType:
    """Return the enum value of a status written in lower case."""
    return source_pb2.SourceStatus.Value(f"SOURCE_STATUS_{text.upper()}")


def role(text: str) -> factor_pb2.FactorRole.ValueType:
    """Return the enum value of a role written in lower case."""
    return factor_pb2.FactorRole.Value(f"FACTOR_ROLE_{text.upper()}")


def _factor(row: Row) -> factor_pb2.Factor:
    return factor_pb2.Factor(
        name=f"factorSets/{row['factor_set']}/factors/{row['id']}",
        display_name=row["name_en"],
        display_name_zh=row["name_zh"],
        role=role(row["role"]),
        subject=row["subject"],
        quantity=quantity_pb2.Quantity(
            value=decimal_pb2.Decimal(value=row["value"]), unit_code=row["unit"]
        ),
        region_code=row["region"],
        data_start_date=date(row["data_start_date"]),
        data_end_date=date(row["data_end_date"]),
        lower_value=_decimal(row["lower"]),
        upper_value=_decimal(row["upper"]),
        source=source_pb2.Source(
            title=row["source_title"],
            document_no=row["document_no"],
            source_year=int(row["source_year"] or 0),
            locator=row["locator"],
            url=row["url"],
            licence=row["licence"],
            status=status(row["status"]),
            confidence=row["confidence"],
            note=row["notes"],
        ),
    )


def _rule(row: Row) -> factor_pb2.ApplicabilityRule:
    return factor_pb2.ApplicabilityRule(
        method_id=row["method"],
        accounting_year=int(row["accounting_year"]),
        role=role(row["role"]),
        subject=row["subject"],
        factor_set=f"factorSets/{row['factor_set']}",
        region_levels=[
            factor_pb2.RegionLevel.Value(f"REGION_LEVEL_{level.upper()}")
            for level in row["region_levels"].split(">")
        ],
        source=_source(row),
    )


def _region(row: Row) -> factor_pb2.Region:
    return factor_pb2.Region(
        region_code=row["region"],
        grid_region_code=row["grid_region"],
        display_name=row["name_en"],
        display_name_zh=row["name_zh"],
        source=_source(row),
    )


def _source(row: Row) -> source_pb2.Source:
    return source_pb2.Source(title=row["source"], status=status(row["status"]), note=row["note"])


def _decimal(text: str) -> decimal_pb2.Decimal | None:
    return decimal_pb2.Decimal(value=text) if text else None
