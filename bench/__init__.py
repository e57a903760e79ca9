"""`make bench`: the figures of the product, each beside a named rival in the same run (docs/figures.md)."""
