"""Who does something at the desk."""

from __future__ import annotations

from dataclasses import dataclass

from services.kernel.errors import DomainError, FourEyes, SamePerson

OURSELVES = "services/trading"
"""The service itself, which executes and expires: no principal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A principal, the person that it belongs to, and its role."""

    principal: str
    person: str
    """The principal itself where its person is not said."""
    role: str

    def refusal(self, of: Actor, name: str) -> DomainError | None:
        """Return why this one may not decide on `name`, the work of another; None if it may."""
        if self.principal == of.principal:
            return FourEyes(name=name, proposer=of.principal)
        if self.person == of.person:
            return SamePerson(name=name, principal=self.principal, person=of.person)
        return None

    def check_other(self, than: Actor, name: str) -> None:
        """Raise FourEyes or SamePerson where this one may not decide on the work of `than`."""
        if refusal := self.refusal(than, name):
            raise refusal


SERVICE = Actor(principal=OURSELVES, person=OURSELVES, role="SERVICE")
"""Who acts when time does."""
