"""Errors of a request that is wrong in itself: fields, names, units, quantities, periods."""

from __future__ import annotations

from enum import Enum

from services.kernel.errors.base import Invalid, Words


class FieldRequired(Invalid):
    """A required field is empty."""

    reason = "FIELD_REQUIRED"
    en = "{field} is empty. It is required: fill it in and send the request again."
    zh = "{field} 为空。该字段为必填项，请填写后重新提交。"


class FieldInvalid(Invalid):
    """A field breaks its documented constraint."""

    given: str
    allowed: str | Words

    reason = "FIELD_INVALID"
    en = '{field} is "{given}". Allowed: {allowed}. Correct it and send the request again.'
    zh = "{field} 的值“{given}”不符合要求。允许的取值：{allowed}。请更正后重新提交。"


class NameInvalid(Invalid):
    """A resource name does not have the form of its kind."""

    field: str = "name"
    given: str
    pattern: str

    reason = "NAME_INVALID"
    en = '{field} is "{given}", which is not a name of the form {pattern}. Write it in that form.'
    zh = "{field} 的值“{given}”不是规定格式的资源名称。请按 {pattern} 的格式填写。"


class UnitUnknown(Invalid):
    """The unit is not on the closed list; `choices` are the nearest that are."""

    field: str = "unit_code"
    given: str
    choices: tuple[str, ...]

    reason = "UNIT_UNKNOWN"
    en = (
        '{field} is "{given}", which is not on the list of units (capitals matter). '
        "Did you mean: {choices}? Write a unit exactly as the list has it."
    )
    zh = (
        "{field} 的值“{given}”不在计量单位清单中（区分大小写）。"
        "您要填写的是否为：{choices}？请按清单中的写法填写。"
    )


class UnitAmbiguous(Invalid):
    """The spelling stands for several units, and none is chosen for the caller."""

    field: str = "unit_code"
    given: str
    choices: tuple[str, ...]

    reason = "UNIT_AMBIGUOUS"
    en = '{field} is "{given}", which can mean several units. Say which one; allowed: {choices}.'
    zh = "{field} 的值“{given}”含义不唯一，可能指多种计量单位。请明确填写其中一种：{choices}。"


class UnitDimension(Invalid):
    """The unit measures something else than is needed."""

    field: str = "unit_code"
    given: str
    given_dimension: Words
    wanted_dimension: Words
    choices: tuple[str, ...]
    hint: Words = Words(
        en="One kind of quantity is never converted into another.",
        zh="不同种类的量之间不能直接换算。",
    )

    reason = "UNIT_DIMENSION"
    en = (
        '{field} is "{given}", which measures {given_dimension}; '
        "needed here is {wanted_dimension}, in one of these units: {choices}. {hint}"
    )
    zh = (
        "{field} 的值“{given}”是“{given_dimension}”的单位，而此处需要“{wanted_dimension}”的单位，"
        "可选：{choices}。{hint}"
    )


