"""What all errors share: a reason, a text in two languages, metadata; and the families."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import FrozenInstanceError, dataclass, fields
from enum import Enum
from types import TracebackType
from typing import Any, ClassVar, Literal, Self, cast, dataclass_transform

Language = Literal["en", "zh"]

LONGEST_VALUE = 256
"""Characters of a value that are shown whole; a longer one is cut."""

KEPT = 32
"""Characters that are left of a value that was cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The same phrase in English and Chinese, to be put into an error's text."""

    en: str
    zh: str

    def __str__(self) -> str:
        return self.en

    def said(self, language: Language) -> str:
        """Return the phrase in a language."""
        return self.zh if language == "zh" else self.en


@dataclass_transform(eq_default=True, kw_only_default=True, frozen_default=True)
class DomainError(Exception):
    """Base of every expected failure: a frozen dataclass with keyword fields that can be raised.

    A concrete class names its `reason` (the tail of the contract's `ErrorReason`) and its texts
    `en` and `zh`, templates over its own fields. Its family names the `code`, the canonical status.
    """

    code: ClassVar[str]
    reason: ClassVar[str]
    en: ClassVar[str]
    zh: ClassVar[str]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        dataclass(frozen=True, kw_only=True)(cls)
        # The dataclass's own guard also refuses `__traceback__`, which contextlib has to set.
        type.__delattr__(cls, "__setattr__")
        type.__delattr__(cls, "__delattr__")

    def __setattr__(self, name: str, value: object) -> None:
        if not name.startswith("__"):
            raise FrozenInstanceError(f"cannot assign to field {name!r}")
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __str__(self) -> str:
        return self.text("en")

    def metadata(self) -> dict[str, str]:
        """Return the fields as strings, for a program that reads the error; long values cut."""
        return {name: _plain(value) for name, value in self._values().items()}

    def text(self, language: Language) -> str:
        """Return the message in `language`: what was given, what is allowed, the way out."""
        template = self.zh if language == "zh" else self.en
        told = {name: _told(value, language) for name, value in self._values().items()}
        return template.format_map(told)

    def _values(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in fields(cast("type[Words]", type(self)))}


class AtField(DomainError):
    """An error that points at a part of the request by the path `field`."""

    field: str

    def within(self, prefix: str) -> Self:
        """Return the same error with `prefix` before the path, for example "records[3]."."""
        return type(self)(**{**self._values(), "field": prefix + self.field})


class Several(DomainError):
    """More than one thing is wrong: code, reason and text are the first's, the fields those of all.

    >>> from services.kernel.errors import FieldRequired
    >>> wrong = Several.of([FieldRequired(field="kind"), FieldRequired(field="evidence")])
    >>> wrong.reason, str(wrong)
    ('FIELD_REQUIRED', 'kind is empty. It is required: fill it in and send the request again.')
    """

    errors: tuple[DomainError, ...]

    @staticmethod
    def of(errors: Sequence[DomainError]) -> DomainError:
        """Return what tells `errors`, of which there is one at least."""
        return errors[0] if len(errors) == 1 else Several(errors=tuple(errors))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.errors[0], name)

    def metadata(self) -> dict[str, str]:
        """Return that of the first."""
        return self.errors[0].metadata()

    def text(self, language: Language) -> str:
        """Return that of the first."""
        return self.errors[0].text(language)


class within:  # noqa: N801 (read as a word: with within(...))
    """Put `prefix` before the path of an error that is raised inside.

    >>> from services.kernel.errors import FieldRequired
    >>> with within("records[3]."):
    ...     raise FieldRequired(field="period")
    Traceback (most recent call last):
    services.kernel.errors.fields.FieldRequired: records[3].period is empty. It is required: \
fill it in and send the request again.
    """

    __slots__ = ("_prefix",)

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: object, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, AtField):
            raise error.within(self._prefix).with_traceback(trace) from None


class Invalid(AtField):
    """The request itself is wrong at `field`, whatever is stored."""

    code = "INVALID_ARGUMENT"


class FailedPrecondition(DomainError):
    """What is stored does not allow the request."""

    code = "FAILED_PRECONDITION"


class Absent(DomainError):
    """What was asked for is not there."""

    code = "NOT_FOUND"


class Taken(DomainError):
    """What was to be made is already there."""

    code = "ALREADY_EXISTS"


class Aborted(DomainError):
    """Another change came first; read again and repeat."""

    code = "ABORTED"


class Unavailable(DomainError):
    """Something needed does not answer now; worth sending again later."""

    code = "UNAVAILABLE"


class Late(DomainError):
    """The answer came too late, or not at all."""

    code = "DEADLINE_EXCEEDED"


class Exhausted(DomainError):
    """More was asked for than is taken at a time."""

    code = "RESOURCE_EXHAUSTED"


def _plain(value: object) -> str:
    """Return `value` for metadata: the same in every language."""
    if isinstance(value, Enum) and isinstance(value.value, Words):
        return value.name
    if isinstance(value, tuple):
        return ", ".join(str(part) for part in value)
    if isinstance(value, Words):
        return value.en  # Ours, not the caller's: what is allowed is told whole.
    return _cut(str(value), "en")


def _told(value: object, language: Language) -> str:
    """Return `value` as it stands in a sentence of `language`."""
    if isinstance(value, Enum) and isinstance(value.value, Words):
        value = value.value
    if isinstance(value, Words):
        return value.said(language)
    if isinstance(value, tuple):
        parts = [_told(part, language) for part in value]
        parts = parts or ["无" if language == "zh" else "none"]
        return ("、" if language == "zh" else ", ").join(parts)
    return _visible(_cut(str(value), language))


def _cut(text: str, language: Language) -> str:
    """Return `text`, or its beginning and its length where it is long."""
    digits = sum(map(str.isdigit, text))
    if len(text) <= LONGEST_VALUE and digits <= KEPT * 2:
        return text
    what = ("digits", "位数字") if digits * 2 > len(text) else ("characters", "个字符")
    count = digits if digits * 2 > len(text) else len(text)
    if language == "zh":
        return f"{text[:KEPT]}…（共 {count} {what[1]}）"
    return f"{text[:KEPT]}… ({count} {what[0]})"


def _visible(text: str) -> str:
    """Return `text` with what cannot be printed as escapes: a log line stays one line."""
    return "".join(
        mark if mark.isprintable() else mark.encode("unicode_escape").decode("ascii")
        for mark in text
    )
