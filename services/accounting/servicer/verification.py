"""VerificationService: what verifiers find, verify and conclude, beside the books."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import grpc
import sqlalchemy as sa

from services.accounting import store
from services.accounting.domain.activity import Record
from services.accounting.domain.explanation import inventory as figures_of
from services.accounting.domain.inventory import Inventory
from services.accounting.domain.knowledge.verification import (
    Verification,
    VerifiedFigure,
    check_subject,
)
from services.accounting.domain.line import Line
from services.accounting.domain.period import AccountingPeriod, State
from services.accounting.servicer.base import Base
from services.accounting.store import inventories
from services.accounting.store.verifications import Key
from services.accounting.wire import verification as wire
from services.kernel import names
from services.kernel.errors import (
    AlreadyExists,
    EtagMismatch,
    FieldInvalid,
    FourEyes,
    NotFound,
    StateWrong,
    within,
)
from services.kernel.names import check_id
from services.runtime import auth, outbox, paging, replay, revision
from services.runtime.revision import Revision
from zonecarbon.accounting.v1 import verification_pb2, verification_service_pb2_grpc
from zonecarbon.accounting.v1 import verification_service_pb2 as pb

_Verification = verification_pb2.Verification

Recording = (
    pb.RecordFindingRequest | pb.RecordVerifiedFiguresRequest | pb.ConcludeVerificationRequest
)
"""A request that makes the next version of a verification."""

Make = Callable[[sa.Connection, Verification], Verification]
"""Makes that version."""


class Verifications(Base, verification_service_pb2_grpc.VerificationServiceServicer):
    def OpenVerification(
        self, request: pb.OpenVerificationRequest, context: grpc.ServicerContext
    ) -> verification_pb2.Verification:
        enterprise, year = self._seen_period(request.parent, "parent")
        id_ = check_id("verification", request.verification_id)
        key = Key(enterprise=enterprise.enterprise_id, accounting_year=year, verification_id=id_)
        with self._database.write() as connection:
            taken = revision.take(connection)
            if answered := replay.find(connection, request, _Verification):
                return answered
            _check_independent(connection, key.enterprise, f"{request.parent}/verifications/{id_}")
            opened = Verification(
                enterprise=key.enterprise,
                accounting_year=year,
                verification_id=id_,
                verifier=auth.caller().name,
                period_version=_submitted(connection, key.enterprise, year).version,
                inventory_versions=inventories.versions(connection, key.enterprise, year),
            )
            if store.verifications.find(connection, key) is not None:
                raise AlreadyExists(name=opened.name)
            return _kept(connection, request, opened, taken)

    def GetVerification(
        self, request: pb.GetVerificationRequest, context: grpc.ServicerContext
    ) -> verification_pb2.Verification:
        key = self._seen_verification(request.name)
        with self._database.read() as connection:
            version, as_of = self._asked_version(connection, request)
            found = store.verifications.find(connection, key, version=version, as_of=as_of)
            if found is None:
                raise NotFound(name=request.name)
            current = inventories.versions(connection, key.enterprise, key.accounting_year, as_of)
        return wire.from_verification(found, current)

    def ListVerifications(
        self, request: pb.ListVerificationsRequest, context: grpc.ServicerContext
    ) -> pb.ListVerificationsResponse:
        enterprise, year = self._seen_period(request.parent, "parent")
        after, size = paging.start(request, request.parent), paging.size(request)
        whose = enterprise.enterprise_id
        with self._database.read() as connection:
            found = store.verifications.page(connection, whose, year, after=after, size=size + 1)
            current = inventories.versions(connection, whose, year)
        ids = [each.verification_id for each in found]
        return pb.ListVerificationsResponse(
            verifications=[wire.from_verification(each, current) for each in found[:size]],
            next_page_token=paging.next_token(ids, size, request.parent),
        )

    def RecordFinding(
        self, request: pb.RecordFindingRequest, context: grpc.ServicerContext
    ) -> verification_pb2.Verification:
        key = self._seen_verification(request.name)
        if request.WhichOneof("record") == "resolution":
            settled = request.resolution
            return self._recorded(
                request,
                key,
                lambda _, before: before.with_resolution(
                    settled.finding_id, wire.to_resolution(settled)
                ),
            )
        finding = wire.to_finding(request.finding)
        parent = names.ENTERPRISE.format(enterprise=key.enterprise)
        own = self._registry.own(parent, [finding.subject])

        def make(connection: sa.Connection, before: Verification) -> Verification:
            check_subject(finding.subject, own | self._known(connection, before, finding.subject))
            return before.with_finding(finding)

        return self._recorded(request, key, make)

    def RecordVerifiedFigures(
        self, request: pb.RecordVerifiedFiguresRequest, context: grpc.ServicerContext
    ) -> verification_pb2.Verification:
        key = self._seen_verification(request.name)

        def make(connection: sa.Connection, before: Verification) -> Verification:
            return before.with_figures(self._figures(connection, before, request.figures))

        return self._recorded(request, key, make)

    def ConcludeVerification(
        self, request: pb.ConcludeVerificationRequest, context: grpc.ServicerContext
    ) -> verification_pb2.Verification:
        key = self._seen_verification(request.name)
        statement = wire.to_statement(request.statement)

        def make(connection: sa.Connection, before: Verification) -> Verification:
            if request.etag and request.etag != before.etag:
                raise EtagMismatch(name=request.name)
            current = inventories.versions(connection, key.enterprise, key.accounting_year)
            return before.concluded(statement, current)

        return self._recorded(request, key, make)

    def _recorded(self, request: Recording, key: Key, make: Make) -> verification_pb2.Verification:
        """Store the next version of a verification, of the one who opened it.

        Raises:
            NotFound: there is no such verification.
            FourEyes: the caller has a hand in what is verified.
            StateWrong: another opened it, or it is concluded.
        """
        with self._database.write() as connection:
            taken = revision.take(connection)
            if answered := replay.find(connection, request, _Verification):
                return answered
            before = store.verifications.find(connection, key)
            if before is None:
                raise NotFound(name=request.name)
            _check_independent(connection, key.enterprise, before.name)
            before.check_verifier(auth.caller().name)
            return _kept(connection, request, make(connection, before), taken)

    def _figures(
        self,
        connection: sa.Connection,
        verification: Verification,
        messages: Iterable[verification_pb2.VerifiedFigure],
    ) -> list[VerifiedFigure]:
        """Return verified figures, each beside what was reported in the verified version."""
        verified = {
            verification.inventory(method_id): self._verified(connection, verification, method_id)
            for method_id in verification.inventory_versions
        }
        figures: list[VerifiedFigure] = []
        for index, message in enumerate(messages):
            with within(f"figures[{index}]."):
                inventory = verified.get(message.inventory)
                if inventory is None:
                    allowed = ", ".join(name for name, each in verified.items() if each)
                    raise FieldInvalid(field="inventory", given=message.inventory, allowed=allowed)
                reported = figures_of.quantity(inventory, message.figure)
                figures.append(wire.to_figure(message, reported))
        return figures

    def _verified(
        self, connection: sa.Connection, verification: Verification, method_id: str
    ) -> Inventory | None:
        """Return an inventory in the verified version; None where its method is known no more."""
        key = inventories.Key(
            enterprise=verification.enterprise,
            accounting_year=verification.accounting_year,
            method_id=method_id,
        )
        version = verification.inventory_versions[method_id]
        found = inventories.find(connection, key, self._methods, version)
        return found[0] if found else None

    def _known(
        self, connection: sa.Connection, verification: Verification, subject: str
    ) -> set[str]:
        """Return what a finding may be about, of records and lines no more than `subject`."""
        enterprise = verification.enterprise
        if subject.startswith(f"{names.ENTERPRISE.format(enterprise=enterprise)}/"):
            found: Line | Record | None = None
            if names.LINE.matches(subject):
                line = names.LINE.parse(subject)["line"]
                found = store.lines.find(connection, enterprise, line)
            elif names.ACTIVITY_RECORD.matches(subject):
                record = store.records.id_of(subject)
                found = store.records.find(connection, enterprise, record)
            if found is not None:
                return {found.name}
        methods = verification.inventory_versions.keys() & self._methods.keys()
        items = {item_id for each in methods for item_id in self._methods[each].items}
        return items | {verification.inventory(each) for each in methods}

    def _seen_verification(self, name: str) -> Key:
        """Return which verification a name means, of an enterprise that the caller may see."""
        ids = names.VERIFICATION.parse(name)
        period = names.PERIOD.format(enterprise=ids["enterprise"], year=ids["year"])
        enterprise, year = self._seen_period(period, wanted=name)
        return Key(
            enterprise=enterprise.enterprise_id,
            accounting_year=year,
            verification_id=ids["verification"],
        )


def _kept(
    connection: sa.Connection,
    request: pb.OpenVerificationRequest | Recording,
    verification: Verification,
    taken: Revision,
) -> verification_pb2.Verification:
    """Store a version, and the year as VERIFIED where it is that; return the answer, kept too.

    Raises:
        StateWrong: the year is to be VERIFIED and is not SUBMITTED.
    """
    stored = store.verifications.add(connection, verification, taken)
    versions = [(stored.name, stored.version)]
    if stored.verifies:
        submitted = _submitted(connection, stored.enterprise, stored.accounting_year)
        period = submitted.entered(State.VERIFIED, decider=stored.verifier)
        store.periods.add(connection, period, taken)
        versions.append((period.name, period.version))
    outbox.publish(connection, taken, versions)
    current = inventories.versions(connection, stored.enterprise, stored.accounting_year)
    answer = wire.from_verification(stored, current)
    replay.keep(connection, request, answer, taken)
    return answer


def _submitted(
    connection: sa.Connection, enterprise: str, accounting_year: int
) -> AccountingPeriod:
    """Return a year that is SUBMITTED.

    Raises:
        StateWrong: it is not.
    """
    period = store.periods.find(connection, enterprise, accounting_year) or AccountingPeriod(
        enterprise=enterprise, accounting_year=accounting_year
    )
    if period.state is not State.SUBMITTED:
        raise StateWrong(name=period.name, state=period.state.value, allowed=State.SUBMITTED.value)
    return period


def _check_independent(connection: sa.Connection, enterprise: str, name: str) -> None:
    """Raise FourEyes where the caller has a hand in what it would verify.

    《碳排放权交易管理暂行条例》国令第775号, article 13: who writes reports does not verify them.
    """
    caller = auth.caller().name
    if store.records.is_reporter(connection, enterprise, caller) or store.periods.is_decider(
        connection, enterprise, caller
    ):
        raise FourEyes(name=name, proposer=caller)
