"""The description of evaluations and clips for programs."""

from __future__ import annotations

from typing import Any

from asterisk_gdpr.service.people.tokens import Scope
from asterisk_gdpr_web.openapi.parts import TEXT, TIME, audio, get, id_in_path, list_of, null, post, thing

_RECORDING, _CLIP = id_in_path("recording"), id_in_path("clip")
_COUNT = {"type": "integer"}
_POINTS = {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0, "maximum": 99}}


def paths() -> dict[str, Any]:
    """Return them."""
    given = thing(form=TEXT, user=TEXT, at=TIME, score=_COUNT, points=_POINTS, comment=TEXT, agent=null(TEXT))
    about_me = thing(form=TEXT, user=TEXT, at=TIME, score=_COUNT, points=_POINTS, comment=TEXT)
    form = thing(form=TEXT, purpose=TEXT, items=list_of(TEXT), most=_COUNT)
    apart = thing(form=TEXT, reviewers=list_of(TEXT), agreed=_COUNT, apart=_COUNT)
    clip = thing(
        clip=TEXT,
        recording=TEXT,
        start={"type": "number"},
        end={"type": "number"},
        purpose=TEXT,
        user=TEXT,
        coach=TEXT,
        ends_at=TIME,
    )
    evaluation = thing(
        {"comment": TEXT, "agent": TEXT},
        form=TEXT,
        points=_POINTS,
    )
    share = thing(
        start={"type": "number", "minimum": 0},
        end={"type": "number", "minimum": 0},
        purpose=TEXT,
        coach=TEXT,
        days={"type": "integer", "minimum": 1, "maximum": 30},
    )
    return {
        "/evaluations": {
            "get": get(
                Scope.READ_EVALUATIONS, "What one was given as an agent", thing(evaluations=list_of(about_me))
            )
        },
        "/recordings/{recording}/evaluations": {
            "parameters": [_RECORDING],
            "get": get(
                Scope.READ_EVALUATIONS,
                "The forms that are open, what one gave, and by the same forms what others gave",
                thing(
                    forms=list_of(form),
                    own=list_of(given),
                    others=list_of(given),
                    calibrations=list_of(apart),
                ),
            ),
            "post": post(Scope.EVALUATE, "Evaluate it by a form, once", given, evaluation),
        },
        "/clips": {
            "get": get(Scope.READ_CLIPS, "Clips that live, by or for oneself", thing(clips=list_of(clip)))
        },
        "/recordings/{recording}/clips": {
            "parameters": [_RECORDING],
            "post": post(Scope.SHARE, "Share a span with a coach, by name", clip, share),
        },
        "/clips/{clip}/audio": {
            "parameters": [_CLIP],
            "get": audio(get(Scope.READ_CLIPS, "The span, as WAV; ranges are answered", TEXT)),
        },
        "/clips/{clip}/end": {
            "parameters": [_CLIP],
            "post": post(Scope.SHARE, "Take back what one has shared", thing(clip=TEXT), None),
        },
    }
