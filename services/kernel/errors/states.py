"""Errors of a request that what is stored, or the caller's rights, do not allow."""

from __future__ import annotations

from datetime import date
from enum import Enum

from services.kernel.errors.base import (
    Aborted,
    Absent,
    AtField,
    DomainError,
    Exhausted,
    FailedPrecondition,
    Invalid,
    Taken,
    Unavailable,
    Words,
)


class FactorMissing(Invalid):
    """No factor is applicable to the method, year, place and thing; none is made up."""

    wanted: str | Words
    year: int

    reason = "FACTOR_MISSING"
    en = (
        "{field}: no factor is applicable for {wanted} in accounting year {year}. "
        "Give a measured value with its source, or have a factor for that year loaded."
    )
    zh = (
        "{field}：{year} 核算年度没有适用于“{wanted}”的排放因子。"
        "请提供有来源的实测值，或联系管理员导入该年度适用的因子。"
    )


class FactorConflict(AtField, FailedPrecondition):
    """Several factors are equally applicable; none is chosen for the caller."""

    wanted: str | Words
    candidates: tuple[str, ...]
    way_out: Words = Words(
        en="Have the applicability rules name the one that the method prescribes.",
        zh="请联系管理员在适用规则中指定核算方法规定的那一个。",
    )

    reason = "FACTOR_CONFLICT"
    en = "{field}: several factors are equally applicable for {wanted}: {candidates}. {way_out}"
    zh = "{field}：“{wanted}”同时有多个适用的排放因子：{candidates}。{way_out}"


class FactorNotApplicable(Invalid):
    """The factor is not applicable to the accounting year, although it may be valid."""

    factor: str
    year: int
    applicable: tuple[int, ...]

    reason = "FACTOR_NOT_APPLICABLE"
    en = (
        "{field}: {factor} is not applicable to accounting year {year}, but to: {applicable}. "
        "Choose one of these years, or a factor that is applicable to {year}."
    )
    zh = (
        "{field}：{factor} 不适用于 {year} 核算年度，其适用年度为：{applicable}。"
        "请选择其适用年度，或改用适用于 {year} 年度的因子。"
    )


class FactorImplausible(Invalid):
    """The factor lies outside the plausible band of its class."""

    given: str
    band: str | Words

    reason = "FACTOR_IMPLAUSIBLE"
    en = (
        '{field} is "{given}", outside the plausible range {band}. '
        "Check the decimal point and the unit against the source."
    )
    zh = "{field} 的值“{given}”超出合理范围 {band}。请对照来源核对小数点和计量单位。"


class RequestIdReused(Taken):
    """The request id was used before, for other content."""

    request_id: str

    reason = "REQUEST_ID_REUSED"
    en = (
        'request_id is "{request_id}", which was already used for other content. '
        "Repeat a request unchanged, or give the changed one a new id."
    )
    zh = (
        "request_id“{request_id}”已用于另一项内容不同的请求。"
        "重试时请保持内容不变；内容有变时请使用新的 request_id。"
    )


class NotFound(Absent):
    """The resource does not exist, or is not the caller's to see: both look alike."""

    name: str

    reason = "NOT_FOUND"
    en = (
        '"{name}" does not exist or is not open to your key. '
        "Check the name, or list what your key can see."
    )
    zh = "“{name}”不存在，或您的密钥无权查看。请核对名称，或先列出您可以查看的资源。"


class AlreadyExists(Taken):
    """A resource of that name or code exists."""

    name: str

    reason = "ALREADY_EXISTS"
    en = '"{name}" already exists. Choose another id, or update the existing one.'
    zh = "“{name}”已存在。请换用其他标识，或直接更新已有的资源。"


class EtagMismatch(Aborted):
    """The resource changed since the caller read it."""

    name: str

    reason = "ETAG_MISMATCH"
    en = (
        '"{name}" changed since you read it; nothing was written. '
        "Read it again, check the change and repeat with the new etag."
    )
    zh = (
        "“{name}”在您读取之后已被修改，本次未写入任何内容。"
        "请重新读取并核对变更，再使用新的 etag 提交。"
    )


class Unauthenticated(DomainError):
    """No key was given, or one that is unknown, malformed or retired: all look alike."""

    code = "UNAUTHENTICATED"
    reason = "UNAUTHENTICATED"
    en = (
        "The request carries no valid API key. "
        "Send an active key; an administrator of the zone can issue one."
    )
    zh = "请求未携带有效的 API 密钥。请使用有效密钥重试；如无密钥，请联系园区管理员申请。"


class PermissionDenied(DomainError):
    """The principal's role may not call the method."""

    method: str
    role: str

    code = "PERMISSION_DENIED"
    reason = "PERMISSION_DENIED"
    en = (
        "The role {role} may not call {method}. "
        "Use a key whose role may, or ask an administrator of the zone."
    )
    zh = "角色 {role} 无权调用 {method}。请使用具有相应权限的密钥，或联系园区管理员。"


