"""Real phones for the bench: a second Asterisk that knows nothing of the product, and headsets for its users.

It places calls to the PBX's trunk and is called as its agents. SIP and keys are Asterisk's own, voices and
ears are those of `headset`. While a key is down (100 ms) the voice is not sent, as with any phone.
The first sequence number of the RTP towards the PBX is drawn at random, unless `agent` is given one: then
the headset speaks to the PBX itself, since Asterisk cannot be told a number.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

from asterisk_gdpr.errors import Misuse
from asterisk_gdpr.rig import phone_files
from asterisk_gdpr.rig.ami import Ami, Message
from asterisk_gdpr.rig.codec import ULAW, Codec, g722
from asterisk_gdpr.rig.debian import Programs
from asterisk_gdpr.rig.headset import Switchboard
from asterisk_gdpr.rig.instance import Instance
from asterisk_gdpr.rig.pbx import AGENTS, Address
from asterisk_gdpr.rig.phone_call import Agent, PhoneCall, Watch
from asterisk_gdpr.rig.script import Move, parse
from asterisk_gdpr.rig.sound import Samples


class Phones(Instance):
    """The phones of a PBX: `agent` says what a phone does when it is called, `call` places a call.

    Callers speak `codec`, agents `agents_codec` (none: the same): `ulaw`, `g722` or `opus`. Behind the last
    one headsets speak `ulaw`, and the phones' Asterisk turns one into the other.
    """

    def __init__(
        self,
        programs: Programs,
        folder: Path,
        address: Address,
        *,
        agents: Sequence[str] = AGENTS,
        codec: str = "ulaw",
        agents_codec: str = "",
    ) -> None:
        agents_codec = agents_codec or codec
        self._codec, self._agents_codec = self._headsets(codec), self._headsets(agents_codec)
        self._manager = phone_files.Manager()
        self._ami: Ami | None = None
        self._switchboard: Switchboard | None = None
        self._watch = Watch()
        self._calls: dict[str, PhoneCall] = {}
        self._agents: dict[str, Agent] = {}
        self._sounds: dict[str, Samples] = {}
        files = phone_files.files(
            address, self._manager, agents, codec, agents_codec, self._agents_codec.name
        )
        super().__init__(programs, folder, "phones", files, phone_files.UNWANTED)

    def start(self) -> None:
        """Start the phones; calls can be placed and taken when it returns."""
        super().start()
        self._switchboard = Switchboard()
        self._ami = self._connect(self._on_event)

    def stop(self) -> None:
        """Hang up everything and stop."""
        super().stop()
        self._watch.change(self._on_stop)
        if self._ami is not None:
            self._ami.close()
        if self._switchboard is not None:
            self._switchboard.close()
        self._ami = self._switchboard = None

    def agent(
        self,
        name: str,
        *,
        tone: int = 1000,
        answer_after: float = 0.3,
        hang_up_after: float | None = None,
        script: str | None = None,
        sequence: int | None = None,
    ) -> Agent:
        """From now on this phone does so whenever it is called; its calls are kept from the first time on.

        It rings for `answer_after` seconds, answers, sends `tone` (Hz), and hangs up `hang_up_after` seconds
        later, or never by itself. Any other behaviour is a `script`: `busy`, `ring 600`, ...
        `sequence` is the number before that of its first RTP packet; such a phone can press no keys.
        """
        if script is None:
            script = f"ring {answer_after}; tone {tone}; answer"
            if hang_up_after is not None:
                script += f"; wait {hang_up_after}; hangup"
        agent = self._agents.setdefault(name, Agent(name, self._watch))
        agent.script, agent.sequence, agent.before = self._checked(script), sequence, len(agent.calls)
        how = "rings" if agent.script and agent.script[0].verb == "ring" else "waits"
        self._running_ami().action("Setvar", Variable=f"GLOBAL(PHONE_{name})", Value=how)
        return agent

    def call(
        self,
        extension: str,
        *,
        number: str = "",
        script: str = "tone 400",
        endpoint: str = "trunk",
        early: bool = False,
        ring_for: int = 60,
    ) -> PhoneCall:
        """Dial an extension of the PBX and carry out the script once the call is answered; returns at once.

        `number` is the caller's (none: withheld). With `early` the script begins with the INVITE, so that the
        caller can press keys in early media. An agent's phone calls by `endpoint`; `info` is a caller whose
        phone tells of keys by SIP INFO.
        """
        moves = self._checked(script)
        codec = self._codec if endpoint in ("trunk", "info") else self._agents_codec
        call = self._new_call(uuid.uuid4().hex, extension, number, codec)
        variables = {
            "PHONE": call.id,
            "EXTENSION": extension,
            "ENDPOINT": endpoint,
            "NUMBER": number,
            "RING_FOR": str(ring_for),
        }
        self._running_ami().action(
            "Originate",
            # `__`: the channels that this one gives rise to have them too.
            *(("Variable", f"__{name}={value}") for name, value in variables.items()),
            Channel=f"UnicastRTP/127.0.0.1:{call.headset.port}/c({codec.name})",
            Context="caller",
            Exten="dial",
            Priority="1",
            Async="true",
        )
        call.wait_started()
        self._carry_out(call, moves if early else (Move("answered"), *moves))
        return call

    def sound(self, name: str, samples: Samples) -> None:
        """Teach the phones a sound (8000 samples a second) that scripts may `play`."""
        self._sounds[name] = samples

    def _checked(self, script: str) -> tuple[Move, ...]:
        moves = parse(script)
        for move in moves:
            if move.verb == "play" and move.argument not in self._sounds:
                raise Misuse(f"The phones have not been taught the sound {move.argument!r}.", id="bad-script")
        return moves

    def _carry_out(self, call: PhoneCall, moves: tuple[Move, ...]) -> None:
        name = f"phone-{call.line}"
        threading.Thread(target=call.carry_out, args=(moves, self._sounds), name=name, daemon=True).start()

    def _convert(self, data: bytes, kind: str, wanted: str) -> bytes:
        source, target = (self.folder / f"{uuid.uuid4().hex}.{suffix}" for suffix in (kind, wanted))
        source.write_bytes(data)
        try:
            self.rx(f"file convert {source} {target}")
            return target.read_bytes()
        finally:
            source.unlink()
            target.unlink(missing_ok=True)

    def _connect(self, on_event: Callable[[Message], None] | None = None) -> Ami:
        return Ami(self._manager.port, phone_files.USER, self._manager.secret, on_event)

    def _running_ami(self) -> Ami:
        if self._ami is None:
            raise Misuse("The phones have not been started.")
        return self._ami

    def _headsets(self, codec: str) -> Codec:
        return g722(self._convert) if codec == "g722" else ULAW

    def _new_call(
        self, id: str, line: str, number: str, codec: Codec, sequence: int | None = None
    ) -> PhoneCall:
        if self._switchboard is None:
            raise Misuse("The phones have not been started.")
        headset = self._switchboard.headset(codec, sequence)
        call = PhoneCall(id, line, number, headset, self._connect, self._running_ami(), self._watch)
        self._watch.change(lambda: self._calls.update({id: call}))  # another thread goes through them
        return call

    def _on_event(self, event: Message) -> None:
        if event["event"] == "Hangup":
            self._watch.change(lambda: self._on_hangup(event))
        elif event["event"] == "UserEvent" and event["userevent"] == "Phone":
            self._watch.change(lambda: self._on_step(event))

    def _on_step(self, event: Message) -> None:
        id, at = event["phone"], float(event["timestamp"])
        if id not in self._calls:
            agent = self._agents[event["line"]]
            call = self._new_call(id, agent.name, event["number"], self._agents_codec, agent.sequence)
            agent.calls.append(call)
            self._carry_out(self._calls[id], agent.script)
        call = self._calls[id]
        match event["what"]:
            case "headset" if not call.headset.straight:
                call.headset.connect(int(event["port"]))
            case "started":
                call.channel, call.started_at = event["uniqueid"], at
            case "answered":
                call.answered_at = at

    def _on_stop(self) -> None:
        for call in self._calls.values():
            call.ended_at = call.ended_at or time.time()

    def _on_hangup(self, event: Message) -> None:
        for call in self._calls.values():
            if call.channel == event["uniqueid"] and self._switchboard is not None:
                call.ended_at, call.cause = float(event["timestamp"]), int(event["cause"])
                self._switchboard.hang_up(call.headset)
