"""EvaluationService: zones by indicator systems, kept so that they can be made again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import grpc

from services.accounting import store
from services.accounting.domain.indicator.difference import Sides, changes
from services.accounting.domain.indicator.evaluation import evaluate
from services.accounting.domain.indicator.input import Origin
from services.accounting.domain.indicator.kept import Kept, Knowledge
from services.accounting.domain.indicator.publication import Publication, State
from services.accounting.domain.indicator.question import Question, check
from services.accounting.domain.ranking.ranking import rank
from services.accounting.servicer.evaluation_causes import Causes
from services.accounting.servicer.evaluation_figures import Gathered, Moment
from services.accounting.servicer.evaluation_file import exported
from services.accounting.servicer.evaluation_ranking import asked_plan, asked_table
from services.accounting.wire import evaluation as wire
from services.accounting.wire import evaluation_comparison as comparison_wire
from services.kernel import names
from services.kernel.errors import AlreadyExists, FieldInvalid, NotFound, Words, within
from services.kernel.names import check_id
from services.runtime import auth, outbox, paging, revision
from services.runtime.wire import to_optional_instant
from zonecarbon.accounting.v1 import evaluation_pb2, evaluation_service_pb2_grpc
from zonecarbon.accounting.v1 import evaluation_service_pb2 as pb


class Evaluations(Gathered, evaluation_service_pb2_grpc.EvaluationServiceServicer):
    def CreateEvaluation(
        self, request: pb.CreateEvaluationRequest, context: grpc.ServicerContext
    ) -> evaluation_pb2.Evaluation:
        names.ZONE.parse(request.parent, "parent")
        id_ = check_id("evaluation", request.evaluation_id)
        self._registry.zone(request.parent, wanted=request.parent)
        publication = self._system(request.evaluation.indicator_system, request.parent)
        with within("evaluation."):
            question = wire.to_question(request.parent, request.evaluation)
            check(question, publication.system)
        moment = self._moment(to_optional_instant(request, "as_of_time"))
        made = self._made(id_, publication, question, moment)
        if request.validate_only:
            return wire.from_kept(made)
        with self._database.write() as connection:
            before = store.evaluations.find(connection, request.parent, id_, self._catalogue)
            if before is not None:
                return wire.from_kept(_same(before, made))
            taken = revision.take(connection)
            kept = store.evaluations.add(connection, made, taken)
            outbox.publish(connection, taken, [(kept.name, 1)])
        return wire.from_kept(kept)

    def GetEvaluation(
        self, request: pb.GetEvaluationRequest, context: grpc.ServicerContext
    ) -> evaluation_pb2.Evaluation:
        return wire.from_kept(self._kept(request.name))

    def ListEvaluations(
        self, request: pb.ListEvaluationsRequest, context: grpc.ServicerContext
    ) -> pb.ListEvaluationsResponse:
        names.ZONE.parse(request.parent, "parent")
        self._registry.zone(request.parent, wanted=request.parent)
        after, size = paging.start(request, request.parent), paging.size(request)
        with self._database.read() as connection:
            found = store.evaluations.page(
                connection, request.parent, self._catalogue, after=after, size=size + 1
            )
        return pb.ListEvaluationsResponse(
            evaluations=[wire.from_kept(each) for each in found[:size]],
            next_page_token=paging.next_token(
                [each.evaluation_id for each in found], size, request.parent
            ),
        )

    def RepeatEvaluation(
        self, request: pb.RepeatEvaluationRequest, context: grpc.ServicerContext
    ) -> pb.RepeatEvaluationResponse:
        kept = self._kept(request.name)
        known = kept.knowledge
        found = self._gathered(
            kept.evaluation.system,
            kept.evaluation.question,
            Moment(time=known.time, revision=known.revision),
        )
        made = kept.evaluation
        again = evaluate(made.system, made.question, found.figures, self._catalogue)
        return pb.RepeatEvaluationResponse(
            same=again.digest == kept.digest,
            kept_digest=kept.digest,
            repeated_digest=again.digest,
            different_indicator_ids=[
                one.indicator.indicator_id
                for one, other in zip(made.results, again.results, strict=True)
                if (one.value, one.verdict, one.score) != (other.value, other.verdict, other.score)
            ],
        )

    def CompareEvaluations(
        self, request: pb.CompareEvaluationsRequest, context: grpc.ServicerContext
    ) -> evaluation_pb2.EvaluationComparison:
        before = self._kept(request.name)
        after = self._kept(request.to_evaluation, "to_evaluation")
        if before.evaluation.question.zone != after.evaluation.question.zone:
            allowed = Words(
                en=f"an evaluation of {before.evaluation.question.zone}",
                zh=f"{before.evaluation.question.zone} 的评价",
            )
            raise FieldInvalid(field="to_evaluation", given=request.to_evaluation, allowed=allowed)
        with self._database.read() as connection:
            causes = Causes(
                between=lambda key, old, new: (
                    self._dated(connection, key, old, None, "").side,
                    self._dated(connection, key, new, None, "").side,
                ),
                methods=self._methods,
                is_other_method=before.evaluation.system.method_id
                != after.evaluation.system.method_id,
            )
            found = changes(
                Sides(
                    before=before.evaluation,
                    after=after.evaluation,
                    members_before=frozenset(before.knowledge.members),
                    members_after=frozenset(after.knowledge.members),
                    causes_of=causes.of,
                )
            )
        return comparison_wire.from_changes(before, after, found)

    def ExportEvaluation(
        self, request: pb.ExportEvaluationRequest, context: grpc.ServicerContext
    ) -> pb.ExportEvaluationResponse:
        return exported(self._kept(request.name), request.format, auth.language())

    def RankEvaluations(
        self, request: pb.RankEvaluationsRequest, context: grpc.ServicerContext
    ) -> evaluation_pb2.EvaluationRanking:
        kept = [
            self._kept(name, f"evaluations[{index}]")
            for index, name in enumerate(request.evaluations)
        ]
        table, left_out = asked_table(request, kept)
        found = rank(table, asked_plan(request, table, self._consistency))
        system = kept[0].evaluation.system
        units = [
            each.unit
            for indicator_id in table.indicators
            for each in system.indicators
            if each.indicator_id == indicator_id
        ]
        return comparison_wire.from_ranking(found, table, units, left_out)

    def _kept(self, name: str, field: str = "name") -> Kept:
        """Return an evaluation of a zone that the caller may see.

        Raises:
            NameInvalid: it is no name of one; at `field`.
            NotFound: there is none to be seen.
        """
        ids = names.EVALUATION.parse(name, field)
        zone = names.ZONE.format(zone=ids["zone"])
        self._registry.zone(zone, wanted=name)
        with self._database.read() as connection:
            found = store.evaluations.find(connection, zone, ids["evaluation"], self._catalogue)
        if found is None:
            raise NotFound(name=name)
        return found

    def _system(self, name: str, zone: str) -> Publication:
        """Return the system to evaluate by: the version named, or the newest that is published.

        Raises:
            NotFound: there is none, or of another zone.
            StateWrong: the version named is not published.
        """
        if "/versions/" not in name:
            return self._newest(name, zone)
        if not name.startswith("zones/"):
            return self._of_release(name)
        with self._database.read() as connection:
            found = self._own(connection, name)
        if names.ZONE.format(zone=found.zone) != zone:
            raise NotFound(name=name)
        found.check_usable()
        return found

    def _newest(self, name: str, zone: str) -> Publication:
        folder, _, system_id = name.rpartition("/")
        known: Sequence[Publication] = list(self._published.values())
        if folder == f"{zone}/indicatorSystems":
            with self._database.read() as connection:
                id_ = names.ZONE.parse(zone)["zone"]
                known = store.indicator_systems.versions(connection, id_, system_id)
        elif folder != "indicatorSystems":
            raise NotFound(name=name)
        found = [
            each
            for each in known
            if each.system.system_id == system_id and each.state is State.PUBLISHED
        ]
        if not found:
            raise NotFound(name=name)
        return found[-1]

    def _moment(self, asked: datetime | None) -> Moment:
        with self._database.read() as connection:
            # What will be known one day is not known: of a moment to come it is what is known now.
            if asked is not None and asked < datetime.now(UTC):
                return Moment(time=asked, revision=revision.as_of(connection, asked))
            newest = revision.newest(connection)
        # The registry is asked as it is now, and later as of the moment: nothing may lie between.
        while True:
            before, time = self._registry.newest_revision(), datetime.now(UTC)
            if before == self._registry.newest_revision():
                return Moment(time=time, revision=newest, is_now=True)

    def _made(
        self, evaluation_id: str, publication: Publication, question: Question, moment: Moment
    ) -> Kept:
        system = publication.system
        found = self._gathered(system, question, moment)
        made = evaluate(system, question, found.figures, self._catalogue)
        takes_emissions = any(
            self._catalogue.inputs[ask.input_id].origin is Origin.INVENTORY for ask in system.asks()
        )
        return Kept(
            evaluation_id=evaluation_id,
            system_zone=publication.zone,
            evaluation=made,
            knowledge=Knowledge(
                time=moment.time,
                revision=moment.revision,
                registry_revision=found.registry_revision,
                method_version=self._method(system.method_id).version if takes_emissions else 0,
                members=found.members,
            ),
            digest=made.digest,
            creator=auth.caller().name,
        )


def _same(before: Kept, made: Kept) -> Kept:
    """Return what was kept where the same was asked.

    Raises:
        AlreadyExists: something else was.
    """
    is_same = (
        before.evaluation.question == made.evaluation.question
        and before.system_name == made.system_name
    )
    if not is_same:
        raise AlreadyExists(name=before.name)
    return before
