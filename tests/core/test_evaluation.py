"""Points by a form, and how far two reviewers agree."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from asterisk_gdpr.core.evaluation import Evaluation, Form, Item, calibrate

FORM = Form("service", {}, "quality", {"a": Item({}), "b": Item({}, weight=3)}, most=4)


@given(st.dictionaries(st.sampled_from(["a", "b"]), st.integers(0, 4), min_size=2))
def test_a_score_is_a_share_of_all_points(points: dict[str, int]) -> None:
    """From 0 for nothing to 100 for everything, each item by its weight."""
    assert FORM.complete(points)
    assert FORM.score(points) == round(100 * (points["a"] + 3 * points["b"]) / 16)


def test_a_form_is_given_whole() -> None:
    """A missing item, an unknown one, too many points and fewer than none are no evaluation."""
    for points in ({}, {"a": 1}, {"a": 1, "b": 1, "c": 1}, {"a": 5, "b": 1}, {"a": -1, "b": 1}):
        assert not FORM.complete(points)


def given_by(user: str, form: str = "service", **points: int) -> Evaluation:
    """What somebody gave."""
    return Evaluation(user, "r1", form, user, datetime(2026, 11, 23, tzinfo=UTC), 50, points)


def test_two_reviewers_are_laid_side_by_side() -> None:
    """By form and item, with the most points that they are apart and the share that is the same."""
    (found,) = calibrate(
        [given_by("quinn", a=1, b=4), given_by("ada", a=3, b=4), given_by("ada", "other", a=1)]
    )

    assert found.reviewers == ("ada", "quinn")
    assert found.items == {"a": (3, 1), "b": (4, 4)}
    assert (found.apart, found.agreed) == (2, 50)
    assert calibrate([given_by("ada", a=1)]) == []
