"""What it means to a call that Asterisk has not carried out an effect."""

from __future__ import annotations

from asterisk_gdpr.core.call import effects as do
from asterisk_gdpr.core.call import events


def meaning(effect: do.Effect, why: str, playing: int) -> events.Event | None:
    """Return what the machine is told of an effect that failed, None where that changes nothing.

    `why` is the error's id; `playing` the number of the prompt that sounds.
    """
    match effect, why:
        case ((do.Answer() | do.TakeUp() | do.Play() | do.WaitForKey() | do.PassOn()), "channel-gone"):
            return events.HungUp()  # its event may have come before the call's arrival
        case ((do.Answer() | do.TakeUp() | do.Play() | do.WaitForKey()), "channel-elsewhere"):
            return events.LeftNotice()
        case ((do.Answer() | do.TakeUp() | do.Play()), _):
            return events.PromptEnded(playing, heard=False)
        case do.StartCapture(), _:
            return events.CaptureFailed()
        case do.PassOn(recording=True), _:
            return events.CaptureFailed()  # the dialplan goes on believing that nothing is recorded
        case ((do.OpenCapture() | do.MuteCapture()), _) if why != "channel-gone":
            return events.CaptureFailed()
        case _:
            return None  # a wait ends by itself or by the watchdog; the rest changes nothing
