"""Curves: days of meters, stored and booked in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import grpc
import sqlalchemy as sa

from services.accounting import store
from services.accounting.domain.curve import curve as curves
from services.accounting.domain.curve.block import Block
from services.accounting.domain.curve.curve import Curve, replacing
from services.accounting.domain.curve.draft import Draft, Stored, draft, sketch, span
from services.accounting.domain.curve.part import Part
from services.accounting.domain.curve.readings import Readings
from services.accounting.domain.enterprise import Enterprise
from services.accounting.domain.need import enthalpy
from services.accounting.domain.refusal import ReferenceNotFound, ranked
from services.accounting.servicer.report import Report, Reports
from services.accounting.wire import curve as wire
from services.kernel import names
from services.kernel.errors import (
    AlreadyExists,
    FieldInvalid,
    NotFound,
    PageTokenInvalid,
    SourceFed,
    Words,
)
from services.kernel.period import EARLIEST, LATEST_END, Period
from services.runtime import auth, paging, replay, revision, streams
from zonecarbon.accounting.v1 import curve_pb2, curve_service_pb2_grpc
from zonecarbon.accounting.v1 import curve_service_pb2 as pb

Points = Block | Readings | Part
"""Points as they are sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """A block with what it makes of what is stored."""

    block: Block
    stored: Stored
    draft: Draft


