"""Explanations: the way of a number, walked backwards."""

from __future__ import annotations

from collections import defaultdict

import grpc
import sqlalchemy as sa

from services.accounting import store
from services.accounting.domain.activity import Record
from services.accounting.domain.explanation import inventory as of_inventory
from services.accounting.domain.explanation import zone as of_zone
from services.accounting.domain.explanation.inventory import Describe
from services.accounting.domain.explanation.line import Explainer
from services.accounting.domain.explanation.tree import Explanation, text
from services.accounting.domain.line import Grain, Line
from services.accounting.servicer.access import ACCESS, ZONE_INVENTORY
from services.accounting.servicer.inventory import Inventories
from services.accounting.wire import explanation as wire
from services.kernel import names
from services.kernel.errors import NameInvalid, NotFound
from services.runtime import auth, revision
from zonecarbon.accounting.v1 import accounting_service_pb2 as pb

LARGEST_ZONE_RECORD_COUNT = 3_000
"""The tree of a zone goes down to the records up to so many; beyond, to its members' inventories,
each of which can be explained by its own name. More would not fit into a message."""


class Explanations(Inventories):
    def ExplainFigure(
        self, request: pb.ExplainFigureRequest, context: grpc.ServicerContext
    ) -> pb.ExplainFigureResponse:
        name = request.name
        if names.LINE.matches(name):
            tree = self._of_line(request)
        elif names.INVENTORY.matches(name):
            tree = self._of_inventory(request)
        elif names.ZONE_INVENTORY.matches(name):
            tree = self._of_zone(request)
        else:
            patterns = (names.LINE, names.INVENTORY, names.ZONE_INVENTORY)
            raise NameInvalid(given=name, pattern=" | ".join(map(str, patterns)))
        language = auth.language()
        return pb.ExplainFigureResponse(
            explanation=wire.from_explanation(tree, language), text=text(tree, language)
        )

    def _of_line(self, request: pb.ExplainFigureRequest) -> Explanation:
        name = request.name
        ids = names.LINE.parse(name)
        parent = names.ENTERPRISE.format(enterprise=ids["enterprise"])
        self._registry.enterprise(parent, wanted=name)
        with self._database.read() as connection:
            as_of = self._as_of(connection, request)
            line = store.lines.find(connection, ids["enterprise"], ids["line"], as_of)
            if line is None or not line.record_count:
                raise NotFound(name=name)
            known = revision.newest(connection) if as_of is None else as_of
            found = store.records.of_grain(connection, ids["enterprise"], line.grain, known)
            records = store.report_files.with_rows(connection, ids["enterprise"], found)
        explainer = Explainer(self._method(line.binding.method_id))
        return explainer.of(line, request.figure, records)

    def _of_inventory(self, request: pb.ExplainFigureRequest) -> Explanation:
        key = self._seen(request.name)
        with self._database.read() as connection:
            as_of = self._as_of(connection, request)
            found = store.inventories.find(connection, key, self._methods, as_of=as_of)
            lines = store.lines.current(
                connection, [key.enterprise], key.accounting_year, key.method_id, as_of
            )
            known = revision.newest(connection) if as_of is None else as_of
            describe = self._describe(connection, lines, known)
        if found is None:
            raise NotFound(name=request.name)
        return of_inventory.of(found[0], request.figure, lines, describe)

    def _of_zone(self, request: pb.ExplainFigureRequest) -> Explanation:
        auth.permit(ACCESS, ZONE_INVENTORY, auth.caller())
        inventory = self._zone_called(request.name, request)
        figure = request.figure
        lines = [line for member in inventory.members for line in member.lines]
        if sum(line.record_count for line in lines) > LARGEST_ZONE_RECORD_COUNT:
            return of_zone.of(inventory, figure, None)
        with self._database.read() as connection:
            describe = self._describe(connection, lines, inventory.snapshot.revision)
        return of_zone.of(inventory, figure, describe)

    def _describe(self, connection: sa.Connection, lines: list[Line], as_of: int) -> Describe:
        """Return what explains any of `lines` down to the records that counted at `as_of`."""
        records: defaultdict[tuple[str, Grain], list[Record]] = defaultdict(list)
        for enterprise, year in {(line.enterprise, line.month.start.year) for line in lines}:
            found = store.records.current(connection, enterprise, year, as_of)
            for record in store.report_files.with_rows(connection, enterprise, found):
                grain = Grain(source_id=record.source.source_id, month=record.month)
                records[enterprise, grain].append(record)

        methods = {line.binding.method_id for line in lines}
        explainers = {each: Explainer(self._method(each)) for each in methods}

        def describe(line: Line, figure: str) -> Explanation:
            of_grain = records[line.enterprise, line.grain]
            return explainers[line.binding.method_id].of(line, figure, of_grain)

        return describe
