"""Years that are handed in and verified over the wire; keywords override."""

from __future__ import annotations

import uuid
from typing import Any

from tests.accounting.requests import amount
from tests.accounting.world import World
from zonecarbon.accounting.v1 import (
    period_pb2,
    period_service_pb2,
    verification_pb2,
    verification_service_pb2,
)
from zonecarbon.client import Client

Verification = verification_pb2.Verification
SHA256 = "9f" * 32
LATER = "00000000-0000-4000-8000-000000000000"


def year(name: str) -> str:
    """The name of the accounting year 2023 of an enterprise."""
    return f"{name}/periods/2023"


def hand_in(client: Client, name: str) -> period_pb2.AccountingPeriod:
    return client.periods.SubmitPeriod(period_service_pb2.SubmitPeriodRequest(name=year(name)))


def reopen(client: Client, name: str) -> period_pb2.AccountingPeriod:
    return client.periods.ReopenPeriod(
        period_service_pb2.ReopenPeriodRequest(name=year(name), reason="the verifier found more")
    )


def state(client: Client, name: str) -> str:
    """Where the year stands: "SUBMITTED"."""
    found = client.periods.GetPeriod(period_service_pb2.GetPeriodRequest(name=year(name)))
    return period_pb2.PeriodState.Name(found.state).removeprefix("PERIOD_STATE_")


def restatement(name: str) -> period_service_pb2.RestatePeriodRequest:
    return period_service_pb2.RestatePeriodRequest(
        name=year(name), reason="the ministry published other factors", request_id=new_id()
    )


def new_id() -> str:
    """A request id of its own."""
    return str(uuid.uuid4())


def opening(name: str, id_: str = "first") -> verification_service_pb2.OpenVerificationRequest:
    return verification_service_pb2.OpenVerificationRequest(
        parent=year(name), verification_id=id_, request_id=new_id()
    )


def asked(name: str, **fields: Any) -> verification_service_pb2.GetVerificationRequest:
    return verification_service_pb2.GetVerificationRequest(name=name, **fields)


def opened(world: World, name: str, *, verifier: Client | None = None) -> Verification:
    """Hand the year in and open its verification, by a new verifier where none is named."""
    hand_in(world.desk, name)
    who = verifier or world.running.principal("VERIFIER", name)
    return who.verifications.OpenVerification(opening(name))


def finding(
    name: str, id_: str = "nc-1", **fields: Any
) -> verification_service_pb2.RecordFindingRequest:
    """A nonconformity of the books as a whole."""
    values: dict[str, Any] = {
        "finding_id": id_,
        "kind": verification_pb2.VERIFICATION_FINDING_KIND_METER,
        "severity": verification_pb2.VERIFICATION_FINDING_SEVERITY_NONCONFORMITY,
        "subject": f"{name.partition('/periods/')[0]}/inventories/2023",
        "text": "the meter was not calibrated from March on",
    }
    return verification_service_pb2.RecordFindingRequest(
        name=name,
        finding=verification_pb2.VerificationFinding(**values | fields),
        request_id=new_id(),
    )


def resolution(
    name: str, id_: str = "nc-1", text: str = "calibrated again; the certificate was seen"
) -> verification_service_pb2.RecordFindingRequest:
    return verification_service_pb2.RecordFindingRequest(
        name=name,
        resolution=verification_pb2.FindingResolution(finding_id=id_, text=text),
        request_id=new_id(),
    )


def figure(
    name: str, verified: str, what: str = "total_co2_g", **fields: Any
) -> verification_pb2.VerifiedFigure:
    """A verified figure of the inventory of 2023: "64.5 tCO2"."""
    values: dict[str, Any] = {
        "inventory": f"{name}/inventories/2023",
        "figure": what,
        "verified": amount(verified),
        "reason": "the meter's error was deducted",
    }
    return verification_pb2.VerifiedFigure(**values | fields)


def figures(
    name: str, *of: verification_pb2.VerifiedFigure
) -> verification_service_pb2.RecordVerifiedFiguresRequest:
    return verification_service_pb2.RecordVerifiedFiguresRequest(
        name=name, figures=of, request_id=new_id()
    )


def conclusion(
    name: str, what: str = "CONFORMING", **fields: Any
) -> verification_service_pb2.ConcludeVerificationRequest:
    return verification_service_pb2.ConcludeVerificationRequest(
        name=name,
        statement=verification_pb2.VerificationStatement(
            conclusion=verification_pb2.VerificationConclusion.Value(
                f"VERIFICATION_CONCLUSION_{what}"
            ),
            text="the figures agree with the evidence",
            report_number="HC-2024-0117",
            report=verification_pb2.VerificationReport(title="核查报告", sha256=SHA256),
        ),
        request_id=new_id(),
        **fields,
    )