class QuantityProblem(Enum):
    """What is wrong with a number."""

    EMPTY = Words(
        en="it is empty; write the number, and write 0 only where 0 was measured",
        zh="数值为空；请填写数值，只有实际计量结果为零时才可填 0",
    )
    NOT_FINITE = Words(
        en="NaN and infinity are not amounts; leave the row out if nothing was measured",
        zh="NaN 或无穷大不是有效数量；若未计量，请不要提交该行",
    )
    SEPARATOR = Words(
        en='separators of thousands and decimal commas are not allowed; write "1234.5"',
        zh="不允许使用千位分隔符，小数点须为英文句点；请写成“1234.5”的形式",
    )
    SPACE = Words(
        en="there are spaces around or inside it; write the digits only",
        zh="数值前后或中间含有空格；请只填写数字",
    )
    FOREIGN_DIGITS = Words(
        en="only the digits 0 to 9 are allowed; write it with them",
        zh="只能使用半角阿拉伯数字 0 至 9；请改用半角数字填写",
    )
    NOT_A_DECIMAL = Words(
        en='it is not a decimal number; write for example "1234.50" or "1.2e3"',
        zh="不是十进制数；请写成“1234.50”或“1.2e3”的形式",
    )
    TOO_MANY_DIGITS = Words(
        en="at most 34 significant digits and 64 characters are allowed; round at the source",
        zh="最多允许 34 位有效数字、64 个字符；请在数据源头修约后再提交",
    )
    EXPONENT = Words(
        en="the exponent must lie between -20 and 20; use a larger or smaller unit",
        zh="指数必须在 -20 至 20 之间；请改用更大或更小的计量单位",
    )
    NEGATIVE = Words(
        en="it must not be negative; report what was sent out as an export of its own",
        zh="不得为负数；输出量请作为单独的输出记录填报",
    )
    NOT_POSITIVE = Words(
        en="it must be greater than 0; leave it out if it is unknown",
        zh="必须大于 0；如数值未知，请不要填报",
    )


class QuantityInvalid(Invalid):
    """The value is not a finite decimal within bounds, or has the wrong sign."""

    field: str = "value"
    given: str
    problem: QuantityProblem

    reason = "QUANTITY_INVALID"
    en = '{field} is "{given}": {problem}.'
    zh = "{field} 的值“{given}”无效：{problem}。"


class PeriodProblem(Enum):
    """What is wrong with a period."""

    NOT_A_DATE = Words(
        en="its days must be dates that exist, written year-month-day as in 2024-01-31",
        zh="起止日期必须是真实存在的日期，并按“2024-01-31”的格式填写",
    )
    ENDS_BEFORE_START = Words(
        en="it ends before it starts; write as its end the day after the last day",
        zh="结束日期早于开始日期；结束日期请填写最后一天的次日",
    )
    EMPTY = Words(
        en="it has no day; write as its end the day after the last day",
        zh="期间不含任何一天；结束日期请填写最后一天的次日",
    )
    OUT_OF_BOUNDS = Words(
        en="it must lie between 1990-01-01 and 2101-01-01; check its years",
        zh="期间必须在 1990-01-01 至 2101-01-01 之间；请核对年份",
    )
    NOT_MIDNIGHT = Words(
        en="it must start and end at midnight of Asia/Shanghai (UTC+8), with a time zone given",
        zh="起止时刻必须是北京时间（东八区）零点，并注明时区",
    )
    NOT_ONE_MONTH = Words(
        en="it must lie inside one calendar month; split it at the first day of the month",
        zh="期间必须在同一个自然月内；请以每月一日为界拆分后填报",
    )


class PeriodInvalid(Invalid):
    """The period is empty, reversed, out of bounds or not inside one month."""

    field: str = "period"
    given: str
    problem: PeriodProblem

    reason = "PERIOD_INVALID"
    en = "{field} is {given}: {problem}."
    zh = "{field} 的值 {given} 无效：{problem}。"


class PeriodOverlap(Invalid):
    """The period overlaps one that the same source already reported, in the record `other`."""

    field: str = "period"
    given: str
    other: str

    reason = "PERIOD_OVERLAP"
    en = (
        "{field} is {given}, which overlaps the period of {other} from the same source. "
        "Report only days that are not yet reported, or correct {other} by superseding it."
    )
    zh = (
        "{field} 的值 {given} 与同一排放源已填报记录 {other} 的期间重叠。"
        "请只填报尚未填报的日期；如需更正，请提交一条替代 {other} 的更正记录。"
    )


class DuplicateRow(Invalid):
    """The same row stands in the batch twice; `first` is the path of the first."""

    first: str

    reason = "DUPLICATE_ROW"
    en = "{field} repeats {first}. Each row may stand in a batch once: remove one of the two."
    zh = "{field} 与 {first} 重复。同一批次中每行只能出现一次，请删除其中一行。"


