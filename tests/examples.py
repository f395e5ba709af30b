"""Worked examples: what a block gives is booked again, and the product's answer is the block."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from services.accounting import files
from services.accounting.domain.activity import Kind
from services.accounting.domain.binding import BoundFactor, Origin, formula_of
from services.accounting.domain.claim import BEYOND
from services.accounting.domain.emission import Booked, compute
from services.accounting.domain.line import Line
from services.accounting.domain.method import Basis, Method
from services.accounting.domain.reconciliation import Side, rows
from services.accounting.domain.role import Role
from services.kernel import units
from services.kernel.quantity import Quantity
from tests.offline import Books, Deed, Place, books


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A worked example, as far as it is not the product's answer."""

    method: Method
    place: Place
    deeds: tuple[Deed, ...]
    against: Method | None = None
    """The second method, of an example that reconciles two."""
    basis: str = ""
    """Of the second method's total."""


_HEAD = re.compile(r"([a-z0-9-]+)(?: → ([a-z0-9-]+) (\S+))? (\d{4}) (CN-[A-Z]{2})")
_DEED = re.compile(r"([A-Z_]+) (\S+) (\S+) ([^,]+?)(?:, steam of (.+))?")
_OWN = re.compile(r"  ([a-z_0-9]+) (\S+)(?: (.+))? \(own\)")


def example(block: str) -> Example:
    """Return what the lines of a block give; the others are what the product says to it."""
    first, *others = block.splitlines()
    head = _HEAD.fullmatch(first)
    assert head is not None, f"{first}: write method, accounting year and province"
    deeds: list[Deed] = []
    for each in others:
        if found := _DEED.fullmatch(each):
            deeds.append(
                Deed(
                    kind=Kind(found[1]),
                    subject=found[2],
                    quantity=Quantity.parse(found[3], found[4]),
                    steam=found[5] or "",
                )
            )
        elif found := _OWN.fullmatch(each):
            figure = {Role(found[1].upper()): Quantity.parse(found[2], found[3] or "1")}
            deeds[-1] = replace(deeds[-1], own={**deeds[-1].own, **figure})
    methods = files.methods()
    return Example(
        method=methods[head[1]],
        place=Place(year=int(head[4]), region=head[5]),
        deeds=tuple(deeds),
        against=methods[head[2]] if head[2] else None,
        basis=head[3] or "",
    )


def answered(given: Example) -> str:
    """Return the block of an example, with the product's answer."""
    lines = _reconciled(given) if given.against else _booked(given)
    return "".join(f"{line}\n" for line in lines)


def _booked(given: Example) -> Iterator[str]:
    yield f"{given.method.method_id} {given.place.year} {given.place.region}"
    made = books(given.method, given.place, given.deeds)
    for deed, of_deed in zip(given.deeds, made.lines, strict=True):
        yield _deed(deed)
        for line in of_deed:
            yield from dict.fromkeys(_line(given.method, line))
    yield from _totals(given.method, made)


def _deed(deed: Deed) -> str:
    steam = f", steam of {deed.steam}" if deed.steam else ""
    return f"{deed.kind} {deed.subject} {deed.quantity}{steam}"


def _line(method: Method, line: Line) -> Iterator[str]:
    for factor in line.binding.factors:
        yield f"  {_factor(factor, line.source.subject)}"
    term = method.term_of(line.source, line.binding.item_id)
    formula = formula_of(method, line.binding, term)
    for gas in compute(formula, line.activity, line.binding, method.rounding).gases:
        for chain in gas.chains:
            for step in chain:
                yield f"  {step.formula.en} = {_exact(step.value)} {step.unit}"
    item = method.items[line.binding.item_id]
    yield f"  → {item.item_id} {'−' if item.sign < 0 else '+'} {_masses(line.booked)}"


def _factor(factor: BoundFactor, subject: str) -> str:
    of = f"[{factor.subject}]" if factor.subject != subject else ""
    origin = "own" if factor.origin is Origin.CUSTOM else factor.name.split("/")[1:2]
    told = origin if isinstance(origin, str) else "".join(origin) or "tables of steam"
    return f"{factor.role.lower()}{of} {_figure(factor.quantity)} ({told})"


def _exact(value: Fraction) -> str:
    written = units.written(value)
    return written if "/" not in written else f"{written} ≈ {float(value):.6f}"


def _masses(booked: Booked) -> str:
    masses = [f"{_grouped(booked.co2_g)} gCO2"] if booked.co2_g or not booked.other_mg else []
    masses += [f"{_grouped(mg)} mg{gas}" for gas, mg in booked.other_mg]
    if booked.other_mg:
        masses += [f"{_grouped(grams)} gCO2e ({name})" for name, grams in booked.co2e_g]
    return ", ".join(masses)


def _totals(method: Method, made: Books) -> Iterator[str]:
    for item in made.inventory.items:
        if item.item_id == BEYOND:
            yield f"{BEYOND} + {_masses(item.booked)}"
    for basis in method.bases:
        total = made.inventory.total_by(basis).under(method.gwp_set)
        yield f"total, {_basis(basis)}: {_grouped(total)} gCO2e"
    reported = made.inventory.reported
    if reported is None:
        return
    for row in reported.rows:
        figures = ", ".join(_figure(each.quantity) for each in row.factors)
        yield f"reported {row.item_id}: {row.activity}, {figures} → {row.emissions}"
    yield f"reported total: {reported.total} tCO2e"
    yield f"reported less booked: {_signed(reported.difference_g)} g"


def _reconciled(given: Example) -> Iterator[str]:
    assert given.against is not None, "two methods are reconciled"
    first, second = (
        _side(method, given, basis)
        for method, basis in (
            (given.method, given.method.basis),
            (given.against, Basis(given.basis)),
        )
    )
    names = f"{given.method.method_id} → {given.against.method_id} {given.basis}"
    yield f"{names} {given.place.year} {given.place.region}"
    for deed in given.deeds:
        yield _deed(deed)
        for role, quantity in deed.own.items():
            yield f"  {role.lower()} {_figure(quantity)} (own)"
    yield f"{_grouped(first.total_g)} g by {given.method.method_id}, {_basis(first.basis)}"
    for row in rows(first, second):
        yield f"  {_signed(row.difference_g)} g {row.cause} {row.subject}: {row.text.en}"
    yield f"{_grouped(second.total_g)} g by {given.against.method_id}, {_basis(second.basis)}"


def _side(method: Method, given: Example, basis: Basis) -> Side:
    made = books(method, given.place, given.deeds)
    return Side(
        inventory=made.inventory, lines=made.every_line, gwp_set=method.gwp_set, basis=basis
    )


def _basis(basis: Basis) -> str:
    return "direct alone" if basis is Basis.NONE else basis.value


def _figure(quantity: Quantity) -> str:
    return str(quantity).removesuffix(" 1")


def _signed(number: int) -> str:
    return f"{'−' if number < 0 else '+'} {_grouped(abs(number))}"


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", " ")
