"""Duties, offsets' registrations, trading days, comparisons of rulebooks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import grpc
import sqlalchemy as sa
from google.type import date_pb2

from services.kernel import names
from services.kernel.errors import FieldInvalid, InstrumentUnknown, Words
from services.kernel.period import SHANGHAI
from services.runtime import auth, outbox, paging, revision
from services.runtime import wire as runtime_wire
from services.trading import store
from services.trading.domain import comparison, duty, offset
from services.trading.domain.account import Account
from services.trading.domain.duty import Kind, Standing
from services.trading.domain.ledger.chart import InstrumentKind
from services.trading.domain.obligation import Basis
from services.trading.servicer.house import House
from services.trading.wire import compliance as wire
from services.trading.wire.duty import from_standing, from_standings, to_record
from zonecarbon.trading.v1 import (
    compliance_service_pb2,
    compliance_service_pb2_grpc,
    duty_pb2,
    offset_pb2,
    rulebook_comparison_pb2,
)

_ALL = "accounts/-"
_MOST_DAYS = 366


class Duties(compliance_service_pb2_grpc.ComplianceServiceServicer):
    def __init__(self, house: House) -> None:
        self._house = house

    def ListDuties(
        self, request: compliance_service_pb2.ListDutiesRequest, context: grpc.ServicerContext
    ) -> compliance_service_pb2.ListDutiesResponse:
        now = runtime_wire.to_optional_instant(request, "time") or datetime.now(UTC)
        year, tenant = request.compliance_year, self._house.registry.tenant()
        with self._house.database.read() as connection:
            if request.parent == _ALL:
                accounts = [each.value for each in store.accounts.page(connection, tenant)]
            else:
                id_ = names.ACCOUNT.parse(request.parent, "parent")["account"]
                accounts = [store.accounts.get(connection, tenant, id_).value]
            of = [each for each in accounts if each.takes_part(year)]
            found = [
                (account, each)
                for account in of
                for each in self._standings(connection, account, year, now)
                if not request.late_only or each.state is duty.State.LATE
            ]
        found.sort(key=lambda each: (each[1].duty.due_date, each[0].account, each[1].duty.duty))
        return compliance_service_pb2.ListDutiesResponse(
            duties=from_standings(found, auth.language())
        )

    def RecordDuty(
        self, request: compliance_service_pb2.RecordDutyRequest, context: grpc.ServicerContext
    ) -> duty_pb2.Duty:
        id_, wanted = names.ACCOUNT.parse(request.parent, "parent")["account"], to_record(request)
        tenant, now = self._house.registry.tenant(), datetime.now(UTC)
        with self._house.database.write() as connection:
            account = store.accounts.get(connection, tenant, id_).value
            found = duty.find(self._house.compliance.calendar, account, wanted.duty)
            before = store.duties.newest(connection, [id_]).get((id_, wanted.duty))
            if before is None or before.value != wanted:
                taken = revision.take(connection)
                before = store.duties.newest(connection, [id_]).get((id_, wanted.duty))
                store.duties.add(connection, account, wanted, before, taken)
        standing = duty.standing(found, now, wanted, {})
        return from_standing(account, standing, auth.language())

    def RecordOffsetRegistration(
        self,
        request: compliance_service_pb2.RecordOffsetRegistrationRequest,
        context: grpc.ServicerContext,
    ) -> offset_pb2.OffsetRegistration:
        id_ = names.ACCOUNT.parse(request.parent, "parent")["account"]
        wanted, tenant = wire.to_offset(request.offset_registration), self._house.registry.tenant()
        with self._house.database.write() as connection:
            account = store.accounts.get(connection, tenant, id_).value
            _check_offset(connection, wanted.instrument, request.offset_registration.instrument)
            stored = store.offsets.newest(connection, account).get(wanted.instrument)
            if stored is None or stored.value != wanted:
                taken = revision.take(connection)
                before = store.offsets.newest(connection, account).get(wanted.instrument)
                stored = store.offsets.add(connection, account, wanted, before, taken)
                name = f"{account.name}/offsetRegistrations/{wanted.instrument}"
                outbox.publish(connection, taken, [(name, stored.version)])
        return wire.from_offset(stored)

    def ListOffsetRegistrations(
        self,
        request: compliance_service_pb2.ListOffsetRegistrationsRequest,
        context: grpc.ServicerContext,
    ) -> compliance_service_pb2.ListOffsetRegistrationsResponse:
        id_ = names.ACCOUNT.parse(request.parent, "parent")["account"]
        tenant = self._house.registry.tenant()
        with self._house.database.read() as connection:
            account = store.accounts.get(connection, tenant, id_).value
            found = store.offsets.newest(connection, account)
        return compliance_service_pb2.ListOffsetRegistrationsResponse(
            offset_registrations=[wire.from_offset(found[name]) for name in sorted(found)]
        )

    def AssessReductions(
        self,
        request: compliance_service_pb2.AssessReductionsRequest,
        context: grpc.ServicerContext,
    ) -> compliance_service_pb2.AssessReductionsResponse:
        rules = self._house.compliance.offsets.project
        found = offset.eligible_window(rules, **wire.to_days(request))
        return compliance_service_pb2.AssessReductionsResponse(
            start_date=runtime_wire.from_day(found.start),
            end_date=runtime_wire.from_day(found.end),
            refusal=found.refusal.said(auth.language()) if found.refusal else "",
            sources=[
                runtime_wire.from_source(each.source)
                for each in (rules.construction_rule, rules.generated_rule)
            ],
        )

    def ListTradingDays(
        self,
        request: compliance_service_pb2.ListTradingDaysRequest,
        context: grpc.ServicerContext,
    ) -> compliance_service_pb2.ListTradingDaysResponse:
        start = runtime_wire.to_day(request.start_date, "start_date")
        end = runtime_wire.to_day(request.end_date, "end_date")
        _check_period(start, end)
        days, language = self._house.compliance.trading_days, auth.language()
        return compliance_service_pb2.ListTradingDaysResponse(
            trading_days=[
                date_pb2.Date(year=each.year, month=each.month, day=each.day)
                for each in days.between(start, end)
            ],
            closings=[
                compliance_service_pb2.Closing(
                    date=runtime_wire.from_day(day),
                    text=each.text.said(language),
                    source=runtime_wire.from_source(each.source),
                )
                for day, each in sorted(days.closings.items())
                if start <= day < end
            ],
        )

    def CompareRulebookVersions(
        self,
        request: compliance_service_pb2.CompareRulebookVersionsRequest,
        context: grpc.ServicerContext,
    ) -> compliance_service_pb2.CompareRulebookVersionsResponse:
        id_ = names.RULEBOOK.parse(request.name)["rulebook"]
        old = self._house.shelf.version(id_, request.before_version)
        new = self._house.shelf.version(id_, request.after_version)
        after, size = paging.start(request, request.name), paging.size(request)
        tenant, language = self._house.registry.tenant(), auth.language()
        with self._house.database.read() as connection:
            found = store.allocations.made_with(connection, id_, tenant, after=after, size=size + 1)
        compared = [
            comparison.compared(account, old, new, stored.value) for account, stored in found[:size]
        ]
        return compliance_service_pb2.CompareRulebookVersionsResponse(
            changed_rules=[
                rulebook_comparison_pb2.ChangedRule(
                    rule_id=each.rule, text=each.text.said(language)
                )
                for each in comparison.changed_rules(old, new)
            ],
            comparisons=[wire.from_comparison(each) for each in compared],
            next_page_token=paging.next_token(
                [account.account for account, _ in found], size, request.name
            ),
            before_status=runtime_wire.from_status(old.source.status),
            after_status=runtime_wire.from_status(new.source.status),
        )

    def _standings(
        self, connection: sa.Connection, account: Account, year: int, now: datetime
    ) -> list[Standing]:
        today: date = now.astimezone(SHANGHAI).date()
        records = store.duties.newest(connection, [account.account])
        settled = store.positions.settlements(connection, account, self._house.rules, by=today)
        verified = self._verified(connection, account, year)
        found: list[Standing] = []
        for each in duty.of_account(self._house.compliance.calendar, account, year):
            record = records.get((account.account, each.duty))
            derived = store.positions.done_by_books(each, settled)
            if each.kind is Kind.VERIFICATION and verified is not None:
                derived = {each.duty: verified}
            found.append(
                duty.standing(each, now, None if record is None else record.value, derived)
            )
        return found

    def _verified(
        self, connection: sa.Connection, account: Account, year: int
    ) -> tuple[datetime, str] | None:
        found = store.obligations.newest(connection, account, year)
        if found is None or found.value.basis is not Basis.VERIFIED:
            return None
        return found.create_time, found.value.verification


def _check_period(start: date, end: date) -> None:
    if not start < end <= start + timedelta(days=_MOST_DAYS):
        raise FieldInvalid(
            field="end_date",
            given=str(end),
            allowed=Words(
                en=f"after {start}, at most {_MOST_DAYS} days later",
                zh=f"晚于 {start}，且间隔不超过 {_MOST_DAYS} 天",
            ),
        )


def _check_offset(connection: sa.Connection, instrument: str, given: str) -> None:
    found = store.ledger.instruments.find(connection, instrument)
    if found is None or found.value.kind is not InstrumentKind.OFFSET:
        raise InstrumentUnknown(field="offset_registration.instrument", given=given)