class RulebookMissing(FailedPrecondition):
    """No rulebook covers the sector and compliance year."""

    sector: str
    year: int
    available: tuple[int, ...]

    reason = "RULEBOOK_MISSING"
    en = (
        "There is no rulebook for sector {sector} and compliance year {year}; available: "
        "{available}. Choose an available year, or have the rulebook of {year} loaded."
    )
    zh = (
        "没有适用于行业 {sector}、{year} 履约年度的规则文件；现有年度：{available}。"
        "请选择现有年度，或联系管理员导入 {year} 年度的规则文件。"
    )


class PriceMissing(Absent):
    """The price series has no price on or before the date; a later one is not used."""

    product: str
    date: date

    reason = "PRICE_MISSING"
    en = (
        "There is no price of {product} on or before {date}. "
        "Choose a later date, or have older prices loaded."
    )
    zh = "{product} 在 {date} 及之前没有价格记录。请选择更晚的日期，或联系管理员补录历史价格。"


class InventoryIncomplete(FailedPrecondition):
    """The inventory lacks what the figure needs, so the figure is not shown."""

    name: str
    missing: tuple[str | Words, ...]

    reason = "INVENTORY_INCOMPLETE"
    en = '"{name}" is incomplete; missing: {missing}. Report what is missing, then compute again.'
    zh = "“{name}”数据不完整，缺少：{missing}。请补报缺少的数据后重新计算。"


class NeighbourUnavailable(Unavailable):
    """A service that this one asks does not answer."""

    service: str

    reason = "NEIGHBOUR_UNAVAILABLE"
    en = (
        "The service {service} does not answer at the moment; nothing was written. "
        "Send the same request again later, with the same request_id."
    )
    zh = (
        "服务 {service} 暂时没有响应，本次未写入任何内容。"
        "请稍后使用相同的 request_id 重新提交同一请求。"
    )


class Busy(Unavailable):
    """Others were writing for so long that this request was given up before it wrote."""

    reason = "BUSY"
    en = (
        "Others have been writing for too long; nothing was written. "
        "Send the same request again later, with the same request_id."
    )
    zh = "其他写入持续时间过长，本次未写入任何内容。请稍后使用相同的 request_id 重新提交同一请求。"


class Internal(DomainError):
    """A defect of ours; nothing was stored. `error_id` finds it in the log."""

    error_id: str

    code = "INTERNAL"
    reason = "INTERNAL"
    en = (
        "Something went wrong on our side; nothing was written. "
        "Report the error id {error_id} to the operator of the service."
    )
    zh = "系统内部出现错误，本次未写入任何内容。请将错误编号 {error_id} 告知系统运维人员。"


class FactorPeriodSplit(Invalid):
    """The period spans two versions of a custom factor; `days` are where the second begins."""

    wanted: str | Words
    days: tuple[str, ...]

    reason = "FACTOR_PERIOD_SPLIT"
    en = (
        "{field}: the factor for {wanted} changes inside the period, on {days}. The method does "
        "not say how to divide the quantity: report the days before and from then on apart."
    )
    zh = (
        "{field}：“{wanted}”的因子在该期间内于 {days} 变更，核算方法未规定如何拆分数量。"
        "请将变更日之前与之后的数量分开填报。"
    )


class FourEyes(DomainError):
    """Who proposed it, or what it rests on, may not decide on it, with whichever of its keys."""

    code = "PERMISSION_DENIED"
    name: str
    proposer: str

    reason = "FOUR_EYES"
    en = (
        "{name} rests on what {proposer} proposed, reported or handed in, who is calling now: have "
        "another principal decide on it. A second key of the same principal is still the same "
        "principal."
    )
    zh = (
        "{name} 基于当前调用方 {proposer} 提出、填报或提交的内容，请由另一主体决定。"
        "同一主体的另一把密钥仍视为同一主体。"
    )


class PeriodClosed(AtField, FailedPrecondition):
    """The accounting year takes no more reports."""

    name: str
    state: str

    reason = "PERIOD_CLOSED"
    en = (
        "{field}: {name} is {state} and takes no more reports. Have the zone's desk reopen it with "
        "a reason, then send the record again."
    )
    zh = (
        "{field}：{name} 的状态为 {state}，不再接受填报。"
        "请联系园区碳服务台说明理由并重新开放后，再次提交该记录。"
    )


class LimitExceeded(Exhausted):
    """More came at once than is taken."""

    limit: str
    """The name of the limit, as the metrics have it."""
    given: int
    allowed: int
    way_out: Words = Words(en="Send less at a time.", zh="请减少单次发送的数量。")

    reason = "LIMIT_EXCEEDED"
    en = "The limit of {limit} is {allowed}, and {given} came: nothing was stored. {way_out}"
    zh = "“{limit}”的上限为 {allowed}，本次为 {given}，未保存任何数据。{way_out}"


