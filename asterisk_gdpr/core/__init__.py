"""What the product decides, as pure values and functions: no I/O, no clock, no randomness."""
