"""The edges: what speaks to Asterisk, the disk, the database and the network."""
