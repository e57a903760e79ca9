"""Recordings in people's hands: found, heard, scored, shared, exported."""
