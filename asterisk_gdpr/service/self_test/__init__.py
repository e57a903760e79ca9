"""The self-test: proof, on the living PBX, that it still works."""
