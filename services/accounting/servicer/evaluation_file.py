"""An evaluation as the file that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from services.accounting.domain.indicator.kept import Kept
from services.accounting.files import evaluation as files
from services.accounting.files.evaluation import Content
from services.accounting.wire.evaluation import to_json
from services.kernel import names
from services.kernel.errors import Language
from zonecarbon.accounting.v1 import evaluation_service_pb2 as pb

_WRITERS: Final[Mapping[pb.EvaluationFormat.ValueType, Callable[[Content], bytes]]] = {
    pb.EVALUATION_FORMAT_CSV: files.csv,
    pb.EVALUATION_FORMAT_XLSX: files.xlsx,
    pb.EVALUATION_FORMAT_PDF: files.pdf,
}

_MEDIA_TYPES: Final[Mapping[pb.EvaluationFormat.ValueType, str]] = {
    pb.EVALUATION_FORMAT_JSON: "application/json",
    pb.EVALUATION_FORMAT_CSV: "text/csv; charset=utf-8",
    pb.EVALUATION_FORMAT_XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    pb.EVALUATION_FORMAT_PDF: "application/pdf",
}


def exported(
    kept: Kept, form: pb.EvaluationFormat.ValueType, language: Language
) -> pb.ExportEvaluationResponse:
    """Return an evaluation as a file; JSON holds both languages, the others the caller's."""
    if form == pb.EVALUATION_FORMAT_JSON:
        made, tail = to_json(kept), ""
    else:
        made, tail = _WRITERS[form](files.content(kept, language)), f"-{language}"
    zone = names.ZONE.parse(kept.evaluation.question.zone)["zone"]
    ending = pb.EvaluationFormat.Name(form).removeprefix("EVALUATION_FORMAT_").lower()
    return pb.ExportEvaluationResponse(
        file_name=f"evaluation-{zone}-{kept.evaluation_id}{tail}.{ending}",
        media_type=_MEDIA_TYPES[form],
        content=made,
    )
