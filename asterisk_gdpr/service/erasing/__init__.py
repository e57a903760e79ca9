"""Periods, erasure, and what proves that it was done."""
