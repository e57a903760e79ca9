"""From legs in memory to a sealed container in the place where it stays."""
