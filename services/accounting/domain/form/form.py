"""The form as data: its version and its columns, each with its names in both languages."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.kernel.errors import Words

MARK: Final = "zonecarbon-report/"
"""What the first cell begins with; the version follows."""


class Reading(StrEnum):
    """How a cell of a column is read."""

    TEXT = "TEXT"
    """As it stands."""
    KIND = "KIND"
    """A kind of activity, by its code or by its name in either language."""
    CODE = "CODE"
    """The first word: a choice is written "natural-gas 天然气"."""
    AMOUNT = "AMOUNT"
    """A decimal as it stands; of a workbook's number the shortest one that is that number."""
    DAY = "DAY"
    """A date: of the workbook, or "2024-01-31", "2024/1/31", "2024年1月31日"."""
    COUNT = "COUNT"
    """A whole number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of the form."""

    key: str
    name: Words
    fields: tuple[str, ...]
    """The fields of a record that it fills; an error at one of them, or below, is at its cell."""
    reading: Reading = Reading.TEXT
    is_required: bool = False
    hint: Words
    example: str = ""

    @property
    def title(self) -> str:
        """What heads it in the template, in both languages."""
        return f"{self.name.zh} {self.name.en}"

    def is_headed(self, text: str) -> bool:
        """Tell whether `text` heads it: its key, or its name in one language or in both."""
        names = (self.key, self.name.zh, self.name.en, self.title, f"{self.name.en} {self.name.zh}")
        return _folded(text) in map(_folded, names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A version of the form: one is made by any change of a column's names, fields or reading."""

    version: int
    columns: tuple[Column, ...]

    @property
    def mark(self) -> str:
        """What the first cell of a file holds."""
        return f"{MARK}{self.version}"

    def column(self, key: str) -> Column:
        """Return the column of that key."""
        return next(each for each in self.columns if each.key == key)

    def headed(self, text: str) -> Column | None:
        """Return the column that `text` heads; None where there is none."""
        return next((each for each in self.columns if each.is_headed(text)), None)

    def of_field(self, path: str) -> Column | None:
        """Return the column that fills the field of that path; None where none does."""
        while path:
            for each in self.columns:
                if path in each.fields:
                    return each
            path = path.rpartition(".")[0]
        return None


def _folded(text: str) -> str:
    """Return `text` as headers are compared: width, case and spaces do not matter."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def titles(columns: Iterable[Column]) -> tuple[str, ...]:
    """Return what heads the columns."""
    return tuple(each.title for each in columns)


FORM: Final = Form(
    version=1,
    columns=(
        Column(
            key="source_id",
            name=Words(en="Source ID", zh="排放源编号"),
            fields=("source_id",),
            reading=Reading.CODE,
            is_required=True,
            hint=Words(
                en="Your own id of the boiler, meter point or contract: a small letter, then small "
                "letters, digits and hyphens, 40 at the most. A source keeps its activity, subject "
                "and counterparty.",
                zh="贵单位自定的锅炉、计量点或合同编号：以小写字母开头，由小写字母、数字和连字符组成，"
                "最长 40 个字符。同一编号的活动类别、对象和交易对方保持不变。",
            ),
            example="boiler-1",
        ),
        Column(
            key="kind",
            name=Words(en="Activity", zh="活动类别"),
            fields=("kind",),
            reading=Reading.KIND,
            is_required=True,
            hint=Words(en="What was done: choose.", zh="请从列表中选择。"),
            example="FUEL_COMBUSTION 化石燃料燃烧",
        ),
        Column(
            key="subject",
            name=Words(en="Subject", zh="对象"),
            fields=("subject",),
            reading=Reading.CODE,
            hint=Words(
                en="The fuel, material, product or gas: choose. For electricity and heat empty, "
                "unless their origin is proven.",
                zh="燃料、物料、产品或气体，请从列表中选择。电力、热力可留空，除非来源有证明。",
            ),
            example="bituminous-coal 烟煤",
        ),
        Column(
            key="value",
            name=Words(en="Quantity", zh="数量"),
            fields=("quantity.value", "quantity"),
            reading=Reading.AMOUNT,
            is_required=True,
            hint=Words(
                en="How much, not negative, digits and one point, without separators. To keep "
                "trailing zeros write it as text.",
                zh="非负数，只含数字和一个小数点，不含千分位分隔符。如需保留末尾的零，请以文本填写。",
            ),
            example="1234.50",
        ),
        Column(
            key="unit_code",
            name=Words(en="Unit", zh="计量单位"),
            fields=("quantity.unit_code",),
            is_required=True,
            hint=Words(
                en="A unit of the list; capitals matter.", zh="请从列表中选择，区分大小写。"
            ),
            example="t",
        ),
        Column(
            key="first_day",
            name=Words(en="First day", zh="开始日期"),
            fields=("period.start_date", "period"),
            reading=Reading.DAY,
            is_required=True,
            hint=Words(en="A date, as 2024-01-01.", zh="日期，例如 2024-01-01。"),
            example="2024-01-01",
        ),
        Column(
            key="last_day",
            name=Words(en="Last day", zh="截止日期"),
            fields=("period.end_date",),
            reading=Reading.DAY,
            is_required=True,
            hint=Words(
                en="The last day that counts, of the same month.",
                zh="最后一天（含当日），须与开始日期在同一个月内。",
            ),
            example="2024-01-31",
        ),
        Column(
            key="facility",
            name=Words(en="Facility", zh="设施"),
            fields=("facility",),
            reading=Reading.CODE,
            hint=Words(en="Where it matters: choose.", zh="如需区分设施，请从列表中选择。"),
        ),
        Column(
            key="meter",
            name=Words(en="Meter", zh="计量器具"),
            fields=("meter",),
            reading=Reading.CODE,
            hint=Words(en="The meter that was read: choose.", zh="所用计量器具，请从列表中选择。"),
        ),
        Column(
            key="counterparty",
            name=Words(en="Counterparty", zh="交易对方"),
            fields=("counterparty",),
            reading=Reading.CODE,
            hint=Words(
                en="Whom electricity or heat was bought from or sold to, required for these; empty "
                "for all else.",
                zh="购入或输出电力、热力的交易对方，此类活动必填；其他活动留空。",
            ),
        ),
        Column(
            key="evidence",
            name=Words(en="Evidence", zh="证明材料"),
            fields=("evidence",),
            hint=Words(
                en="What proves the quantity; required for non-fossil energy and green power.",
                zh="数量的证明材料；非化石能源和绿色电力必填。",
            ),
            example="结算单 2024-01",
        ),
        Column(
            key="certificate",
            name=Words(en="Certificate number", zh="绿电凭证编号"),
            fields=("certificate",),
            hint=Words(
                en="Of the green-power certificate or trade that is claimed; as text.",
                zh="所声明的绿证或绿电交易凭证编号，请以文本填写。",
            ),
        ),
        Column(
            key="steam_pressure_mpa",
            name=Words(en="Steam pressure, absolute (MPa)", zh="蒸汽绝对压力（MPa）"),
            fields=("steam.pressure_mpa", "steam"),
            reading=Reading.AMOUNT,
            hint=Words(
                en="Of steam that is reported by mass; empty for all else.",
                zh="仅用于按质量填报的蒸汽，其他活动留空。",
            ),
        ),
        Column(
            key="steam_temperature_c",
            name=Words(en="Steam temperature (°C)", zh="蒸汽温度（°C）"),
            fields=("steam.temperature_c",),
            reading=Reading.AMOUNT,
            hint=Words(en="Empty for saturated steam.", zh="饱和蒸汽留空。"),
        ),
        Column(
            key="value_chain_category",
            name=Words(en="Value chain category", zh="价值链类别"),
            fields=("value_chain_category_number",),
            reading=Reading.COUNT,
            hint=Words(
                en="1 to 15 for OTHER_INDIRECT (GHG Protocol, scope 3); empty for all else.",
                zh="仅用于“价值链活动”，填 1 至 15（GHG Protocol 范围三）；其他活动留空。",
            ),
        ),
        Column(
            key="corrects",
            name=Words(en="Corrects record", zh="更正的记录"),
            fields=("corrects",),
            hint=Words(
                en="The name of the record that this row replaces, or empty.",
                zh="本行所更正的记录名称，无则留空。",
            ),
        ),
    ),
)
"""The form in use."""
