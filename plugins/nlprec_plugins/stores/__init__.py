"""Where events are kept for good."""
