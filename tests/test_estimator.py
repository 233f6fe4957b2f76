"""Matcher and scikit-learn: its own checks, and the same properties on what a Matcher takes, records."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import check_estimator

from vie_match.embedding.encoder import HashingEncoder
from vie_match.errors import BadValue
from vie_match.ranking.matcher import Matcher
from vie_match.records import Call, Profile


class ClaimsArrays(Matcher):
    """A Matcher that says it takes arrays: otherwise scikit-learn would leave out nearly all checks."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = True
        tags.no_validation = False
        return tags


# These hand over numbers in a matrix. A Matcher takes records, and says so in one sentence; what each looks
# for is looked for below, on records, where it means something.
_FITS_NUMBERS = "fits a matrix of numbers; a Matcher takes Call records and refuses anything else"
_NO_FEATURES = "counts columns of a matrix; records have none"
_REFUSES = "wants a ValueError about the form of a matrix; a Matcher refuses it with BadValue before that"
EXPECTED = {
    "check_fit_score_takes_y": _FITS_NUMBERS,
    "check_estimators_overwrite_params": _FITS_NUMBERS,
    "check_dont_overwrite_attributes": _FITS_NUMBERS,
    "check_dont_overwrite_parameters": _FITS_NUMBERS,
    "check_estimators_fit_returns_self": _FITS_NUMBERS,
    "check_readonly_memmap_input": _FITS_NUMBERS,
    "check_estimators_dtypes": _FITS_NUMBERS,
    "check_dtype_object": _FITS_NUMBERS,
    "check_pipeline_consistency": _FITS_NUMBERS,
    "check_estimators_pickle": _FITS_NUMBERS,
    "check_f_contiguous_array_estimator": _FITS_NUMBERS,
    "check_methods_sample_order_invariance": _FITS_NUMBERS,
    "check_methods_subset_invariance": _FITS_NUMBERS,
    "check_fit2d_1sample": _FITS_NUMBERS,
    "check_fit2d_1feature": _FITS_NUMBERS,
    "check_fit2d_predict1d": _FITS_NUMBERS,
    "check_dict_unchanged": _FITS_NUMBERS,
    "check_fit_idempotent": _FITS_NUMBERS,
    "check_fit_check_is_fitted": _FITS_NUMBERS,
    "check_n_features_in": _NO_FEATURES,
    "check_n_features_in_after_fitting": _NO_FEATURES,
    "check_positive_only_tag_during_fit": _REFUSES,
    "check_complex_data": _REFUSES,
    "check_estimators_empty_data_messages": _REFUSES,
    "check_estimators_nan_inf": _REFUSES,
    "check_estimator_sparse_tag": _REFUSES,
    "check_estimator_sparse_array": _REFUSES,
    "check_estimator_sparse_matrix": _REFUSES,
}
# What has to hold whatever an estimator takes.
_HOLD = {
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_estimators_unfitted",
    "check_do_not_raise_errors_in_init_or_set_params",
    "check_get_params_invariance",
    "check_no_attributes_set_in_init",
    "check_parameters_default_constructible",
    "check_set_params",
    "check_valid_tag_types",
}


@pytest.fixture
def calls(make_call: Callable[..., Call]) -> list[Call]:
    """Three calls."""
    return [
        make_call("X-1", title="Trees in streets"),
        make_call("X-2", title="Clean water", text="Clean water for all."),
        make_call("X-3", title="Bees", text="Meadows for bees."),
    ]


@pytest.fixture
def profiles(make_profile: Callable[..., Profile]) -> list[Profile]:
    """Three profiles."""
    return [
        make_profile("a"),
        make_profile("b", title="Clean water", text="We clean the river."),
        make_profile("c", title="Bees"),
    ]


@pytest.fixture(scope="module")
def results() -> list[dict[str, Any]]:
    """What scikit-learn's checks found."""
    found = check_estimator(
        ClaimsArrays(HashingEncoder()), expected_failed_checks=EXPECTED, on_fail=None, on_skip=None
    )
    return list(found)


def test_no_check_fails_without_a_reason_that_stands_here(results: list[dict[str, Any]]) -> None:
    assert {one["check_name"]: one["exception"] for one in results if one["status"] == "failed"} == {}


