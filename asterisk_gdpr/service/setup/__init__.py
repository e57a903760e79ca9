"""Setting an installation up: what is wished for, the texts, the files, the vault's key pair."""
