"""What anyone can check without us."""
