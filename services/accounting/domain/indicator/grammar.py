"""How a formula is written: arithmetic over named inputs, read by a grammar and by nothing else.

    energy_equivalent_value / industrial_value_added
    growth(energy_equivalent_value, 3) / growth(industrial_value_added, 3)
    reused_water / (fresh_water + reused_water)
    energy_equal_value < 200000 "tce"

`×`, `÷`, `−`, `≤`, `≥` stand for `*`, `/`, `-`, `<=`, `>=`. A number has no unit, or one of the
list in quotes behind it. A share is no number times 100: the unit of the indicator, %, says so.
There is no name that is not an input or one of the functions `root`, `growth`, `min` and `max`, no
loop, no assignment and no attribute: nothing of the program can be reached from it.
"""

from __future__ import annotations

from typing import Final

from lark import Lark, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken
from lark.lexer import Token

from services.kernel.errors import FieldInvalid, Words

LONGEST: Final = 500
"""Characters of a formula."""

DEEPEST: Final = 30
"""Parentheses and calls inside each other."""

_GRAMMAR: Final = r"""
?start: comparison | sum
comparison: sum COMPARED sum
?sum: product | sum ADD product -> plus | sum SUBTRACT product -> minus
?product: sign | product MULTIPLY sign -> times | product DIVIDE sign -> over
?sign: atom | SUBTRACT sign -> negative
?atom: number | call | input | "(" sum ")"
number: NUMBER UNIT?
call: NAME "(" sum ("," sum)* ")"
input: NAME ("[" "year" SUBTRACT WHOLE "]")?
COMPARED: "<=" | ">=" | "≤" | "≥" | "<" | ">"
ADD: "+"
SUBTRACT: "-" | "−"
MULTIPLY: "*" | "×"
DIVIDE: "/" | "÷"
WHOLE.2: /[0-9]+(?![0-9.])/
NUMBER: /[0-9]+(\.[0-9]+)?/
UNIT: /"[^"]{1,40}"/
NAME: /[a-z][a-z0-9_]*/
%ignore /[ \t\n]+/
"""

_PARSER: Final = Lark(_GRAMMAR, parser="lalr", lexer="contextual")

_PLAIN: Final = {"≤": "<=", "≥": ">=", "−": "-", "×": "*", "÷": "/"}


def read(text: str, field: str = "formula") -> Tree[Token]:
    """Return the tree of a formula.

    Raises:
        FieldInvalid: it is none, too long or too deep; says at which character.
    """
    if len(text) > LONGEST:
        raise _refused(field, text, f"at most {LONGEST} characters", f"不超过 {LONGEST} 个字符")
    if text.count("(") > DEEPEST:
        raise _refused(
            field, text, f"at most {DEEPEST} pairs of parentheses", f"括号不超过 {DEEPEST} 对"
        )
    try:
        return _PARSER.parse(text)
    except UnexpectedInput as error:
        at = _place(error, text)
        raise _refused(
            field,
            text,
            "arithmetic (+ − × ÷, parentheses, root, growth, min, max) over named inputs; it "
            f"cannot be read at character {at}",
            "由具名数据项组成的四则运算式（可用括号及 root、growth、min、max）；"
            f"第 {at} 个字符处无法识别",
        ) from None


def plain(token: Token) -> str:
    """Return an operator in its plain spelling."""
    return _PLAIN.get(str(token), str(token))


def _place(error: UnexpectedInput, text: str) -> int:
    """Return the number of the character, from 1, at which reading stopped."""
    ended = isinstance(error, UnexpectedEOF) or (
        isinstance(error, UnexpectedToken) and error.token.type == "$END"
    )
    if ended or not isinstance(error, (UnexpectedCharacters, UnexpectedToken)):
        return len(text) + 1
    return (error.pos_in_stream or 0) + 1


def _refused(field: str, given: str, en: str, zh: str) -> FieldInvalid:
    return FieldInvalid(field=field, given=given, allowed=Words(en=en, zh=zh))
