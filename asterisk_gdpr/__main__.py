"""`python -m asterisk_gdpr` is `asterisk-gdpr`."""

from asterisk_gdpr.cli import main

main()
