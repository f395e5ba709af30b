"""Enterprise ⇄ its message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.kernel import names
from services.kernel.errors import FieldInvalid, FieldRequired
from services.registry.domain.enterprise import (
    CodeSpan,
    Enterprise,
    MemberRole,
    Membership,
    Version,
)
from services.registry.wire.zone import from_label, to_label
from services.runtime import contract, wire
from zonecarbon.registry.v1 import enterprise_pb2, registry_service_pb2

_CHANGEABLE = ("display_name", "industry_code", "region_code", "memberships")


def to_enterprise(request: registry_service_pb2.CreateEnterpriseRequest) -> Enterprise:
    """Return the enterprise that is to be created."""
    message = request.enterprise
    return Enterprise(
        enterprise=names.check_id("enterprise", request.enterprise_id),
        display_name=message.display_name,
        industry_code=message.industry_code,
        region_code=message.region_code,
        label=to_label(message.label),
        memberships=_to_memberships(message.memberships),
        codes=(CodeSpan(credit_code=message.credit_code),),
    )


def to_changed(
    request: registry_service_pb2.UpdateEnterpriseRequest, current: Enterprise
) -> Enterprise:
    """Return `current` with the fields that the mask names taken from the request.

    Raises:
        FieldRequired: the mask names nothing.
        FieldInvalid: the mask names a field that cannot be changed this way, or a new value breaks
            the contract.
    """
    message = request.enterprise
    paths = list(request.update_mask.paths)
    if not paths:
        raise FieldRequired(field="update_mask")
    if unknown := [path for path in paths if path not in _CHANGEABLE]:
        allowed = ", ".join(_CHANGEABLE)
        raise FieldInvalid(field="update_mask", given=", ".join(unknown), allowed=allowed)
    wanted = _message(current)
    request.update_mask.MergeMessage(message, wanted, replace_repeated_field=True)
    for broken in contract.violations(wanted):
        raise broken.within("enterprise.")
    return replace(
        current,
        display_name=wanted.display_name,
        industry_code=wanted.industry_code,
        region_code=wanted.region_code,
        memberships=_to_memberships(wanted.memberships),
    )


def to_code_span(request: registry_service_pb2.ChangeCreditCodeRequest) -> CodeSpan:
    """Return the code that is to come into force."""
    return CodeSpan(
        credit_code=request.credit_code,
        start=wire.to_day(request.start_date, "start_date"),
        change_reason=request.change_reason,
    )


def from_version(version: Version) -> enterprise_pb2.Enterprise:
    """Return the message of a version."""
    message = _message(version.enterprise)
    message.etag = version.etag
    message.create_time.CopyFrom(wire.from_instant(version.create_time))
    message.resource_version = version.version
    message.revision = version.revision
    return message


def _message(enterprise: Enterprise) -> enterprise_pb2.Enterprise:
    return enterprise_pb2.Enterprise(
        name=names.ENTERPRISE.format(enterprise=enterprise.enterprise),
        display_name=enterprise.display_name,
        credit_code=enterprise.credit_code,
        industry_code=enterprise.industry_code,
        region_code=enterprise.region_code,
        label=from_label(enterprise.label),
        memberships=[
            enterprise_pb2.ZoneMembership(
                zone=names.ZONE.format(zone=each.zone),
                join_date=wire.from_day(each.join),
                leave_date=wire.from_day(each.leave),
                role=enterprise_pb2.MemberRole.Value(f"MEMBER_ROLE_{each.role.value}"),
                above_scale=each.above_scale,
            )
            for each in enterprise.memberships
        ],
        credit_codes=[
            enterprise_pb2.CreditCodeSpan(
                credit_code=span.credit_code,
                start_date=wire.from_day(span.start),
                change_reason=span.change_reason,
            )
            for span in enterprise.codes
        ],
        merged_into=enterprise.merged_into
        and names.ENTERPRISE.format(enterprise=enterprise.merged_into),
        merge_date=wire.from_day(enterprise.merge_date),
    )


def _to_memberships(
    messages: Sequence[enterprise_pb2.ZoneMembership],
) -> tuple[Membership, ...]:
    field = "enterprise.memberships[{}]."
    return tuple(
        Membership(
            zone=names.ZONE.parse(each.zone, field.format(index) + "zone")["zone"],
            join=wire.to_day(each.join_date, field.format(index) + "join_date"),
            leave=wire.to_optional_day(each.leave_date, field.format(index) + "leave_date"),
            role=_to_role(each.role),
            above_scale=each.above_scale,
        )
        for index, each in enumerate(messages)
    )


def _to_role(value: enterprise_pb2.MemberRole.ValueType) -> MemberRole:
    """Return the role; an enterprise where none is said."""
    if value == enterprise_pb2.MEMBER_ROLE_UNSPECIFIED:
        return MemberRole.ENTERPRISE
    return MemberRole(enterprise_pb2.MemberRole.Name(value).removeprefix("MEMBER_ROLE_"))
