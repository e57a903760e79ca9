"""The test bench: a real Asterisk in a cache folder, and real phones to call it with.

`make demo`, `make test` and `make bench` share it.
It shares no code with the product but its errors, so that what the phones hear and do is a witness
that the product's logic has no hand in.
`apt` and `debian` need nothing but Python's standard library: the Makefile runs them before there is a venv.
"""
