"""Cleaning steps between snapshot and split."""
