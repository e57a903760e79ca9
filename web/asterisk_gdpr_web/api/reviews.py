"""For programs: evaluations and clips, by the same rules as on the page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, abort, jsonify

from asterisk_gdpr.core.clip import Clip
from asterisk_gdpr.core.evaluation import Evaluation, Form
from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.errors import Refused
from asterisk_gdpr_web import own_calls
from asterisk_gdpr_web.api.door import body, guarded, page
from asterisk_gdpr_web.guard import listener, person
from asterisk_gdpr_web.pages.audio import answer
from asterisk_gdpr_web.pages.recording import hearable, known
from asterisk_gdpr_web.settings import services


@page.get("/recordings/<recording>/evaluations")
@guarded
def evaluations(recording: str) -> Response:
    """Tell which forms are open, what one gave, and beside it what others gave."""
    forms = _forms(recording)
    seen = services().office.evaluating.seen(recording, person().name)
    done = {each.form for each in seen.own}
    return jsonify(
        {
            "forms": [
                {"form": form.name, "purpose": form.purpose, "items": list(form.items), "most": form.most}
                for form in forms
                if form.name not in done
            ],
            "own": [_evaluation(each) for each in seen.own],
            "others": [_evaluation(each) for each in seen.others],
            "calibrations": [
                {
                    "form": each.form,
                    "reviewers": list(each.reviewers),
                    "agreed": each.agreed,
                    "apart": each.apart,
                }
                for each in seen.calibrations
            ],
        }
    )


@page.post("/recordings/<recording>/evaluations")
@guarded
def evaluate(recording: str) -> Response:
    """Evaluate a recording by a form, once; whoever has not heard it does not."""
    sent, forms = body(), _forms(recording)
    form = next((each for each in forms if each.name == sent["form"]), None)
    if form is None:
        raise Refused("There is no such form for you.", id="no-such-form")
    given = services().office.evaluating.give(
        form,
        recording,
        person().name,
        {item: int(points) for item, points in sent["points"].items()},
        sent.get("comment", ""),
        sent.get("agent", ""),
    )
    return jsonify(_evaluation(given))


@page.get("/evaluations")
@guarded
def own_evaluations() -> Response:
    """Tell an agent what they were given, without the recording."""
    given = services().office.evaluating.of_agent(own_calls.whose())
    told = [_evaluation(each) for each in given]
    return jsonify({"evaluations": [{name: each[name] for name in each if name != "agent"} for each in told]})


@page.get("/clips")
@guarded
def clips() -> Response:
    """List the clips that live, shared by or with the token's person."""
    found = services().register.clips_of(person().name, services().clock.now())
    return jsonify({"clips": [_clip(each) for each in found]})


@page.get("/clips/<clip>/audio")
@guarded
def clip_audio(clip: str) -> Response:
    """Send the span; the ledger has the listening first."""
    return answer(services().office.clips.open(clip, listener()))


@page.post("/recordings/<recording>/clips")
@guarded
def share_clip(recording: str) -> Response:
    """Share a span; both must be listeners of the purpose."""
    known(recording)
    sent = body()
    clip = services().office.clips.share(
        recording,
        (round(1000 * sent["start"]), round(1000 * sent["end"])),
        sent["purpose"],
        listener(),
        sent["coach"],
        timedelta(days=int(sent["days"])),
    )
    return jsonify(_clip(clip))


@page.post("/clips/<clip>/end")
@guarded
def end_clip(clip: str) -> Response:
    """Take back what one has shared."""
    services().register.end_clip(clip, person().name, services().clock.now())
    return jsonify({"clip": clip})


def _forms(recording: str) -> list[Form]:
    """The forms for a recording that the person may hear; without one it does not exist here."""
    return services().office.evaluating.forms(hearable(known(recording))) or abort(404)


def _evaluation(given: Evaluation) -> dict[str, Any]:
    return {
        "form": given.form,
        "user": given.user,
        "at": to_text(given.at),
        "score": given.score,
        "points": dict(given.points),
        "comment": given.comment,
        "agent": given.agent or None,
    }


def _clip(clip: Clip) -> dict[str, Any]:
    return {
        "clip": clip.id,
        "recording": clip.recording,
        "start": clip.at_ms / 1000,
        "end": clip.until_ms / 1000,
        "purpose": clip.purpose,
        "user": clip.user,
        "coach": clip.coach,
        "ends_at": to_text(clip.ends_at),
    }
