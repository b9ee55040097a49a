"""Twisted starts here: the services of a node."""
