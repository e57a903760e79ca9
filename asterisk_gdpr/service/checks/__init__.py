"""What `check` knows: findings from facts; how the facts are got is elsewhere (`bootstrap.checkup`)."""