def test_what_holds_for_any_estimator_was_checked_and_holds(results: list[dict[str, Any]]) -> None:
    assert {one["check_name"] for one in results if one["status"] == "passed"} >= _HOLD


def test_no_reason_outlives_its_failure(results: list[dict[str, Any]]) -> None:
    known = {one["check_name"] for one in results}
    failing = {one["check_name"] for one in results if one["status"] == "xfail"}
    assert set(EXPECTED) & known == failing


def test_the_tags_say_that_a_matcher_takes_no_arrays() -> None:
    tags = Matcher().__sklearn_tags__()
    assert not tags.input_tags.two_d_array
    assert tags.no_validation
    assert not tags.target_tags.required


@pytest.mark.parametrize("wrong", [[[1.0, 2.0]], ["a text"], np.eye(2), [None]])
def test_what_is_no_call_is_refused_with_what_was_expected(wrong: Any) -> None:
    with pytest.raises(BadValue, match=r"expected records of the type Call"):
        Matcher(HashingEncoder()).fit(wrong)


@pytest.mark.parametrize("wrong", [["a-1"], [[1.0]]])
def test_what_is_no_profile_is_refused_with_what_was_expected(calls: list[Call], wrong: Any) -> None:
    matcher = Matcher(HashingEncoder()).fit(calls)
    for method in (matcher.rank, matcher.scores, matcher.features):
        with pytest.raises(BadValue, match=r"expected records of the type Profile"):
            method(wrong)


def test_fitting_returns_itself_keeps_parameters_and_is_idempotent(
    calls: list[Call], profiles: list[Profile]
) -> None:
    matcher = Matcher(HashingEncoder(), word_weight=0.3)
    before = matcher.get_params()
    assert matcher.fit(calls) is matcher
    once = matcher.scores(profiles)
    np.testing.assert_array_equal(matcher.fit(calls).scores(profiles), once)
    assert matcher.get_params() == before


def test_a_fit_forgets_the_one_before(calls: list[Call], profiles: list[Profile]) -> None:
    again = Matcher(HashingEncoder()).fit(calls).fit(calls[:2])
    np.testing.assert_array_equal(
        again.scores(profiles), Matcher(HashingEncoder()).fit(calls[:2]).scores(profiles)
    )


def test_asking_changes_nothing(calls: list[Call], profiles: list[Profile]) -> None:
    matcher = Matcher(HashingEncoder()).fit(calls)
    before = set(vars(matcher))
    first = matcher.scores(profiles)
    matcher.rank(profiles)
    assert set(vars(matcher)) == before
    np.testing.assert_array_equal(matcher.scores(profiles), first)


def test_a_profile_has_the_same_scores_in_any_company_and_order(
    calls: list[Call], profiles: list[Profile]
) -> None:
    matcher = Matcher(HashingEncoder()).fit(calls)
    together = matcher.scores(profiles)
    alone = np.vstack([matcher.scores([one]) for one in profiles])
    np.testing.assert_allclose(alone, together, rtol=1e-6)
    np.testing.assert_allclose(matcher.scores(profiles[::-1]), together[::-1], rtol=1e-6)


def test_the_order_of_the_calls_does_not_matter(calls: list[Call], profiles: list[Profile]) -> None:
    forwards = Matcher(HashingEncoder()).fit(calls).scores(profiles)
    backwards = Matcher(HashingEncoder()).fit(calls[::-1]).scores(profiles)
    np.testing.assert_allclose(backwards[:, ::-1], forwards, rtol=1e-6)


def test_a_fitted_matcher_survives_pickle_and_a_clone_is_unfitted(
    calls: list[Call], profiles: list[Profile]
) -> None:
    matcher = Matcher(HashingEncoder(), word_weight=0.3).fit(calls)
    again = pickle.loads(pickle.dumps(matcher))
    np.testing.assert_array_equal(again.scores(profiles), matcher.scores(profiles))
    twin = clone(matcher)
    assert twin.word_weight == matcher.word_weight
    assert not hasattr(twin, "calls_")


def test_a_generator_of_calls_will_do(calls: list[Call], profiles: list[Profile]) -> None:
    lazy = Matcher(HashingEncoder()).fit(one for one in calls)
    np.testing.assert_array_equal(
        lazy.scores(profiles), Matcher(HashingEncoder()).fit(calls).scores(profiles)
    )
