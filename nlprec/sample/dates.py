"""The calendar of the invented shop: fixed, so that the same seed gives the same bytes in any year."""

DAY = 86_400  #: seconds
DAYS = 180  #: between the first event and the last
END = 1_793_491_200  #: 2026-11-01 00:00 UTC, epoch seconds
START = END - DAYS * DAY


def month(time: int) -> float:
    """Return the month of a time within the shop's 180 days, 1.0 to 13.0, counted back from the end of October."""
    return 11.0 - (END - time) / (30.4 * DAY)
