"""Reads what a park declares from a file, and writes its statement for people.

The file is TOML or JSON in the shape of `EvaluateParkRequest`, but that a quantity is one text
with its unit ("960000 MWh") and an enum value goes without its prefix ("ELECTRICITY").
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from pathlib import Path
from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from zonecarbon.accounting.v1 import coal_equivalent_pb2, park_pb2, park_service_pb2
from zonecarbon.type.v1 import quantity_pb2, source_pb2

_SHOWN_DECIMALS = Decimal("0.000001")
_ROUNDED = Context(prec=200, rounding=ROUND_HALF_UP)


class FileWrong(ValueError):
    """The file does not declare a park; says where and what is allowed."""


def request(file: Path) -> park_service_pb2.EvaluateParkRequest:
    """Return the request that a file declares, TOML or, by its ending, JSON.

    Raises:
        FileWrong: it cannot be read, or holds what the request does not have.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
        data = json.loads(text) if file.suffix.lower() == ".json" else tomllib.loads(text)
    except (UnicodeDecodeError, ValueError) as error:
        raise FileWrong(f"{file.name} is no TOML (or, ending in .json, JSON): {error}") from None
    return declared(data)


def declared(data: Mapping[str, Any]) -> park_service_pb2.EvaluateParkRequest:
    """Return the request that the contents of a file declare; raises as `request`."""
    message = park_service_pb2.EvaluateParkRequest()
    try:
        json_format.ParseDict(_message(data, message.DESCRIPTOR, ""), message)
    except json_format.ParseError as error:
        raise FileWrong(str(error)) from None
    return message


def _message(value: Any, kind: Descriptor, path: str) -> dict[str, Any]:
    """Return `value` in the JSON form of a message."""
    if kind.full_name == quantity_pb2.Quantity.DESCRIPTOR.full_name:
        return _quantity(value, path)
    if not isinstance(value, Mapping):
        raise FileWrong(f"{path or 'the file'} is {value!r}; write a table of {_names(kind)}")
    found = {}
    for name, part in value.items():
        field = kind.fields_by_name.get(name)
        where = f"{path}.{name}" if path else name
        if field is None:
            raise FileWrong(f"{where} is not known; allowed: {_names(kind)}")
        found[name] = _field(part, field, where)
    return found


def _field(value: Any, field: FieldDescriptor, path: str) -> Any:
    if not field.is_repeated:
        return _single(value, field, path)
    if not isinstance(value, list):
        raise FileWrong(f"{path} is {value!r}; write a list")
    return [_single(part, field, f"{path}[{index}]") for index, part in enumerate(value)]


def _single(value: Any, field: FieldDescriptor, path: str) -> Any:
    if field.message_type is not None:
        return _message(value, field.message_type, path)
    if field.enum_type is not None:
        prefix = field.enum_type.values[0].name.removesuffix("UNSPECIFIED")
        choices = [each.name.removeprefix(prefix) for each in field.enum_type.values[1:]]
        if value not in choices:
            raise FileWrong(f"{path} is {value!r}; allowed: {', '.join(choices)}")
        return f"{prefix}{value}"
    return value


def _quantity(value: Any, path: str) -> dict[str, Any]:
    number, _, unit = value.strip().partition(" ") if isinstance(value, str) else ("", "", "")
    if not unit:
        raise FileWrong(f'{path} is {value!r}; write the number and its unit as one text: "5 MWh"')
    return {"value": {"value": number}, "unit_code": unit.strip()}


def _names(kind: Descriptor) -> str:
    return ", ".join(kind.fields_by_name)


def lines(statement: park_pb2.ParkStatement, language: str) -> Iterator[str]:
    """Yield the statement line by line in English or, where `language` is "zh", in Chinese."""
    zh = language.startswith("zh")
    yield from _head(statement, zh=zh)
    yield from _energy(statement.energy, zh=zh)
    yield from _core(statement.core, zh=zh)
    if statement.HasField("direct_supply"):
        yield from _direct_supply(statement.direct_supply, zh=zh)
    yield from _guiding(statement, zh=zh)
    yield from _open(statement, zh=zh)


_WORDS = {
    "NO_THRESHOLD": ("NO THRESHOLD", "无目标要求"),
    "MET": ("MET", "达到"),
    "NOT_MET": ("NOT MET", "未达到"),
    "NOT_APPLICABLE_WITH_REASON": ("NOT APPLICABLE WITH REASON", "不适用（已说明原因）"),
    "MISSING": ("MISSING", "未填报"),
    "UNDEFINED": ("UNDEFINED", "无法计算"),
    "EQUIVALENT": ("equivalent value", "当量值"),
    "EQUAL_VALUE": ("equal value", "等价值"),
    "OFFICIAL": ("official", "官方文本"),
    "DRAFT": ("draft", "征求意见稿"),
    "SECONDARY": ("secondary", "转引"),
    "UNVERIFIED": ("unverified", "未核实"),
}


def _head(statement: park_pb2.ParkStatement, *, zh: bool) -> Iterator[str]:
    title = statement.title_zh if zh else statement.title
    emissions = statement.emissions
    status = _word(source_pb2.SourceStatus.Name(statement.status), "SOURCE_STATUS_", zh=zh)
    version = statement.indicator_set_version
    park = statement.park or ("园区" if zh else "a park")
    yield f"{park}, {statement.accounting_year}"
    yield f"{title}，第{version}版（{status}）" if zh else f"{title}, version {version} ({status})"
    yield ""
    parts = [_text(emissions.quantity), emissions.method_id]
    if emissions.HasField("electricity_factor"):
        parts.append(_text(emissions.electricity_factor))
    if emissions.inventory:
        parts.append(f"{emissions.inventory} v{emissions.inventory_version}")
    yield ("碳排放量：" if zh else "Emissions: ") + ", ".join(parts)


