"""What Asterisk answers when it will not, over either interface.

    Refused
    ├── AriError         ARI's status code and message
    ├── AmiError         AMI's `Response: Error`
    └── ChannelGone      the channel has hung up (id `channel-gone`)
        └── NotInStasis    it lives, but in the dialplan, out of ARI's reach
    Unreachable          Asterisk does not answer; it is tried again
    └── ForAPerson           it answers, and a person must mend what is wrong
        ├── CredentialsRefused   it refuses who we are
        └── AppTaken             another daemon serves our app

No message here ever bears a secret, a number or the value of a variable.
"""

from __future__ import annotations

from asterisk_gdpr.errors import Refused, Unreachable


class AriError(Refused):
    """ARI refused a request; `status` is HTTP's."""

    default_id = "ari-refused"

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"ARI answered {status}: {message}.")
        self.status = status


class AmiError(Refused):
    """AMI answered an action with `Response: Error` and this message."""

    default_id = "ami-refused"


class ChannelGone(Refused):
    """The channel has hung up."""

    default_id = "channel-gone"


class NotInStasis(ChannelGone):
    """The channel lives, but is not in Stasis: it has gone on in the dialplan (ARI's 409)."""


class ForAPerson(Unreachable):
    """Trying again mends nothing; a person must."""


class CredentialsRefused(ForAPerson):
    """Asterisk refuses our user, password, rights or address."""

    default_id = "asterisk-credentials"


class AppTaken(ForAPerson):
    """Another daemon serves our app."""

    default_id = "app-taken"
