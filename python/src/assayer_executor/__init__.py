"""Evaluates crystals for Assayer with any ASE calculator."""

__version__ = "0.1.0"
