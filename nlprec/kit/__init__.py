"""Nouns and numeric tools that plugins may use: plain values over numpy and scipy, nothing that runs by itself."""
