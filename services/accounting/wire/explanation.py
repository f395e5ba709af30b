"""Explanation → its message, in the language that the caller reads."""

from __future__ import annotations

from google.type import decimal_pb2

from services.accounting.domain.explanation.tree import Explanation
from services.kernel.errors import Language, Words
from services.runtime import wire
from zonecarbon.accounting.v1 import explanation_pb2
from zonecarbon.type.v1 import quantity_pb2


def from_explanation(explanation: Explanation, language: Language) -> explanation_pb2.Explanation:
    """Return the message of the tree."""
    return _from(explanation, language, {})


def _from(
    explanation: Explanation, language: Language, known: dict[int, explanation_pb2.Explanation]
) -> explanation_pb2.Explanation:
    """Return the message of a tree; `known` holds those of its parts, which may recur."""

    def said(words: Words) -> str:
        return words.zh if language == "zh" else words.en

    found = known.get(id(explanation))
    if found is None:
        found = known[id(explanation)] = explanation_pb2.Explanation(
            title=said(explanation.title),
            value=_value(explanation),
            formula=said(explanation.formula),
            rounding=said(explanation.rounding),
            source=wire.from_source(explanation.source) if explanation.source else None,
            resource=explanation.resource,
            children=[_from(child, language, known) for child in explanation.children],
        )
    return found


def _value(explanation: Explanation) -> quantity_pb2.Quantity | None:
    if explanation.value is None:
        return None
    if explanation.written:
        return quantity_pb2.Quantity(
            value=decimal_pb2.Decimal(value=explanation.written), unit_code=explanation.unit
        )
    return wire.from_exact(explanation.value, explanation.unit)
