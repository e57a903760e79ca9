"""Asterisk over ARI: HTTP for what is asked, a WebSocket for what happens."""
