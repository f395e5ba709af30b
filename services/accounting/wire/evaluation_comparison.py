"""What became of an evaluation, and rankings of several → their messages."""

from __future__ import annotations

from collections.abc import Sequence

from services.accounting.domain.indicator.difference import Change, Effect, ShareChange
from services.accounting.domain.indicator.kept import Kept
from services.accounting.domain.indicator.result import Result
from services.accounting.domain.ranking.ranking import Ranking, Table
from services.accounting.wire.evaluation import from_optional, from_score
from services.runtime import wire
from zonecarbon.accounting.v1 import evaluation_pb2 as pb
from zonecarbon.type.v1 import quantity_pb2


def from_changes(before: Kept, after: Kept, changes: Sequence[Change]) -> pb.EvaluationComparison:
    """Return the message of what became of an evaluation."""
    was, now = set(before.knowledge.members), set(after.knowledge.members)
    return pb.EvaluationComparison(
        from_evaluation=before.name,
        to_evaluation=after.name,
        from_state=pb.EvaluationState.Value(f"EVALUATION_STATE_{before.evaluation.conclusion}"),
        to_state=pb.EvaluationState.Value(f"EVALUATION_STATE_{after.evaluation.conclusion}"),
        from_score=from_score(before.evaluation.scores.total),
        to_score=from_score(after.evaluation.scores.total),
        joined_members=sorted(now - was),
        left_members=sorted(was - now),
        changes=[_from_change(each) for each in changes],
    )


def _from_change(change: Change) -> pb.IndicatorChange:
    either = change.after or change.before
    assert either is not None, "one side has it"
    unit = either.indicator.unit
    return pb.IndicatorChange(
        indicator_id=change.indicator_id,
        display_name=either.indicator.name.en,
        display_name_zh=either.indicator.name.zh,
        from_value=_value(change.before),
        to_value=_value(change.after),
        difference=from_optional(change.difference, unit),
        from_verdict=_verdict(change.before),
        to_verdict=_verdict(change.after),
        effects=[_from_effect(each, unit) for each in change.effects],
    )


def _value(result: Result | None) -> quantity_pb2.Quantity | None:
    return None if result is None else from_optional(result.value, result.indicator.unit)


def _verdict(result: Result | None) -> pb.IndicatorVerdict.ValueType:
    if result is None:
        return pb.INDICATOR_VERDICT_UNSPECIFIED
    return pb.IndicatorVerdict.Value(f"INDICATOR_VERDICT_{result.verdict}")


def _from_effect(effect: Effect, unit: str) -> pb.IndicatorEffect:
    return pb.IndicatorEffect(
        input_id=effect.input_id,
        before_year_count=effect.years_before,
        cause=pb.EvaluationCause.Value(f"EVALUATION_CAUSE_{effect.cause}"),
        from_quantity=from_optional(effect.before, effect.unit),
        to_quantity=from_optional(effect.after, effect.unit),
        effect=from_optional(effect.effect, unit),
        shares=[_from_share(each, effect.unit) for each in effect.shares],
    )


def _from_share(share: ShareChange, unit: str) -> pb.IndicatorShareChange:
    before, after = share.before, share.after
    return pb.IndicatorShareChange(
        owner=share.owner,
        from_name=before.name if before else "",
        from_version=before.version if before else 0,
        to_name=after.name if after else "",
        to_version=after.version if after else 0,
        difference=wire.from_exact(share.difference, unit),
    )


def from_ranking(
    ranking: Ranking, table: Table, units: Sequence[str], left_out: Sequence[str]
) -> pb.EvaluationRanking:
    """Return the message of a ranking; the zones of the table are evaluations."""
    ahp = ranking.ahp
    return pb.EvaluationRanking(
        indicators=[
            pb.RankedIndicator(
                indicator_id=indicator_id,
                weight_ratio=weight,
                unit_code=unit,
                zone_count=spread.zone_count if spread else 0,
                lower_quartile_number=spread.lower_quartile if spread else 0,
                median_number=spread.median if spread else 0,
                upper_quartile_number=spread.upper_quartile if spread else 0,
            )
            for indicator_id, weight, unit, spread in zip(
                table.indicators, ranking.weights, units, ranking.spreads, strict=True
            )
        ],
        evaluations=[
            pb.RankedEvaluation(
                evaluation=place.zone,
                rank_number=place.rank,
                score_ratio=place.score,
                percentile_ratio=[each for each in place.percentiles if each is not None],
            )
            for place in ranking.places
        ],
        lambda_max_number=ahp.lambda_max if ahp else 0,
        consistency_ratio=(ahp.consistency_ratio or 0) if ahp else 0,
        left_out_indicator_ids=left_out,
    )
