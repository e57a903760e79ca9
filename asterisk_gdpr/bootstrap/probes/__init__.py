"""How `check` gets its facts; what they mean is `service.checks`."""