def _energy(energy: park_pb2.ParkEnergyTotal, *, zh: bool) -> Iterator[str]:
    yield ("年综合能源消费量：" if zh else "Energy: ") + _short(energy.quantity)
    for line in energy.lines:
        declared_, coefficient = line.energy, line.energy.coefficient
        base = coal_equivalent_pb2.CoalEquivalentBase.Name(coefficient.base)
        told = _word(base, "COAL_EQUIVALENT_BASE_", zh=zh)
        yield (
            f"  {declared_.carrier}: {_text(declared_.quantity)} × {_text(coefficient.quantity)} "
            f"= {_short(line.coal_equivalent)} "
            f"({told}, {coefficient.year}, {coefficient.source.title})"
        )


def _core(core: park_pb2.ParkCoreIndicator, *, zh: bool) -> Iterator[str]:
    value = ("" if core.value_exact else "≈ ") + _text(core.value)
    limit = f" ≤ {_text(core.limit)}?" if core.HasField("limit") else ""
    yield ""
    yield (
        f"{'单位能耗碳排放' if zh else 'Core indicator'}: {value}{limit} "
        f"{_verdict(core.verdict, zh=zh)} ({core.size_class_zh if zh else core.size_class})"
    )
    if core.HasField("limit"):
        at, less = _short(core.limit_emissions), _short(core.reduction)
        yield (
            f"  达到限值的排放量 {at}，尚需减排 {less}"
            if zh
            else f"  emissions at the limit {at}, to be reduced by {less}"
        )
    if core.HasField("matching"):
        needed, there = _short(core.matching.needed), _short(core.matching.available)
        yield (
            f"  仅靠绿证绿电匹配尚需 {needed}，可匹配 {there}"
            if zh
            else f"  by matching alone {needed} more, of {there} that can be matched"
        ) + (f" ({_short(core.matching.share_needed)})" if core.matching.sufficient else "")


def _direct_supply(supply: park_pb2.ParkDirectSupply, *, zh: bool) -> Iterator[str]:
    intake, on_site, out = map(_short, (supply.intake, supply.on_site, supply.exported))
    least = _text(supply.requirement)
    yield (
        f"绿电直接供应比例（原则上 ≥ {least}）：受入 {intake}，自发自用 {on_site}，送出 {out}"
        if zh
        else f"Direct supply (in principle ≥ {least}): {intake} taken in, {on_site} generated and "
        f"used, {out} sent out"
    )
    for each in supply.shares:
        share = _short(each.share) if each.HasField("share") else "-"
        yield (
            f"  {each.reading_zh if zh else each.reading}: {_short(each.direct)} / "
            f"{_short(each.whole)} = {share} {_verdict(each.verdict, zh=zh)}"
        )


def _guiding(statement: park_pb2.ParkStatement, *, zh: bool) -> Iterator[str]:
    yield "引导指标" if zh else "Guiding indicators"
    for each in statement.guiding_indicators:
        value = _text(each.value) if each.HasField("value") else each.not_applicable_reason or "-"
        sign = "≤" if each.at_most else "≥"
        yield (
            f"  {each.display_name_zh if zh else each.display_name}: {value} "
            f"({sign} {_text(each.requirement)}) {_verdict(each.verdict, zh=zh)}"
        )
    yield ""
    acceptance = statement.acceptance
    yield ("验收：" if zh else "Acceptance: ") + (acceptance.text_zh if zh else acceptance.text)


def _open(statement: park_pb2.ParkStatement, *, zh: bool) -> Iterator[str]:
    if statement.findings:
        yield ""
        yield "问题" if zh else "Findings"
    for finding in statement.findings:
        yield f"  {finding.field}: {finding.text_zh if zh else finding.text}"
    yield ""
    yield "文件未明确事项" if zh else "What the document leaves open"
    for point in statement.open_points:
        taken = ", ".join(_text(each) for each in point.quantities)
        told = f"{point.text_zh}{point.treatment_zh}" if zh else f"{point.text} {point.treatment}"
        yield f"  {told}" + (f" [{taken}]" if taken else "")


def _verdict(verdict: park_pb2.ParkVerdict.ValueType, *, zh: bool) -> str:
    return _word(park_pb2.ParkVerdict.Name(verdict), "PARK_VERDICT_", zh=zh)


def _word(name: str, prefix: str, *, zh: bool) -> str:
    return _WORDS[name.removeprefix(prefix)][zh]


def _text(quantity: quantity_pb2.Quantity) -> str:
    unit = "" if quantity.unit_code == "1" else f" {quantity.unit_code}"
    return f"{quantity.value.value}{unit}"


def _short(quantity: quantity_pb2.Quantity) -> str:
    """Return a figure with at most six decimals, marked where digits are left out."""
    value = Decimal(quantity.value.value)
    rounded = value.quantize(_SHOWN_DECIMALS, context=_ROUNDED)
    if rounded == value:
        return _text(quantity)
    return f"≈ {rounded} {quantity.unit_code}"
