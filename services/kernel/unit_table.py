"""The list of units, read from `units.txt` and compiled once into exact fractions.

pint reads the definitions and works out dimensions; after that no conversion needs it. The same
work for every row would cost hundreds of microseconds, a look-up costs a tenth of one.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib import resources
from typing import Final

import pint

from services.kernel.errors import Words
from services.kernel.mass import Gas

Vector = tuple[tuple[str, int], ...]
"""A dimension: base dimensions with their exponents, sorted; empty for a pure number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit of the list.

    Its algebra is `scale` and `vector`: a product of units multiplies the scales and adds the
    vectors, and two units of equal vectors convert by the ratio of their scales. The basis (CO2 or
    CO2e, net or gross) is part of the vector, so no product can mix two of them by accident.
    """

    code: str
    name_en: str
    name_zh: str
    dimension: str
    dimension_zh: str
    scale: Fraction
    """How many base units of its dimension it is, exactly; greater than 0."""
    vector: Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The compiled list."""

    units: Mapping[str, Unit]
    """By code, in the order of the file."""
    spellings: Mapping[str, str]
    """What people write besides the code: spelling to code."""
    ambiguous: Mapping[str, tuple[str, ...]]
    """What people write and what it can mean: spelling to codes."""
    ways_out: Mapping[Vector, Words]
    """What to do where two dimensions differ by the key."""
    dimensions: Mapping[str, Words]
    """The names of the base dimensions."""
    bases: Mapping[str, str]
    """The code of the unit that each base dimension is counted in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A unit as the file has it."""

    code: str
    definition: str
    name_en: str
    name_zh: str
    spellings: tuple[str, ...] = ()

    @property
    def identifier(self) -> str:
        """What pint calls the unit."""
        return self.definition.partition("=")[0].strip()


_Sheet = Mapping[str, Sequence[Sequence[str]]]
"""The file's sections, as rows of cells."""

_SECTIONS: Final = ("dimensions", "units", "ratios", "ambiguous", "ways out")


def shipped() -> Table:
    """Return the product's own list, compiled."""
    return compile_table(text())


def text() -> str:
    """Return the product's own list as it is shipped."""
    return resources.files("services.kernel").joinpath("units.txt").read_text(encoding="utf-8")


def compile_table(text: str) -> Table:
    """Return the table that `text`, in the form of `units.txt`, describes.

    Raises:
        ValueError: the text contradicts itself; a mistake of ours, not of a caller.
    """
    sheet = _cut(text)
    dimensions = {row[0]: Words(en=row[1], zh=row[2]) for row in _rows(sheet, "dimensions", 3)}
    lines = _lines(sheet)
    units = _measured(lines, dimensions)
    ambiguous = {row[0]: tuple(row[1:]) for row in _rows(sheet, "ambiguous")}
    _refuse_unknown(units, itertools.chain.from_iterable(ambiguous.values()))
    return Table(
        units=units,
        spellings=_spellings(lines, ambiguous),
        ambiguous=ambiguous,
        ways_out=_ways_out(sheet, units),
        dimensions=dimensions,
        bases={u.vector[0][0]: u.code for u in units.values() if _is_base(u)},
    )


def definitions(text: str) -> dict[str, str]:
    """Return how each unit of a list is defined, by its code; a ratio by its code alone.

    >>> definitions(text())["MWh"]
    'MWh = 1000 * kWh'

    Raises:
        ValueError: the text is not in the form of `units.txt`.
    """
    sheet = _cut(text)
    found = {row[0]: row[1] for row in _rows(sheet, "units", 4, 5)}
    return found | {code: "" for row in _rows(sheet, "ratios") for code in row}


def product_vector(*powers: tuple[Vector, int]) -> Vector:
    """Return the dimension of a product of powers.

    >>> product_vector(((("[energy]", 1),), 1), ((("[time]", 1),), -1))
    (('[energy]', 1), ('[time]', -1))
    """
    total: dict[str, int] = {}
    for vector, power in powers:
        for base, exponent in vector:
            total[base] = total.get(base, 0) + exponent * power
    return tuple(sorted((base, exponent) for base, exponent in total.items() if exponent))


def describe(vector: Vector, dimensions: Mapping[str, Words]) -> Words:
    """Return what is measured, in words: "mass of CO2 / energy"."""
    if not vector:
        return Words(en="a pure number", zh="无量纲的数")
    above = [(dimensions[base], power) for base, power in vector if power > 0]
    below = [(dimensions[base], -power) for base, power in vector if power < 0]
    return Words(
        en=_quotient([_raised(w.en, p) for w, p in above], [_raised(w.en, p) for w, p in below]),
        zh=_quotient([_raised(w.zh, p) for w, p in above], [_raised(w.zh, p) for w, p in below]),
    )


def _quotient(above: Sequence[str], below: Sequence[str]) -> str:
    return " / ".join([" × ".join(above) or "1", *below])


def _raised(words: str, power: int) -> str:
    return words if power == 1 else f"({words})^{power}"


def _is_base(unit: Unit) -> bool:
    return unit.scale == 1 and len(unit.vector) == 1 and unit.vector[0][1] == 1


def _cut(text: str) -> _Sheet:
    sheet: dict[str, list[list[str]]] = {}
    for raw in text.splitlines():
        line = raw.strip()
        if line.startswith("== "):
            rows = sheet.setdefault(line.removeprefix("== "), [])
        elif line and not line.startswith("#"):
            rows.append([cell.strip() for cell in line.split("|")])
    if tuple(sheet) != _SECTIONS:
        raise ValueError(f"the sections must be {_SECTIONS}, not {tuple(sheet)}")
    return sheet


