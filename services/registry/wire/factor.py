"""The factor library ⇄ its messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from google.type import decimal_pb2

from services.kernel import names
from services.kernel.errors import FieldInvalid, FieldRequired, within
from services.kernel.quantity import Quantity
from services.kernel.trust import Status
from services.registry.domain import custom_factor as custom
from services.registry.domain.factor import Factor, FactorRole, Region, RegionLevel, Rule, Version
from services.registry.domain.resolution import Query, Resolved, Unresolved
from services.runtime import wire
from zonecarbon.registry.v1 import factor_pb2, factor_service_pb2


def to_factor(message: factor_pb2.Factor) -> Factor:
    """Return the factor; errors are at fields of the message."""
    ids = names.FACTOR.parse(message.name)
    with within("quantity."):
        quantity = wire.to_quantity(message.quantity)
    return Factor(
        factor_set=ids["factor_set"],
        factor=ids["factor"],
        display_name=message.display_name,
        display_name_zh=message.display_name_zh,
        role=to_role(message.role),
        subject=message.subject,
        quantity=quantity,
        region_code=message.region_code,
        data_start=wire.to_optional_day(message.data_start_date, "data_start_date"),
        data_end=wire.to_optional_day(message.data_end_date, "data_end_date"),
        lower=_value(to_bound("lower_value", message.lower_value, quantity)),
        upper=_value(to_bound("upper_value", message.upper_value, quantity)),
        source=wire.to_source(message.source),
    )


def from_version(version: Version) -> factor_pb2.Factor:
    """Return the message of a version of a factor."""
    factor = version.factor
    return factor_pb2.Factor(
        name=factor.name,
        display_name=factor.display_name,
        display_name_zh=factor.display_name_zh,
        role=from_role(factor.role),
        subject=factor.subject,
        quantity=wire.from_quantity(factor.quantity),
        region_code=factor.region_code,
        data_start_date=wire.from_day(factor.data_start),
        data_end_date=wire.from_day(factor.data_end),
        lower_value=_from_bound(factor.lower),
        upper_value=_from_bound(factor.upper),
        source=wire.from_source(factor.source),
        resource_version=version.version,
        revision=version.revision,
        create_time=wire.from_instant(version.create_time),
    )


def from_set(factor_set: str, count: int, status: Status) -> factor_pb2.FactorSet:
    """Return the message of a set."""
    return factor_pb2.FactorSet(
        name=names.FACTOR_SET.format(factor_set=factor_set),
        factor_count=count,
        status=wire.from_status(status),
    )


def to_rule(message: factor_pb2.ApplicabilityRule) -> Rule:
    """Return the rule; errors are at fields of the message."""
    return Rule(
        method=names.check_id("method", message.method_id),
        accounting_year=message.accounting_year,
        role=to_role(message.role),
        subject=message.subject,
        factor_set=names.FACTOR_SET.parse(message.factor_set, "factor_set")["factor_set"],
        region_levels=tuple(
            _to_level(level, f"region_levels[{index}]")
            for index, level in enumerate(message.region_levels)
        ),
        source=wire.to_source(message.source),
    )


def from_rule(rule: Rule) -> factor_pb2.ApplicabilityRule:
    """Return the message of `rule`."""
    return factor_pb2.ApplicabilityRule(
        method_id=rule.method,
        accounting_year=rule.accounting_year,
        role=from_role(rule.role),
        subject=rule.subject,
        factor_set=names.FACTOR_SET.format(factor_set=rule.factor_set),
        region_levels=[_from_level(level) for level in rule.region_levels],
        source=wire.from_source(rule.source),
    )


def to_region(message: factor_pb2.Region) -> Region:
    """Return the region; errors are at fields of the message."""
    return Region(
        region_code=message.region_code,
        grid_region_code=message.grid_region_code,
        display_name=message.display_name,
        display_name_zh=message.display_name_zh,
        source=wire.to_source(message.source),
    )


def to_query(message: factor_service_pb2.FactorQuery) -> Query:
    """Return the query; errors are at fields of the message."""
    enterprise = factor_set = ""
    if message.factor_set:
        factor_set = names.FACTOR_SET.parse(message.factor_set, "factor_set")["factor_set"]
    if message.enterprise:
        enterprise = names.ENTERPRISE.parse(message.enterprise, "enterprise")["enterprise"]
        if not message.HasField("period"):
            raise FieldRequired(field="period")
    return Query(
        method=message.method_id,
        accounting_year=message.accounting_year,
        role=to_role(message.role),
        subject=message.subject,
        region_code=message.region_code,
        factor_set=factor_set,
        enterprise=enterprise,
        period=wire.to_period(message.period) if message.HasField("period") else None,
    )


def from_resolutions(
    found: Sequence[Resolved | Unresolved], versions: Mapping[str, Version | custom.Version]
) -> list[factor_service_pb2.FactorResolution]:
    """Return the messages of what queries found, in their order.

    The queries of a call mostly find the same few factors: a message is made once for each.
    """
    made: dict[tuple[int, int, RegionLevel], factor_service_pb2.FactorResolution] = {}
    messages: list[factor_service_pb2.FactorResolution] = []
    for each in found:
        if isinstance(each, Unresolved):
            messages.append(_from_resolution(each, versions))
            continue
        # They are of one library: what is the same is the same object.
        same = (id(each.factor), id(each.rule), each.region_level)
        if same not in made:
            made[same] = _from_resolution(each, versions)
        messages.append(made[same])
    return messages


def _from_resolution(
    found: Resolved | Unresolved, versions: Mapping[str, Version | custom.Version]
) -> factor_service_pb2.FactorResolution:
    """Return the message of what a query found."""
    if isinstance(found, Unresolved):
        return factor_service_pb2.FactorResolution(
            unresolved=factor_service_pb2.Unresolved(
                reason=found.reason, candidates=found.candidates
            )
        )
    version = versions[found.factor.name]
    return factor_service_pb2.FactorResolution(
        resolved=factor_pb2.ResolvedFactor(
            factor=from_version(version) if isinstance(version, Version) else _from_own(version),
            rule=from_rule(found.rule),
            region_level=_from_level(found.region_level),
            status=wire.from_status(found.status),
        )
    )


def to_bound(field: str, message: decimal_pb2.Decimal, of: Quantity) -> Quantity | None:
    """Return a bound of the range of a figure, in its unit; None where it is not said.

    Raises:
        QuantityInvalid: it is no finite decimal within bounds; at `value` of `field`.
    """
    if not message.value:
        return None
    with within(f"{field}."):
        return Quantity.parse(message.value, of.unit)


def to_role(value: factor_pb2.FactorRole.ValueType) -> FactorRole:
    """Return the role."""
    return FactorRole(factor_pb2.FactorRole.Name(value).removeprefix("FACTOR_ROLE_"))


def from_role(role: FactorRole) -> factor_pb2.FactorRole.ValueType:
    """Return the enum value of `role`."""
    return factor_pb2.FactorRole.Value(f"FACTOR_ROLE_{role.value}")


def _from_own(version: custom.Version) -> factor_pb2.Factor:
    """Return an enterprise's own factor as the message of any factor: as methods apply it."""
    factor = version.factor
    return factor_pb2.Factor(
        name=factor.name,
        role=from_role(factor.role),
        subject=factor.subject,
        quantity=wire.from_quantity(factor.applied),
        region_code=names.ENTERPRISE.format(enterprise=factor.enterprise),
        data_start_date=wire.from_day(factor.period.start),
        data_end_date=wire.from_day(factor.period.end),
        lower_value=_from_bound(_value(factor.applied_lower)),
        upper_value=_from_bound(_value(factor.applied_upper)),
        source=wire.from_source(factor.source),
        resource_version=version.version,
        revision=version.revision,
        create_time=wire.from_instant(version.create_time),
    )


def _from_level(level: RegionLevel) -> factor_pb2.RegionLevel.ValueType:
    return factor_pb2.RegionLevel.Value(f"REGION_LEVEL_{level.value}")


_LEVELS = {_from_level(level): level for level in RegionLevel}


def _to_level(value: factor_pb2.RegionLevel.ValueType, field: str) -> RegionLevel:
    if value in _LEVELS:
        return _LEVELS[value]
    allowed = ", ".join(f"REGION_LEVEL_{level.value}" for level in RegionLevel)
    raise FieldInvalid(field=field, given=str(value), allowed=allowed)


def _value(quantity: Quantity | None) -> Decimal | None:
    return None if quantity is None else quantity.value


def _from_bound(value: Decimal | None) -> decimal_pb2.Decimal | None:
    return None if value is None else wire.from_decimal(value)
