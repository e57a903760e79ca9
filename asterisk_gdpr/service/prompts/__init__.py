"""The notice as sound."""
