"""Call recording for Asterisk that a data protection officer would choose."""
