"""The command line: `asterisk-gdpr`. Each module is a command or a group of them."""

from asterisk_gdpr.cli.main import main

__all__ = ["main"]
