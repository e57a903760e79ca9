"""What happens in Asterisk, from the text of an event to a typed value.

An event that this product has no type for, or that some other Asterisk version words differently,
becomes an `UnknownEvent`: it is the owner's to pass over, and never ends the connection.
"""

from __future__ import annotations

import logging
from collections import deque
from typing import get_args

import msgspec

from asterisk_gdpr.adapters.ari.generated import AnyEvent

log = logging.getLogger(__name__)

KNOWN = {kind.__name__ for kind in get_args(AnyEvent)}

REMEMBERED = 64
"""How many events back a double is looked for; it comes right after the first, or a few events later."""


class UnknownEvent(msgspec.Struct, frozen=True):
    """An event without a type here; only its kind is kept."""

    type: str = ""


class EventReader:
    """Reads the messages of one connection.

    With a channel and its endpoint subscribed Asterisk sends each event twice, to the letter:
    the second copy is dropped.
    """

    def __init__(self) -> None:
        self._known: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)
        self._unknown = msgspec.json.Decoder(UnknownEvent)
        self._recent: deque[str] = deque(maxlen=REMEMBERED)
        self._misread: set[str] = set()

    def read(self, text: str) -> AnyEvent | UnknownEvent | None:
        """The event in one message; None when it is a double."""
        if text in self._recent:
            return None
        self._recent.append(text)
        try:
            return self._known.decode(text)
        except msgspec.DecodeError:
            return self._without_type(text)

    def _without_type(self, text: str) -> UnknownEvent:
        try:
            event = self._unknown.decode(text)
        except msgspec.DecodeError:
            event = UnknownEvent()
        if event.type in KNOWN and event.type not in self._misread:
            self._misread.add(event.type)
            log.warning("ARI: this Asterisk words %s differently; such events are passed over", event.type)
        return event
