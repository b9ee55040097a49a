"""The node as Twisted services: what runs where, whether it is alive, and how it stops."""