class StateWrong(FailedPrecondition):
    """The resource is not in a state that allows the call."""

    name: str
    state: str | Words
    allowed: str | Words

    reason = "STATE_WRONG"
    en = "{name} is {state}; the call needs it to be {allowed}. Read it again and decide anew."
    zh = "{name} 的状态为 {state}，该操作要求状态为 {allowed}。请重新读取后再决定。"


class FuelCountedTwice(Invalid):
    """The same fuel of the same month comes in units of two dimensions; `other` has the other."""

    given: str
    other: str

    reason = "FUEL_COUNTED_TWICE"
    en = (
        '{field} is "{given}", while {other} reports the same fuel of the same month in a unit of '
        "another dimension: that counts it twice. Report it by one path: mass, volume or heat."
    )
    zh = (
        "{field} 为“{given}”，而 {other} 已用另一种量纲的单位填报了同月的同一燃料，会造成重复计算。"
        "请只按质量、体积或热量中的一种途径填报。"
    )


class CertificateRetired(AtField, Taken):
    """A green-power certificate was claimed before."""

    given: str

    reason = "CERTIFICATE_RETIRED"
    en = (
        '{field} is "{given}", which was claimed before: a certificate is retired once only. '
        "Check the number, or correct the record that claims it."
    )
    zh = (
        "{field} 为“{given}”，该凭证此前已被声明使用，每个凭证只能核销一次。"
        "请核对编号，或更正已使用该凭证的记录。"
    )


class GwpSetMismatch(Invalid):
    """A figure under one set of global warming potentials would be used under another."""

    given: str
    wanted: str

    reason = "GWP_SET_MISMATCH"
    en = (
        '{field} is "{given}", but the figure is made under {wanted}. A CO2e-only factor cannot be '
        "restated and sums under different sets are never added: use one set, or give the gases."
    )
    zh = (
        "{field} 为“{given}”，而该结果采用 {wanted}。仅有二氧化碳当量的因子不能换算到另一套 GWP，"
        "不同 GWP 的结果也不能相加。请统一 GWP 数据集，或提供分气体因子。"
    )


class SteamStateOutside(Invalid):
    """A steam state lies outside the enthalpy tables."""

    given: str
    allowed: str | Words

    reason = "STEAM_STATE_OUTSIDE"
    en = (
        '{field} is "{given}", outside the enthalpy tables; nothing is extrapolated. '
        "Allowed: {allowed}. Check pressure (absolute, MPa) and temperature (°C)."
    )
    zh = (
        "{field} 为“{given}”，超出热焓表范围，不做外推。允许范围：{allowed}。"
        "请核对绝对压力（MPa）和温度（℃）。"
    )


class BalanceNegative(Invalid):
    """A material balance comes out negative."""

    item: str
    given: str

    reason = "BALANCE_NEGATIVE"
    en = (
        "{field}: the balance of {item} is {given}: more carbon leaves than came in. "
        "Check quantities, units and carbon contents of inputs and outputs."
    )
    zh = (
        "{field}：{item} 的物料平衡为 {given}，输出的碳多于输入。"
        "请核对投入产出的数量、单位和含碳量。"
    )


class ParameterUndeclared(Invalid):
    """A figure depends on a parameter that nobody declared."""

    parameter: str

    reason = "PARAMETER_UNDECLARED"
    en = (
        "{field}: the figure depends on {parameter}, which the document leaves open and nobody "
        "declared. Say its value, unit, year and source; none is assumed."
    )
    zh = (
        "{field}：该结果取决于文件未给出的参数 {parameter}，且尚未声明。"
        "请声明其数值、单位、年份和来源，系统不做任何假定。"
    )


class StorageProblem(Enum):
    """What keeps a database from its work, and the operator's way out."""

    FULL = Words(en="its disk is full; make room on it", zh="磁盘空间已满；请运维人员清理或扩容")
    READ_ONLY = Words(
        en="it takes no writes; find out who made it read-only, and undo that",
        zh="数据库为只读；请运维人员查明原因并恢复写入",
    )
    GONE = Words(
        en="it does not answer, or is not where the settings say; start it or correct them",
        zh="数据库无响应或不在设置所指位置；请运维人员启动数据库或更正设置",
    )
    DAMAGED = Words(
        en="its disk or files are damaged; check them, and restore the newest backup if need be",
        zh="磁盘或数据文件损坏；请运维人员检查，必要时恢复最近的备份",
    )


class StorageUnavailable(Unavailable):
    """The database of a service cannot do its work; what was acknowledged before is kept.

    UNAVAILABLE for a full disk too: nothing is wrong with the request, and the caller's way out is
    always the same.
    """

    service: str
    problem: StorageProblem

    reason = "STORAGE_UNAVAILABLE"
    en = (
        "The database of {service} cannot do its work: {problem}. Nothing that was acknowledged is "
        "lost. Send the same request again once that is done, with the same request_id: it has "
        "its effect once."
    )
    zh = (
        "{service} 的数据库暂不可用：{problem}。已确认的数据不会丢失。"
        "故障排除后，请使用相同的 request_id 重新提交同一请求，该请求只会生效一次。"
    )
