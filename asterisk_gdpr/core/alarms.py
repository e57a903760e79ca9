"""Every alarm that there is: what it is about, what it means, and how it ends.

An alarm that tells of a state ends by itself when the state does. One that tells of something that
happened, and that nothing will undo, stands until a person says that they have seen it.
No alarm is without one of these two ends, or `status` would say for ever that something is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

LOUDEST = "recorded-despite-refusal"
"""What somebody must see before anything else."""


class About(StrEnum):
    """What an alarm names beside its id."""

    NODE = "node"
    LINE = "line"
    CALL = "call"
    RECORDING = "recording"
    SWEEP = "sweep"
    DATA = "kind of data"
    REQUEST = "request"
    EPOCH = "epoch"


@dataclass(frozen=True)
class Kind:
    """One alarm: `ends` says when it ends by itself; without it a person acknowledges it."""

    about: About
    means: str
    ends: str = ""

    @property
    def by_hand(self) -> bool:
        """Whether a person acknowledges it."""
        return not self.ends


_HEARD = "a later statement on the line is heard to its end"
_COMMITTED = "a later choice on the line is committed"

KINDS: Mapping[str, Kind] = {
    # --- Asterisk
    "asterisk-unreachable": Kind(
        About.NODE, "ARI or AMI has not answered for five seconds or more", "both answer again"
    ),
    "app-taken": Kind(
        About.NODE,
        "another daemon, or another program, serves our app of this Asterisk",
        "the app is ours again",
    ),
    "node-overloaded": Kind(
        About.NODE,
        "more calls than can be served: some were passed on without a notice",
        "no call was passed on for that reason for a minute",
    ),
    "broker-unreachable": Kind(
        About.NODE, "the MQTT broker has not answered for five seconds or more", "it answers again"
    ),
    "outbox-dropped": Kind(
        About.NODE, "what was to be told over MQTT waited longer than `mqtt.keep`, and is gone"
    ),
    # --- the notice and the choice
    "unknown-line": Kind(About.LINE, "a dialplan names a line that the policy does not have"),
    "prompt-missing": Kind(
        About.LINE,
        "a prompt of the line is missing or says another text than the policy",
        "the prompts are there at the next `reload` or start, or the line is gone",
    ),
    "spoken-differs": Kind(
        About.LINE,
        "callers hear something else than the policy's file says",
        "the prompts say it, after `prompts build` and `reload`",
    ),
    "notice-outdated": Kind(
        About.LINE,
        "the published notice of the line, or that for `agents`, is not what is configured",
        "`documents publish` has published it anew",
    ),
    "notice-failed": Kind(
        About.LINE, "the statement or a question could not be played, or not to its end", _HEARD
    ),
    "details-failed": Kind(
        About.LINE,
        "the details could not be played, or not to their end",
        "later details on the line are heard to their end",
    ),
    "choice-not-committed": Kind(About.LINE, "a choice could not be written down", _COMMITTED),
    "taken-back": Kind(
        About.LINE, "the dialplan's watchdog took a call back before its choice was settled", _COMMITTED
    ),
    "policy-refused": Kind(
        About.NODE, "a `reload` met a faulty policy; the one in force stays", "a `reload` takes a policy"
    ),
    "call-failed": Kind(About.LINE, "a bug; the traceback is in the daemon's log"),
    # --- the capture
    "recording-not-prepared": Kind(
        About.LINE,
        "a recording was permitted and could not be begun: no key, or no room in the spool",
        "a later recording on the line is prepared",
    ),
    "capture-failed": Kind(
        About.LINE, "MixMonitor did not start, or was not muted", "a later capture on the line starts"
    ),
    "recorded-despite-refusal": Kind(
        About.CALL, "the caller has refused or withdrawn, and somebody else records or listens in"
    ),
    "other-recorder": Kind(
        About.CALL,
        "somebody else records a call of ours, or listens in: a MixMonitor, Monitor, ConfBridge or ChanSpy",
    ),
    "other-recorder-runs-on": Kind(
        About.CALL, "somebody else's recorder was to be stopped, as the line says, and could not be"
    ),
    "capture-lost": Kind(
        About.LINE, "muting or opening a capture failed in a talk, or somebody else ended it; it stays ended"
    ),
    "capture-writes-nothing": Kind(
        About.RECORDING,
        "MixMonitor was started and opened, and nothing grows in the spool",
        "it grows, is muted or ends",
    ),
    "withdrawal-not-committed": Kind(
        About.CALL, "a withdrawal could not be written down yet; it is tried again", "it is written down"
    ),
    # --- the spool, and what becomes of what is in it
    "spool-not-in-memory": Kind(
        About.NODE,
        "the spool lies on a disk: nothing is recorded, and calls go on",
        "a start finds the spool in memory",
    ),
    "spool-nearly-full": Kind(
        About.NODE, "the spool is nearly full: nothing new is recorded", "there is room again"
    ),
    "spool-full": Kind(About.NODE, "the spool is full: what is captured now is lost", "there is room again"),
    "sealing-stalled": Kind(
        About.NODE, "what is captured cannot be sealed now; it waits in memory", "all of it can be sealed"
    ),
    "audio-lost": Kind(About.RECORDING, "what was captured since the last segment is gone"),
    "recording-not-closed": Kind(
        About.RECORDING, "the container cannot be closed", "it is closed, at a later try or start"
    ),
    "recording-not-taken-up": Kind(
        About.RECORDING, "a start could not go on with a recording that an earlier life had begun"
    ),
    "recording-damaged": Kind(About.RECORDING, "a part of it was changed or damaged and does not open"),
    "self-test-failed": Kind(
        About.NODE, "the self-test found something that is not as it must be", "a later self-test passes"
    ),
    # --- the vault's bucket
    "vault-behind": Kind(
        About.NODE,
        "closed containers cannot be brought to the bucket; they stay on this machine's disk meanwhile",
        "all of them have been brought",
    ),
    "lock-not-enforced": Kind(
        About.NODE,
        "`bucket.lock` is on, and the bucket let a lock be broken or shortened: nothing is locked",
        "a later start finds that it refuses, or `bucket.lock` is off",
    ),
    "container-locked": Kind(
        About.RECORDING,
        "it is erased, and the bucket keeps its sealed container, which nothing opens, until a date",
        "the date has come and it is deleted",
    ),
    # --- erasing
    "sweep-asks": Kind(
        About.SWEEP,
        "more is due at once than may go without a person's word",
        "it was swept by a person, or is not due any more",
    ),
    "data-asks": Kind(
        About.DATA,
        "more of a kind of data is due at once than may go without a person's word",
        "it was swept by a person, or is not due any more",
    ),
    "clock-jumped": Kind(
        About.NODE,
        "the clock jumped: nothing is erased by date",
        "a person says that it is right, by `asterisk-gdpr clock confirm`",
    ),
    "hold-on-withdrawn": Kind(
        About.RECORDING,
        "what is held was withdrawn since, and its ground may not carry that",
        "the last hold over it is lifted",
    ),
    "request-due": Kind(About.REQUEST, "a request must be answered within a week", "it is answered"),
    "request-overdue": Kind(About.REQUEST, "the time to answer a request is over", "it is answered"),
    "erasure-failed": Kind(About.RECORDING, "an erasure failed; it is tried again", "it is erased"),
    "erasure-overdue": Kind(About.RECORDING, "an erasure waits for something too long", "it is erased"),
    "journal-away": Kind(
        About.NODE, "a folder of the erasure journal cannot be written", "every copy of it is up to date"
    ),
    "anchor-failed": Kind(
        About.NODE, "the ledger's signed head could not be put everywhere", "a later head is everywhere"
    ),
    "restored-without-journal": Kind(
        About.NODE, "the register was restored without its erasure journal: what was erased may be back"
    ),
    "register-older": Kind(
        About.NODE,
        "an earlier copy of the register had been put back: what was erased since was erased again, "
        "and all else in it is as it was",
    ),
    # --- the vault's key
    "vault-key-damaged": Kind(
        About.EPOCH,
        "the public key of the epoch that has begun is damaged: what is sealed goes to the one before",
        "a good one is in the register",
    ),
    "strange-epoch": Kind(
        About.EPOCH,
        "the register names a key for everything to be sealed to that this installation did not make: "
        "nothing new is recorded, and calls go on",
        "one of ours has its place again, after `keys reject`",
    ),
    "epoch-overdue": Kind(
        About.EPOCH, "the vault's key should have been changed three days ago", "it is changed"
    ),
    "epoch-failed": Kind(
        About.EPOCH, "the change of the vault's key waits for something; it is tried again", "it is changed"
    ),
    "escrow-away": Kind(About.EPOCH, "some folder of `epochs.escrow` has no copy of the epoch's key"),
}


def kind_of(id: str) -> Kind | None:
    """The kind of an alarm; None for one that this release does not know, from an earlier one."""
    return KINDS.get(id)
