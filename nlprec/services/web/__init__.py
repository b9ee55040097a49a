"""The HTTP API over the node interfaces, on plain twisted.web."""