class Curves(Reports, curve_service_pb2_grpc.CurveServiceServicer):
    def CreateCurve(
        self, request: pb.CreateCurveRequest, context: grpc.ServicerContext
    ) -> curve_pb2.Curve:
        ids = names.ENTERPRISE.parse(request.parent, "parent")
        name = names.CURVE.format(**ids, curve=request.curve_id)
        self._registry.enterprise(request.parent)
        new = wire.to_curve(request.curve, name)
        self._check(new, ids["enterprise"], request.parent)
        with self._database.write() as connection:
            taken = revision.take(connection)
            if store.curves.get(connection, ids["enterprise"], [name]):
                raise AlreadyExists(name=name)
            source_id = new.source.source_id
            if other := store.curves.of_source(connection, ids["enterprise"], source_id):
                raise SourceFed(field="curve.source_id", given=source_id, other=other.name)
            return wire.from_curve(store.curves.add(connection, new, taken))

    def _check(self, new: Curve, enterprise: str, parent: str) -> None:
        """Raise the first of what is wrong with a curve, seen in itself and by the registry."""
        enthalpy(new.source.steam, new.source.subject, self._steam)
        wrong = list(curves.wrong(new, enterprise=enterprise, today=self._today()))
        named = curves.references([new])
        known = self._registry.own(parent, named)
        for field in ("counterparty", "meter", "facility"):
            given = new.source.counterparty if field == "counterparty" else getattr(new, field)
            if given and given not in known:
                wrong.append(ReferenceNotFound(field=f"curve.{field}", name=given))
        for error in ranked(wrong):
            raise error

    def GetCurve(
        self, request: pb.GetCurveRequest, context: grpc.ServicerContext
    ) -> curve_pb2.Curve:
        return wire.from_curve(self._seen_curve(request.name, "name"))

    def ListCurves(
        self, request: pb.ListCurvesRequest, context: grpc.ServicerContext
    ) -> pb.ListCurvesResponse:
        enterprise = names.ENTERPRISE.parse(request.parent, "parent")["enterprise"]
        after, size = paging.start(request, request.parent), paging.size(request)
        self._registry.enterprise(request.parent)
        with self._database.read() as connection:
            found = store.curves.page(connection, enterprise, after=after, size=size + 1)
        keys = [names.CURVE.parse(each.name)["curve"] for each in found]
        return pb.ListCurvesResponse(
            curves=[wire.from_curve(each) for each in found[:size]],
            next_page_token=paging.next_token(keys, size, request.parent),
        )

    def ReplaceMeter(
        self, request: pb.ReplaceMeterRequest, context: grpc.ServicerContext
    ) -> curve_pb2.Curve:
        seen = self._seen_curve(request.name, "name")
        new = wire.to_replacement(request.replacement)
        enterprise = names.CURVE.parse(request.name)["enterprise"]
        parent = names.ENTERPRISE.format(enterprise=enterprise)
        if new.meter and new.meter not in self._registry.own(parent, [new.meter]):
            raise ReferenceNotFound(field="replacement.meter", name=new.meter)
        with self._database.write() as connection:
            taken = revision.take(connection)
            if answered := replay.find(connection, request, curve_pb2.Curve):
                return answered
            curve = store.curves.get(connection, enterprise, [request.name])[seen.name]
            for error in replacing(curve, new, self._today()):
                raise error
            kept = store.curves.add_replacement(connection, curve, new, auth.caller().name, taken)
            answer = wire.from_curve(replace(curve, replacements=(*curve.replacements, kept)))
            replay.keep(connection, request, answer, taken)
            return answer

    def ReportCurveDays(
        self, request: pb.ReportCurveDaysRequest, context: grpc.ServicerContext
    ) -> pb.ReportCurveDaysResponse:
        return self._reported(request)

    def StreamCurveDays(
        self, request_iterator: Iterator[pb.StreamCurveDaysRequest], context: grpc.ServicerContext
    ) -> Iterator[pb.StreamCurveDaysResponse]:
        for request in streams.in_order(request_iterator):
            yield pb.StreamCurveDaysResponse(
                sequence_number=request.sequence_number, report=self._reported(request.report)
            )

    def ListCurveDays(
        self, request: pb.ListCurveDaysRequest, context: grpc.ServicerContext
    ) -> pb.ListCurveDaysResponse:
        start, end = wire.to_wanted(request)
        scope = (
            request.parent,
            f"{start} {end}",
            f"{request.as_of_revision}",
            f"{request.as_of_time}",
        )
        after, size = _day_after(paging.start(request, *scope)), paging.size(request)
        curve = self._seen_curve(request.parent, "parent")
        wanted = Period(start=max(start or EARLIEST, after), end=end or LATEST_END)
        with self._database.read() as connection:
            found = store.curve_days.page(
                connection,
                curve,
                wanted,
                as_of=self._as_of_either(connection, request),
                size=size + 1,
            )
        return pb.ListCurveDaysResponse(
            days=[wire.from_day(curve, each) for each in found[:size]],
            next_page_token=paging.next_token([f"{each.day}" for each in found], size, *scope),
        )

    def _as_of_either(
        self, connection: sa.Connection, request: pb.ListCurveDaysRequest
    ) -> int | None:
        """Return the revision asked for, or the last one closed at the moment asked for.

        Raises:
            FieldInvalid: both are asked for, or there is none such yet.
        """
        if request.as_of_revision and request.HasField("as_of_time"):
            allowed = Words(en="0 where a moment is asked for", zh="指定时刻时应为 0")
            given = str(request.as_of_revision)
            raise FieldInvalid(field="as_of_revision", given=given, allowed=allowed)
        asked = revision.known(connection, request.as_of_revision)
        return self._as_of(connection, request) if asked is None else asked

    def _seen_curve(self, name: str, field: str) -> Curve:
        """Return a curve of an enterprise that the caller may see.

        Raises:
            NameInvalid: it is no name of a curve; at `field`.
            NotFound: there is none, or it is not the caller's to see.
        """
        enterprise = names.CURVE.parse(name, field)["enterprise"]
        parent = names.ENTERPRISE.format(enterprise=enterprise)
        self._registry.enterprise(parent, wanted=name)
        with self._database.read() as connection:
            found = store.curves.get(connection, enterprise, [name])
        if not found:
            raise NotFound(name=name)
        return found[name]

    def _reported(self, request: pb.ReportCurveDaysRequest) -> pb.ReportCurveDaysResponse:
        """Judge the days of a message, and store and book those that pass."""
        names.ENTERPRISE.parse(request.parent, "parent")
        enterprise = self._registry.enterprise(request.parent)
        points = wire.to_points(request)
        with self._database.read() as connection:
            if not request.validate_only and (
                answered := replay.find(connection, request, pb.ReportCurveDaysResponse)
            ):
                return answered
            curves = store.curves.get(connection, enterprise.enterprise_id, points.curves)
        rows = sketch(points, curves)
        if request.validate_only:
            return self._settled(
                enterprise, rows, lambda whole: self._foreseen(enterprise, points, whole)
            )
        return self._settled(
            enterprise, rows, lambda whole: self._booked(request, enterprise, points, whole)
        )

    def _foreseen(
        self, enterprise: Enterprise, points: Points, whole: Report
    ) -> pb.ReportCurveDaysResponse:
        """Return what would become of the days now; raises as `_judged`."""
        with self._database.read() as connection:
            drafted = self._drafted(connection, enterprise, points)
            judged = self._judged(connection, replace(whole, rows=drafted.draft.rows), 0)
        drafted.draft.settle(judged.verdicts)
        return wire.from_draft(drafted.draft, drafted.block, 0, auth.language())

    def _booked(
        self,
        request: pb.ReportCurveDaysRequest,
        enterprise: Enterprise,
        points: Points,
        whole: Report,
    ) -> pb.ReportCurveDaysResponse:
        """Store and book in one transaction; it is undone where a factor must be asked first."""
        with self._database.write() as connection:
            taken = revision.take(connection)
            if answered := replay.find(connection, request, pb.ReportCurveDaysResponse):
                return answered
            self._check_newest(connection, whole.registry_revision)
            drafted = self._drafted(connection, enterprise, points)
            rows = drafted.draft.rows
            judged = self._judged(connection, replace(whole, rows=rows), taken.number)
            drafted.draft.settle(judged.verdicts)
            stored = drafted.draft.stored
            store.curve_days.add(connection, drafted.block, stored, drafted.stored.curves, taken)
            self._recorded(connection, judged.posting, taken)
            number = taken.number if stored else 0
            answer = wire.from_draft(drafted.draft, drafted.block, number, auth.language())
            replay.keep(connection, request, answer, taken)
            return answer

    def _drafted(
        self, connection: sa.Connection, enterprise: Enterprise, points: Points
    ) -> Drafted:
        """Return what points make of what is stored now."""
        whose = enterprise.enterprise_id
        found = store.curves.get(connection, whose, points.curves)
        block = _block(connection, points, found)
        period = span(block)
        sources = [curve.source.source_id for curve in found.values()]
        stored = Stored(
            curves=found,
            days=store.curve_days.current(connection, found.values(), period),
            records=store.records.of_curves(connection, whose, sources, period),
        )
        return Drafted(block=block, stored=stored, draft=draft(block, stored, self._today()))


def _block(connection: sa.Connection, points: Points, of: Mapping[str, Curve]) -> Block:
    """Return the whole days that points make, of curves as they are stored."""
    match points:
        case Readings():
            return points.block(of)
        case Part():
            return points.block(store.curve_days.points(connection, of.values(), points.day))
        case Block():
            return points


def _day_after(key: str) -> date:
    """Return the day after the one that a page token speaks of; the earliest for none."""
    try:
        return date.fromisoformat(key) + timedelta(days=1) if key else EARLIEST
    except ValueError:
        raise PageTokenInvalid(field="page_token") from None