def _rows(sheet: _Sheet, section: str, *widths: int) -> Iterator[Sequence[str]]:
    """Yield the rows of a section; where widths are given, each row must have one of them."""
    for row in sheet[section]:
        if widths and len(row) not in widths:
            raise ValueError(f"{section}: {row} has {len(row)} columns, not {widths}")
        yield row


def _lines(sheet: _Sheet) -> dict[str, _Line]:
    lines: dict[str, _Line] = {}
    for code, definition, name_en, name_zh, *more in _rows(sheet, "units", 4, 5):
        _add(
            lines,
            _Line(
                code=code,
                definition=definition,
                name_en=name_en,
                name_zh=name_zh,
                spellings=(name_zh, *" ".join(more).split()),
            ),
        )
    for code in itertools.chain.from_iterable(_rows(sheet, "ratios")):
        above, _, below = code.partition("/")
        _refuse_unknown(lines, (above, below))
        a, b = lines[above], lines[below]
        name_zh = f"{a.name_zh}每{b.name_zh}"
        _add(
            lines,
            _Line(
                code=code,
                definition=f"ratio_{len(lines)} = {a.identifier} / {b.identifier}",
                name_en=f"{a.name_en} per {b.name_en}",
                name_zh=name_zh,
                spellings=(name_zh, f"{a.name_zh}/{b.name_zh}"),
            ),
        )
    return lines


def _add(lines: dict[str, _Line], line: _Line) -> None:
    if line.code in lines:
        raise ValueError(f"{line.code} stands in the list twice")
    lines[line.code] = line


def _refuse_unknown(known: Mapping[str, object], codes: Iterator[str] | Sequence[str]) -> None:
    unknown = [code for code in codes if code not in known]
    if unknown:
        raise ValueError(f"not in the list: {unknown}")


def _measured(lines: Mapping[str, _Line], dimensions: Mapping[str, Words]) -> dict[str, Unit]:
    """Return the units with the scale and the dimension that pint finds for them."""
    registry: pint.UnitRegistry[Fraction] = pint.UnitRegistry(None, non_int_type=Fraction)
    registry.load_definitions([line.definition for line in lines.values()])
    units = {}
    for line in lines.values():
        scale = _exact(line.code, registry.get_base_units(line.identifier)[0])
        vector = _vector(line.code, registry.get_dimensionality(line.identifier))
        words = describe(vector, dimensions)
        units[line.code] = Unit(
            code=line.code,
            name_en=line.name_en,
            name_zh=line.name_zh,
            dimension=words.en,
            dimension_zh=words.zh,
            scale=scale,
            vector=vector,
        )
    return units


def _vector(code: str, measured: Mapping[str, object]) -> Vector:
    powers = {base: _exact(code, power) for base, power in measured.items()}
    if any(power.denominator != 1 for power in powers.values()):
        raise ValueError(f"{code} has a dimension that is a root: {powers}")
    return tuple(sorted((base, power.numerator) for base, power in powers.items()))


def _ways_out(sheet: _Sheet, units: Mapping[str, Unit]) -> dict[Vector, Words]:
    """Return the texts by the difference of dimensions that they explain, in both directions."""
    ways_out = {}
    for taken, wanted, en, zh in _rows(sheet, "ways out", 4):
        for pair in itertools.product(taken.split(", "), wanted.split(", ")):
            _refuse_unknown(units, pair)
            one, other = (units[code].vector for code in pair)
            ways_out[product_vector((one, 1), (other, -1))] = Words(en=en, zh=zh)
            ways_out[product_vector((other, 1), (one, -1))] = Words(en=en, zh=zh)
    return ways_out


def _exact(code: str, value: object) -> Fraction:
    if not isinstance(value, (int, Fraction)) or value == 0:
        raise ValueError(f"{code} is not exact: {value}")
    return Fraction(value)


_SUBSCRIPTS: Final = str.maketrans("2346", "₂₃₄₆")
_TYPOGRAPHY: Final[tuple[Mapping[str, Sequence[str]], ...]] = (
    {str(gas): (gas.translate(_SUBSCRIPTS),) for gas in Gas},
    {"m3": ("m³",), "m2": ("m²",)},
    {"Wh": ("W·h",)},
    {"10^4 ": ("10^4", "10⁴ ", "10⁴", "万")},
    {"10^8 ": ("10^8", "10⁸ ", "10⁸", "亿")},
    {"NCV)": ("LHV)",), "GCV)": ("HHV)",)},
    {"°C": ("℃",)},
)


def _spellings(
    lines: Mapping[str, _Line], ambiguous: Mapping[str, tuple[str, ...]]
) -> dict[str, str]:
    spellings: dict[str, str] = {}
    for line in lines.values():
        for spelling in itertools.chain(_typeset(line.code), line.spellings):
            taken = spelling in lines or spellings.get(spelling, line.code) != line.code
            if taken or spelling in ambiguous:
                raise ValueError(f"{spelling}, for {line.code}, has another meaning")
            spellings[spelling] = line.code
    return spellings


def _typeset(code: str) -> Iterator[str]:
    """Yield the typographic forms of a code, without the code itself."""
    forms = {code}
    for rule in _TYPOGRAPHY:
        for plain, others in rule.items():
            forms |= {form.replace(plain, other) for form in forms for other in others}
    forms |= {form.replace("(", "（").replace(")", "）") for form in forms}
    above, slash, below = code.partition("/")
    if slash and " " in below:
        forms |= {f"{above}/({below})", f"{above}/({below.replace(' ', '')})"}
    yield from sorted(forms - {code})
