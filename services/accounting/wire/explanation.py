"""Explanation → its message, in the language that the caller reads."""

from __future__ import annotations

from services.accounting.domain.explanation.tree import SILENT, Explanation
from services.kernel.errors import Language
from services.runtime import wire
from zonecarbon.accounting.v1 import explanation_pb2
from zonecarbon.type.v1 import source_pb2


def from_explanation(explanation: Explanation, language: Language) -> explanation_pb2.Explanation:
    """Return the message of the tree."""
    message = explanation_pb2.Explanation()
    _fill(message, explanation, language, {})
    return message


def _fill(
    message: explanation_pb2.Explanation,
    explanation: Explanation,
    language: Language,
    cited: dict[int, source_pb2.Source],
) -> None:
    """Fill `message` in its place: one that is put into another is copied, with all below it.

    `cited` holds the sources that were met before: a few stand behind all lines.
    """
    message.title = explanation.title.said(language)
    if explanation.formula is not SILENT:
        message.formula = explanation.formula.said(language)
    if explanation.rounding is not SILENT:
        message.rounding = explanation.rounding.said(language)
    if explanation.resource:
        message.resource = explanation.resource
    if (source := explanation.source) is not None:
        if id(source) not in cited:
            cited[id(source)] = wire.from_source(source)
        message.source.CopyFrom(cited[id(source)])
    if explanation.value is not None:
        message.value.unit_code = explanation.unit
        message.value.value.value = explanation.written or f"{wire.shown(explanation.value):f}"
    for child in explanation.children:
        _fill(message.children.add(), child, language, cited)
