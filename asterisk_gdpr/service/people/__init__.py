"""Who works here: users of the page with their sessions and tokens, and agents."""
