"""What if: a zone with other factors, another mix of fuels or without some of its members.

The lines of the members are copied, changed and booked by the same rates and rounding as the books,
and the same zone is made of them. Nothing of it is a fact, and nothing is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from services.accounting.domain import inventory
from services.accounting.domain.activity import Kind
from services.accounting.domain.binding import Binding, Origin
from services.accounting.domain.flow import energy_gj
from services.accounting.domain.line import Amount, Line, Rate
from services.accounting.domain.method import Method
from services.accounting.domain.role import MANNERS, Role
from services.accounting.domain.transfer import Member
from services.kernel import trust, units
from services.kernel.errors import FieldInvalid, Words
from services.kernel.quantity import Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherFactor:
    """A factor that takes another figure, for all members or for one."""

    role: Role
    subject: str
    """Whose figure; empty: of whatever has one."""
    quantity: Quantity
    enterprise: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A share of what is burnt of one fuel that is burnt of another, with the same heat."""

    from_subject: str
    to_subject: str
    share: Fraction
    """From 0 to 1."""
    enterprise: str = ""
    """Whose; empty: of all members that burn it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What is other than it is."""

    exits: Collection[str] = ()
    """Names of members that are gone the whole year."""
    factors: Sequence[OtherFactor] = ()
    shifts: Sequence[Shift] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The members after one more of a scenario's changes."""

    title: Words
    members: Sequence[Member]


def steps(members: Sequence[Member], scenario: Scenario, method: Method) -> list[Step]:
    """Return copies of the members after each change: who exits first, then shifts, then factors.

    The last step is the scenario; there is none where nothing is other than it is.

    Raises:
        FieldInvalid: who exits is no member, a factor is of no line, or a fuel that a share is
            shifted to is burnt by nobody, so that no factors of it are known.
    """
    known = {member.name for member in members}
    for index, name in enumerate(scenario.exits):
        if name not in known:
            allowed = Words(
                en=f"a member of the zone: {', '.join(sorted(known))}",
                zh=f"园区成员：{'、'.join(sorted(known))}",
            )
            raise FieldInvalid(field=f"exits[{index}]", given=name, allowed=allowed)
    stay, found = list(members), []
    for name in dict.fromkeys(scenario.exits):
        stay = [member for member in stay if member.name != name]
        found.append(Step(title=Words(en=f"without {name}", zh=f"{name} 退出"), members=stay))
    for index, shift in enumerate(scenario.shifts):
        stay = _shifted(stay, shift, f"shifts[{index}]", method)
        found.append(Step(title=_of_shift(shift), members=stay))
    for index, factor in enumerate(scenario.factors):
        stay = _with_factor(stay, factor, f"factors[{index}]", method)
        found.append(Step(title=_of_factor(factor), members=stay))
    return found


def _of_shift(shift: Shift) -> Words:
    owner = f"{shift.enterprise} " if shift.enterprise else ""
    what = f"{owner}{shift.from_subject} → {shift.to_subject}: {float(shift.share):.4g}"
    return Words(en=f"{what} of the heat", zh=f"{what}（热值份额）")


def _of_factor(other: OtherFactor) -> Words:
    name = MANNERS[other.role].name
    return Words(
        en=" ".join(filter(None, (other.enterprise, name.en, other.subject, f"{other.quantity}"))),
        zh=" ".join(filter(None, (other.enterprise, name.zh, other.subject, f"{other.quantity}"))),
    )


def _with_factor(
    members: Sequence[Member], other: OtherFactor, field: str, method: Method
) -> list[Member]:
    is_used = False

    def changed(line: Line) -> Iterator[Line]:
        nonlocal is_used
        factors = tuple(
            replace(
                each,
                quantity=other.quantity,
                origin=Origin.GIVEN,
                status=trust.Status.UNVERIFIED,
                name="",
                version=0,
            )
            if each.role is other.role and other.subject in {"", each.subject}
            else each
            for each in line.binding.factors
        )
        if factors == line.binding.factors:
            yield line
        else:
            is_used = True
            yield booked(line, line.activity, replace(line.binding, factors=factors), method)

    done = _changed(members, other.enterprise, changed)
    if not is_used:
        name = MANNERS[other.role].name
        raise FieldInvalid(
            field=field,
            given=f"{name.en} {other.subject}".strip(),
            allowed=Words(
                en="a factor that a line of the zone was booked with",
                zh="园区账目中实际采用的因子",
            ),
        )
    return done


def _shifted(members: Sequence[Member], shift: Shift, field: str, method: Method) -> list[Member]:
    of_subject = [
        line
        for member in members
        for line in member.lines
        if line.source.subject == shift.to_subject and line.source.kind is Kind.FUEL_COMBUSTION
    ]
    if not of_subject:
        raise FieldInvalid(
            field=f"{field}.to_subject",
            given=shift.to_subject,
            allowed=Words(
                en="a fuel that a member of the zone burns, so that its factors are known: "
                + ", ".join(sorted(_burnt(members))),
                zh="园区成员已使用的燃料，以便取得其因子：" + "、".join(sorted(_burnt(members))),
            ),
        )

    def changed(line: Line) -> Iterator[Line]:
        is_of = line.source.subject == shift.from_subject
        if not is_of or line.source.kind is not Kind.FUEL_COMBUSTION:
            yield line
            return
        yield booked(line, line.activity * (1 - shift.share), line.binding, method)
        yield from _instead(line, shift, of_subject, method)

    return _changed(members, shift.enterprise, changed)


def _instead(line: Line, shift: Shift, examples: Sequence[Line], method: Method) -> Iterator[Line]:
    """Yield the line of the fuel that is burnt instead, with the heat of the share."""
    heat = energy_gj(line)
    like = next(
        (each for each in examples if each.month == line.month and energy_gj(each)), None
    ) or next((each for each in examples if energy_gj(each)), None)
    if heat is None or like is None:
        raise FieldInvalid(
            field="shifts",
            given=f"{shift.from_subject} → {shift.to_subject}",
            allowed=Words(en="fuels with a known net calorific value", zh="低位发热量已知的燃料"),
        )
    per_unit = (energy_gj(like) or Fraction(0)) / like.activity
    source = replace(
        line.source,
        source_id=f"{line.source.source_id}-as-{shift.to_subject}",
        subject=shift.to_subject,
    )
    moved = replace(line, source=source, activity_unit=like.activity_unit)
    yield booked(moved, heat * shift.share / per_unit, like.binding, method)


def booked(line: Line, activity: Fraction, binding: Binding, method: Method) -> Line:
    """Return a line with another activity or binding, booked by its rate as the books are."""
    rate = Rate.of(method, line.source, binding)
    amount = activity * units.conversion(line.activity_unit, rate.unit)
    return replace(
        line,
        activity=amount,
        activity_unit=rate.unit,
        activities=(Amount(value=amount, unit=rate.unit),),
        binding=binding,
        booked=rate.booked(amount),
    )


def _changed(
    members: Iterable[Member], enterprise: str, changed: Callable[[Line], Iterable[Line]]
) -> list[Member]:
    """Return the members with what becomes of the lines of one of them, or of all."""
    done = []
    for member in members:
        if member.inventory is None or enterprise not in {"", member.name}:
            done.append(member)
            continue
        lines = tuple(each for line in member.lines for each in changed(line))
        made = inventory.restricted(member.inventory, lines)
        done.append(replace(member, lines=lines, inventory=made))
    return done


def _burnt(members: Iterable[Member]) -> set[str]:
    return {
        line.source.subject
        for member in members
        for line in member.lines
        if line.source.kind is Kind.FUEL_COMBUSTION
    }
