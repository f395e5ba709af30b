from __future__ import annotations

from fractions import Fraction

import pytest

from services.kernel.unit_table import compile_table

SMALL = """
# A list as small as can be.
== dimensions
[mass] | mass | 质量
[time] | time | 时间
== units
g   | g = [mass]       | gram      | 克 | gramme
kg  | kg = 1000 * g    | kilogram  | 千克
s   | s = [time]       | second    | 秒
== ratios
kg/s
== ambiguous
lot | g | kg
== ways out
g | s | Weigh it. | 请称重。
"""


def test_a_list_is_compiled_into_exact_numbers() -> None:
    table = compile_table(SMALL)

    assert table.units["kg/s"].scale == Fraction(1000)
    assert table.units["kg/s"].dimension == "mass / time"
    assert table.units["kg/s"].dimension_zh == "质量 / 时间"
    assert table.units["kg/s"].name_zh == "千克每秒"
    assert table.spellings["gramme"] == "g"
    assert table.ambiguous == {"lot": ("g", "kg")}
    assert table.ways_out[("[mass]", 1), ("[time]", -1)].en == "Weigh it."
    assert table.bases == {"[mass]": "g", "[time]": "s"}


@pytest.mark.parametrize(
    ("line", "instead", "problem"),
    [
        ("lot | g | kg", "lot | g | stone", "not in the list"),
        ("lot | g | kg", "克 | g | kg", "another meaning"),
        ("g | s | Weigh", "g | min | Weigh", "not in the list"),
        ("kg/s", "kg/min", "not in the list"),
        ("kg/s", "kg/s | kg/s", "twice"),
        ("| 千克", "| 克", "another meaning"),
        ("| 千克", "", "columns"),
        ("== ways out", "== ways", "sections"),
        ("1000 * g", "0 * g", "not exact"),
        ("s = [time]", "s = [time] ** 0.5", "root"),
    ],
)
def test_a_list_that_contradicts_itself_is_refused(line: str, instead: str, problem: str) -> None:
    assert line in SMALL

    with pytest.raises(ValueError, match=problem):
        compile_table(SMALL.replace(line, instead, 1))
