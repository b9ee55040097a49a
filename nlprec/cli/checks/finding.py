"""What a check found."""

from attrs import frozen

from nlprec.kit.events import Interaction


@frozen
class Finding:
    """Something odd: what, how often, where first, and what it means."""

    what: str
    count: int
    first: str = ""
    meaning: str = ""


def words(event: Interaction) -> str:
    """Return an interaction in words."""
    return f"{event.user} {event.kind} {event.item}"