class SourceFed(Invalid):
    """Another feeds the emission source: a curve or a record of the month, `other`."""

    given: str
    other: str

    reason = "SOURCE_FED"
    en = (
        '{field} is "{given}", which {other} feeds. In a month a source is fed by one curve or by '
        "records, or it would be counted twice. Use a source of its own, or correct what is there."
    )
    zh = (
        "{field} 的值“{given}”已由 {other} 提供数据。同一排放源在同一月份只能由计量曲线"
        "或填报记录之一提供数据，否则会重复计算。请使用单独的排放源，或更正已有数据。"
    )


class RegisterImplausible(Invalid):
    """A cumulative register advanced by more than an interval can have, or fell."""

    given: str
    allowed: str

    reason = "REGISTER_IMPLAUSIBLE"
    en = (
        "{field}: the register reads {given}; in an interval it can advance by {allowed}. "
        "Check the readings, or tell that the meter was replaced and send the day again."
    )
    zh = (
        "{field}：表底数为 {given}，而一个间隔内的增量只能为 {allowed}。"
        "请核对读数；如已换表，请先登记换表信息，再重新提交该日数据。"
    )


class CreditCodeProblem(Enum):
    """What is wrong with a unified social credit code."""

    LENGTH = Words(en="it must have 18 characters", zh="长度必须为 18 位")
    CHARACTERS = Words(
        en="only digits and capital letters without I, O, S, V and Z are allowed",
        zh="只能包含数字和大写英文字母（不含 I、O、S、V、Z）",
    )
    REGION = Words(
        en="characters 3 to 8 are not a code of an administrative division",
        zh="第 3 至 8 位不是有效的登记管理机关行政区划码",
    )
    CHECK_DIGIT = Words(
        en="its check digit is wrong, so one of its characters is mistyped",
        zh="校验码不正确，说明其中有字符输入错误",
    )


class CreditCodeInvalid(Invalid):
    """The unified social credit code (GB 32100-2015) is malformed or its check digit is wrong."""

    field: str = "credit_code"
    given: str
    problem: CreditCodeProblem

    reason = "CREDIT_CODE_INVALID"
    en = '{field} is "{given}": {problem}. Copy the code from the business licence.'
    zh = "{field} 的值“{given}”不是有效的统一社会信用代码：{problem}。请对照营业执照填写。"


class PageTokenInvalid(Invalid):
    """The page token is broken or belongs to another request."""

    field: str = "page_token"

    reason = "PAGE_TOKEN_INVALID"
    en = (
        "{field} is broken or belongs to another request. Repeat the request that gave it with "
        "nothing else changed, or leave it empty to begin with the first page."
    )
    zh = (
        "{field} 已损坏，或不属于本次查询。请保持其他查询条件不变并使用上一页返回的令牌，"
        "或将其留空，从第一页重新开始。"
    )


class FileInvalid(Invalid):
    """A file cannot be read as the form that it should be; `field` is the cell, or the file."""

    field: str = "file"
    given: str
    problem: Words

    reason = "FILE_INVALID"
    en = '{field} is "{given}": {problem}.'
    zh = "{field} 为“{given}”：{problem}。"


class TemplateOutdated(Invalid):
    """A file fills in another version of the template than the one in use."""

    given: str
    current: int
    added: tuple[str, ...]
    """Columns that the file lacks."""
    removed: tuple[str, ...]
    """Columns of the file that are no more."""

    reason = "TEMPLATE_OUTDATED"
    en = (
        "{field} says that the file fills in version {given} of the template; in use is {current}. "
        "Columns it lacks: {added}. Columns that are no more: {removed}. Get the template anew and "
        "copy your rows into it."
    )
    zh = (
        "{field} 表明该文件使用第 {given} 版模板，现行为第 {current} 版。缺少的列：{added}。"
        "已取消的列：{removed}。请重新下载模板，并将数据复制到新模板中。"
    )
