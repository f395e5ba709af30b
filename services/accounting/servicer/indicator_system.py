"""IndicatorSystemService: what zones are judged by, of documents and of desks."""

from __future__ import annotations

import grpc
import sqlalchemy as sa

from services.accounting import store
from services.accounting.domain.indicator.check import check
from services.accounting.domain.indicator.publication import Publication, State
from services.accounting.neighbours import Registry
from services.accounting.servicer.access import ACCESS, ZONE_INVENTORY
from services.accounting.servicer.base import Base, Rules
from services.accounting.servicer.indicator_rules import IndicatorRules
from services.accounting.wire import indicator_system as wire
from services.kernel import names
from services.kernel.errors import (
    AlreadyExists,
    EtagMismatch,
    FieldInvalid,
    NameInvalid,
    NotFound,
    Words,
    within,
)
from services.kernel.names import check_id
from services.runtime import auth, outbox, paging, revision
from services.runtime.database import Database
from zonecarbon.accounting.v1 import indicator_system_pb2, indicator_system_service_pb2_grpc
from zonecarbon.accounting.v1 import indicator_system_service_pb2 as pb


class Systems(Base):
    """Finds indicator systems by their names."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        rules: Rules,
        indicator_rules: IndicatorRules,
    ) -> None:
        super().__init__(database, registry, rules)
        self._published = {
            system_id: Publication(zone="", system=system, state=State.PUBLISHED)
            for system_id, system in indicator_rules.systems.items()
        }
        self._catalogue = indicator_rules.catalogue
        self._consistency = indicator_rules.consistency

    def _of_release(self, name: str) -> Publication:
        """Return a system of this release.

        Raises:
            NotFound: there is none, or not in that version.
        """
        ids = names.INDICATOR_SYSTEM.parse(name)
        found = self._published.get(ids["indicator_system"])
        if found is None or found.name != name:
            raise NotFound(name=name)
        return found

    def _own(self, connection: sa.Connection, name: str) -> Publication:
        """Return a desk's own system as it stands, of a zone that the caller may see.

        Raises:
            NotFound: there is none to be seen.
        """
        ids = names.ZONE_INDICATOR_SYSTEM.parse(name)
        self._registry.zone(names.ZONE.format(zone=ids["zone"]), wanted=name)
        found = store.indicator_systems.find(
            connection, ids["zone"], ids["indicator_system"], int(ids["version"])
        )
        if found is None:
            raise NotFound(name=name)
        return found


class IndicatorSystems(Systems, indicator_system_service_pb2_grpc.IndicatorSystemServiceServicer):
    def CreateIndicatorSystem(
        self, request: pb.CreateIndicatorSystemRequest, context: grpc.ServicerContext
    ) -> indicator_system_pb2.IndicatorSystem:
        zone = names.ZONE.parse(request.parent, "parent")["zone"]
        id_ = check_id("indicator_system", request.indicator_system_id)
        self._registry.zone(request.parent, wanted=request.parent)
        with within("indicator_system."):
            system = wire.to_system(id_, request.version, request.indicator_system)
            check(system, self._catalogue)
            if system.method_id:
                self._method(system.method_id)
        self._check_new(id_)
        wanted = Publication(
            zone=zone, system=system, state=State.PROPOSED, proposer=auth.caller().name
        )
        with self._database.write() as connection:
            known = store.indicator_systems.versions(connection, zone, id_)
            same = [each for each in known if each.system.version == request.version]
            if same and same[0].system == system:
                return wire.from_publication(same[0])
            if same:
                raise AlreadyExists(name=wanted.name)
            _check_next(request.version, len(known))
            return self._saved(connection, wanted)

    def GetIndicatorSystem(
        self, request: pb.GetIndicatorSystemRequest, context: grpc.ServicerContext
    ) -> indicator_system_pb2.IndicatorSystem:
        name = request.name
        if names.INDICATOR_SYSTEM.matches(name):
            return wire.from_publication(self._of_release(name))
        if not names.ZONE_INDICATOR_SYSTEM.matches(name):
            pattern = f"{names.INDICATOR_SYSTEM} | {names.ZONE_INDICATOR_SYSTEM}"
            raise NameInvalid(given=name, pattern=pattern)
        auth.permit(ACCESS, ZONE_INVENTORY, auth.caller())
        with self._database.read() as connection:
            return wire.from_publication(self._own(connection, name))

    def ListIndicatorSystems(
        self, request: pb.ListIndicatorSystemsRequest, context: grpc.ServicerContext
    ) -> pb.ListIndicatorSystemsResponse:
        found = {each.name: each for each in self._published.values()}
        if request.parent:
            zone = names.ZONE.parse(request.parent, "parent")["zone"]
            auth.permit(ACCESS, ZONE_INVENTORY, auth.caller())
            self._registry.zone(request.parent, wanted=request.parent)
            with self._database.read() as connection:
                own = store.indicator_systems.of_zone(connection, zone)
            found |= {each.name: each for each in own}
        after, size = paging.start(request, request.parent), paging.size(request)
        page = [name for name in sorted(found) if name > after][: size + 1]
        return pb.ListIndicatorSystemsResponse(
            indicator_systems=[wire.from_publication(found[name]) for name in page[:size]],
            next_page_token=paging.next_token(page, size, request.parent),
        )

    def PublishIndicatorSystem(
        self, request: pb.PublishIndicatorSystemRequest, context: grpc.ServicerContext
    ) -> indicator_system_pb2.IndicatorSystem:
        return self._decide(request.name, request.etag, State.PUBLISHED)

    def RejectIndicatorSystem(
        self, request: pb.RejectIndicatorSystemRequest, context: grpc.ServicerContext
    ) -> indicator_system_pb2.IndicatorSystem:
        return self._decide(request.name, request.etag, State.REJECTED, request.reason)

    def RetireIndicatorSystem(
        self, request: pb.RetireIndicatorSystemRequest, context: grpc.ServicerContext
    ) -> indicator_system_pb2.IndicatorSystem:
        return self._decide(request.name, request.etag, State.RETIRED, request.reason)

    def _decide(
        self, name: str, etag: str, state: State, reason: str = ""
    ) -> indicator_system_pb2.IndicatorSystem:
        # The principal decides, not its key: a second key of the proposer is the proposer.
        decider = auth.caller().name
        with self._database.write() as connection:
            current = self._own(connection, name)
            if current.was_decided(etag, state, decider=decider, reason=reason):
                return wire.from_publication(current)
            if etag != current.etag:
                raise EtagMismatch(name=name)
            return self._saved(connection, current.decided(state, decider=decider, reason=reason))

    def _saved(
        self, connection: sa.Connection, publication: Publication
    ) -> indicator_system_pb2.IndicatorSystem:
        taken = revision.take(connection)
        saved = store.indicator_systems.add(connection, publication, taken)
        outbox.publish(connection, taken, [(saved.name, saved.decision_number)])
        return wire.from_publication(saved)

    def _check_new(self, system_id: str) -> None:
        """Refuse the id of a published document: one name, one content."""
        if system_id in self._published:
            taken = ", ".join(self._published)
            raise FieldInvalid(
                field="indicator_system_id",
                given=system_id,
                allowed=Words(en=f"an id other than {taken}", zh=f"除 {taken} 以外的标识"),
            )


def _check_next(version: int, known: int) -> None:
    if version != known + 1:
        raise FieldInvalid(field="version", given=str(version), allowed=str(known + 1))
