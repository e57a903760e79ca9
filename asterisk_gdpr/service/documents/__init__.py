"""The documents that a controller owes, built from the policy's facts through templates it may replace."""
