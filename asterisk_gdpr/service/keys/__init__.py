"""The keys of an installation: where they lie, who has them open, and how they end."""
