"""Explanation → its message, in the language that the caller reads."""

from __future__ import annotations

from services.accounting.domain.explanation.tree import Explanation
from services.kernel.errors import Language
from services.runtime import wire
from zonecarbon.accounting.v1 import explanation_pb2


def from_explanation(explanation: Explanation, language: Language) -> explanation_pb2.Explanation:
    """Return the message of the tree."""
    message = explanation_pb2.Explanation()
    _fill(message, explanation, language)
    return message


def _fill(
    message: explanation_pb2.Explanation, explanation: Explanation, language: Language
) -> None:
    # Filled in its place: a message that is put into another is copied, with all below it.
    message.title = explanation.title.said(language)
    message.formula = explanation.formula.said(language)
    message.rounding = explanation.rounding.said(language)
    message.resource = explanation.resource
    if explanation.source:
        message.source.CopyFrom(wire.from_source(explanation.source))
    if explanation.value is not None:
        message.value.unit_code = explanation.unit
        message.value.value.value = explanation.written or f"{wire.shown(explanation.value):f}"
    for child in explanation.children:
        _fill(message.children.add(), child, language)
