"""Questions and figures as they are written down: exact, as fractions in text."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from services.accounting.domain.comprehensive_energy import Declared, Feedstock, Recovery
from services.accounting.domain.indicator.expression import Ask
from services.accounting.domain.indicator.figure import Figure, Figures, Need, Share
from services.accounting.domain.indicator.question import Answer, Question
from services.accounting.domain.indicator.written import of_source, quantity, source
from services.accounting.domain.metering.coal_equivalent import Base, Coefficient
from services.kernel.errors import Words

Plain = Mapping[str, Any]


def plain_question(question: Question) -> dict[str, Any]:
    """Return what was asked as it is written down."""
    return {
        "zone": question.zone,
        "accounting_year": question.accounting_year,
        "answers": [
            {
                "indicator_id": each.indicator_id,
                "value": each.value and str(each.value),
                "evidence": each.evidence,
                "reason": each.reason,
            }
            for each in question.answers
        ],
        "chosen": list(question.chosen),
        "parameters": [[id_, str(each)] for id_, each in question.parameters],
        "energy": _plain_energy(question.energy) if question.energy else None,
    }


def question(data: Plain) -> Question:
    """Return the question that `data` writes."""
    return Question(
        zone=data["zone"],
        accounting_year=data["accounting_year"],
        answers=tuple(
            Answer(
                indicator_id=each["indicator_id"],
                value=quantity(each["value"]) if each["value"] else None,
                evidence=each["evidence"],
                reason=each["reason"],
            )
            for each in data["answers"]
        ),
        chosen=tuple(data["chosen"]),
        parameters=tuple((id_, quantity(text)) for id_, text in data["parameters"]),
        energy=_energy(data["energy"]) if data["energy"] else None,
    )


def plain_figures(figures: Figures) -> list[dict[str, Any]]:
    """Return figures as they are written down."""
    return [
        {
            "input_id": each.ask.input_id,
            "years_before": each.ask.years_before,
            "year": each.year,
            "unit": each.unit,
            "amount": None if each.amount is None else str(each.amount),
            "price_base_year": each.price_base_year,
            "shares": [
                [share.name, share.version, share.owner, str(share.amount)] for share in each.shares
            ],
            "needs": [
                [need.input_id, need.year, list(need.owners), need.text.en, need.text.zh]
                for need in each.needs
            ],
            "remarks": [[words.en, words.zh] for words in each.remarks],
        }
        for each in figures.values()
    ]


def figures(data: list[Plain]) -> Figures:
    """Return the figures that `data` writes."""
    found = [_figure(each) for each in data]
    return {each.ask: each for each in found}


def _plain_energy(declared: Declared) -> dict[str, Any]:
    return {
        "coefficients": {
            subject: {
                "quantity": str(each.quantity),
                "base": each.base.value,
                "year": each.year,
                "source": of_source(each.source),
            }
            for subject, each in declared.coefficients.items()
        },
        "feedstock": declared.feedstock and declared.feedstock.value,
        "recoveries": [
            [each.enterprise, each.subject, str(each.quantity)] for each in declared.recoveries
        ],
    }


def _energy(data: Plain) -> Declared:
    return Declared(
        coefficients={
            subject: Coefficient(
                quantity=quantity(each["quantity"]),
                base=Base(each["base"]),
                year=each["year"],
                source=source(each["source"]),
            )
            for subject, each in data["coefficients"].items()
        },
        feedstock=Feedstock(data["feedstock"]) if data["feedstock"] else None,
        recoveries=[
            Recovery(enterprise=enterprise, subject=subject, quantity=quantity(text))
            for enterprise, subject, text in data["recoveries"]
        ],
    )


def _figure(each: Plain) -> Figure:
    return Figure(
        ask=Ask(input_id=each["input_id"], years_before=each["years_before"]),
        year=each["year"],
        unit=each["unit"],
        amount=None if each["amount"] is None else Fraction(each["amount"]),
        price_base_year=each["price_base_year"],
        shares=tuple(
            Share(name=name, version=version, owner=owner, amount=Fraction(amount))
            for name, version, owner, amount in each["shares"]
        ),
        needs=tuple(
            Need(input_id=input_id, year=year, owners=tuple(owners), text=Words(en=en, zh=zh))
            for input_id, year, owners, en, zh in each["needs"]
        ),
        remarks=tuple(Words(en=en, zh=zh) for en, zh in each["remarks"]),
    )
