"""Suggestions for real profiles: partners named, projects seen, newcomers mixed in, reasons told."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from vie_match.cli import main
from vie_match.cli.app import app
from vie_match.embedding.encoder import HashingEncoder
from vie_match.errors import BadValue
from vie_match.partners import wording
from vie_match.partners.directory import directory
from vie_match.partners.frames import SUGGESTION_COLUMNS, suggestions_frame
from vie_match.partners.ranker import PartnerRanker
from vie_match.partners.reasons import REASONS
from vie_match.partners.suggestions import Suggestions
from vie_match.records import Call, Profile
from vie_match.speech import languages
from vie_match.track.records import Participation
from vie_match.track.table import read_facts
from vie_match.vocabulary import Answer

TODAY = dt.date(2026, 12, 1)
MakeProfile = Callable[..., Profile]


def part(project: str, city: str, name: str, country: str, **more: object) -> Participation:
    told: dict[str, object] = {
        "project_id": project,
        "acronym": project.upper(),
        "programme": "HORIZON",
        "framework": "HORIZON",
        "start": "2024-01-01",
        "signed": "2023-12-01",
        "role": "participant",
        "organisation": name,
        "city_id": city,
        "city": name,
        "country": country,
        "url": f"https://example.org/{project}",
        "source": "CORDIS",
    }
    return Participation.model_validate(told | more)


@pytest.fixture
def profile(make_profile: MakeProfile) -> Profile:
    city = {"name": "Krefeld", "country": "DE", "networks": ["Shade"]}
    return make_profile("mine", city=city, partners=[{"name": "Venlo", "country": "NL"}])


@pytest.fixture
def ranker(profile: Profile, make_profile: MakeProfile) -> PartnerRanker:
    other = make_profile("theirs", city={"name": "Pirna", "country": "DE", "networks": ["Shade"]})
    rows = (
        *read_facts(),
        part("x1", "DE-krefeld", "Krefeld", "DE"),
        part("x1", "FR-troyes", "Troyes", "FR", role="coordinator"),
        part("x2", "FR-lens", "Lens", "FR", start="2027-06-01", signed="2027-05-01"),
        part("x2", "DE-krefeld", "Krefeld", "DE", start="2027-06-01", signed="2027-05-01"),
    )
    return PartnerRanker(directory(rows, [profile, other]))


def ids(found: Suggestions) -> list[str]:
    return [one.id for one in found.towns]


def test_the_team_is_never_suggested_and_ranks_count(ranker: PartnerRanker, profile: Profile) -> None:
    found = ranker.rank(profile, given=["BE-gent"], today=TODAY, count=40)
    assert found.team == ("DE-krefeld", "BE-gent")
    assert not {"DE-krefeld", "BE-gent"} & set(ids(found))
    assert [one.rank for one in found.towns] == list(range(1, 41))
    assert found.considered == len(ranker.directory.places) - 2


def test_newcomers_are_mixed_in_as_wished(ranker: PartnerRanker, profile: Profile) -> None:
    for wish in (0, 3, 10):
        found = ranker.rank(profile, today=TODAY, count=20, newcomers=wish)
        assert sum(one.newcomer for one in found.towns[:10]) == wish
        assert sum(one.newcomer for one in found.towns) == 2 * wish
    assert all("projects" in one.unknown for one in found.towns)


def test_partners_and_shared_projects_come_up_with_what_they_rest_on(
    ranker: PartnerRanker, profile: Profile
) -> None:
    found = {one.id: one for one in ranker.rank(profile, today=TODAY, count=300, newcomers=None).towns}
    venlo, troyes = found["NL-venlo"], found["FR-troyes"]
    assert [one.why for one in venlo.grounds] == ["partnership", "place"]
    assert venlo.because[0].reason == "together before"
    assert (troyes.grounds[0].name, troyes.grounds[0].why, troyes.grounds[0].year) == ("X1", "together", 2024)
    assert troyes.grounds[0].url == "https://example.org/x1"
    assert (troyes.projects, troyes.led) == (1, 1)


def test_later_projects_are_not_seen(ranker: PartnerRanker, profile: Profile) -> None:
    def lens(today: dt.date) -> list[str]:
        found = ranker.rank(profile, today=today, count=5000, newcomers=None)
        town = next(one for one in found.towns if one.id == "FR-lens")
        return [one.name for one in town.grounds]

    assert "X2" not in lens(TODAY)
    assert "X2" in lens(dt.date(2028, 1, 1))


def test_shared_networks_are_told_but_do_not_rank(
    ranker: PartnerRanker, profile: Profile, make_profile: MakeProfile
) -> None:
    found = {one.id: one for one in ranker.rank(profile, today=TODAY, count=5000).towns}
    assert found["DE-pirna"].networks == ("Shade",)
    assert "Shade" in wording.reasons(found["DE-pirna"])
    assert "networks" in found["FR-troyes"].unknown


def test_a_call_of_horizon_takes_the_weights_of_research(
    ranker: PartnerRanker, profile: Profile, make_call: Callable[..., Call]
) -> None:
    call = make_call("HORIZON-MISS-2027-CIT-01-01", programme="HORIZON", text="Climate-neutral cities.")
    with_call = ranker.rank(profile, call, today=TODAY, newcomers=None)
    assert with_call.call == call.identifier
    assert ids(with_call) != ids(ranker.rank(profile, today=TODAY, newcomers=None))
    missions = [
        one for one in with_call.towns if any(because.reason == "Mission city" for because in one.because)
    ]
    assert len(missions) >= 3


def test_an_encoder_compares_texts(ranker: PartnerRanker, make_profile: MakeProfile) -> None:
    city = {"name": "Krefeld", "country": "DE"}
    text = "Fast track to cleaner, healthier urban aerosols: retrofit filtration for brakes and tailpipes."
    own = make_profile("mine", city=city, text=text)
    encoded = replace(ranker, encoder=HashingEncoder(2048))
    found = {one.id: one for one in encoded.rank(own, today=TODAY, count=5000, newcomers=None).towns}
    valladolid = found["ES-valladolid"]
    assert ("AeroSolfd", "similar") in {(one.name, one.why) for one in valladolid.grounds}


def test_bad_input_is_named(ranker: PartnerRanker, profile: Profile, make_profile: MakeProfile) -> None:
    with pytest.raises(BadValue, match="XX-nowhere"):
        ranker.rank(profile, given=["XX-nowhere"], today=TODAY)
    with pytest.raises(BadValue, match="newcomers 11"):
        ranker.rank(profile, today=TODAY, newcomers=11)
    with pytest.raises(BadValue, match="DE-atlantis"):
        ranker.rank(make_profile("x", city={"name": "Atlantis", "country": "DE"}), today=TODAY)


def test_every_reason_has_words_in_every_language(ranker: PartnerRanker, profile: Profile) -> None:
    assert set(wording.REASON_TEXTS) == set(REASONS)
    found = ranker.rank(profile, today=TODAY, count=30)
    for one in found.towns:
        for language in languages():
            lines = [*wording.about(one, language), *wording.why(one, language)]
            assert all(lines)
            assert not any("{" in line for line in lines)
    assert wording.summary(found, "de")[0].startswith("30 von ")
    assert "sind 3 für" in wording.summary(found, "de")[1]


def test_suggestions_come_as_a_table(ranker: PartnerRanker, profile: Profile) -> None:
    found = ranker.rank(profile, today=TODAY, count=30)
    table = suggestions_frame(found, "de")
    assert list(table.columns) == list(SUGGESTION_COLUMNS)
    assert table["id"].tolist() == ids(found)
    assert table["newcomer"].sum() == 9
    assert set(table["would_lead"]) <= {"yes", "no", "unknown"}
    assert not table["why"].str.contains(" is ").any()


def test_peers_are_towns_with_profiles_whose_offers_meet(
    ranker: PartnerRanker, profile: Profile, make_profile: MakeProfile
) -> None:
    assert ranker.rank(profile, today=TODAY).peers == ()
    text = "## What we need\n\nOpen measurements.\n\n## What we offer\n\nMoney for planting."
    fitting = make_profile("fitting", city={"name": "Ghent", "country": "BE"}, text=text, role="partner")
    far = make_profile("far", city={"name": "Lyon", "country": "FR"}, text="Nothing of the kind.")
    own = PartnerRanker(directory(read_facts(), [profile, fitting, far]), HashingEncoder(1024))
    (peer,) = own.rank(profile, today=TODAY).peers
    assert (peer.id, peer.would_lead, [one.ours for one in peer.exchanges]) == (
        "BE-gent",
        Answer.NO,
        [False, True],
    )
    assert "its offer “Money for planting.” may meet your need" in "\n".join(wording.why(peer))
    assert own.suggestion(profile, "BE-gent", today=TODAY).exchanges == peer.exchanges


def test_a_page_of_a_network_is_named_with_its_address(ranker: PartnerRanker, profile: Profile) -> None:
    grounds = ranker.suggestion(profile, "DK-aarhus", today=TODAY).grounds
    (page,) = [one for one in grounds if one.why == "network"]
    assert page.name == "Intelligent Cities Challenge"
    assert (page.url or "").startswith("https://")


@pytest.fixture
def folder(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vie-match.toml").write_text(
        f'profiles = "{root / "profiles"}"\ncalls = "{root / "calls"}"\nmodel = "hashing"\n'
        f'cache = "{tmp_path / "cache"}"\n',
        encoding="utf-8",
    )
    return tmp_path


def run(*words: str) -> None:
    assert main.COMMANDS
    app(list(words), standalone_mode=False)


@pytest.mark.usefixtures("folder")
def test_the_command_prints_suggestions(capsys: pytest.CaptureFixture[str]) -> None:
    run(
        *("partners", "krefeld-hitze", "--with", "Munich", "--with", "utrecht-digitale-tweeling"),
        *("--top", "3", "--today", "2026-12-01", "--format", "json"),
    )
    told = json.loads(capsys.readouterr().out)
    assert told["team"] == ["DE-krefeld", "DE-munchen", "NL-utrecht"]
    assert [one["rank"] for one in told["towns"]] == [1, 2, 3]
    run("partners", "krefeld-hitze", "--top", "2", "--today", "2026-12-01", "--language", "de")
    assert "Beruht auf" in capsys.readouterr().out
    run("partners", "krefeld-hitze", "--top", "2", "--today", "2026-12-01", "--format", "csv")
    assert capsys.readouterr().out.startswith("rank,id,city,country,inhabitants,km,projects,led,why")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("krefeld-hitz",), "did you mean krefeld-hitze"),
        (("krefeld-hitze", "--with", "Xyzzy"), "no town 'Xyzzy'"),
        (("krefeld-hitze", "--call", "NO-CALL"), "no call 'NO-CALL'"),
    ],
)
def test_the_command_names_what_it_does_not_know(words: tuple[str, ...], found: str) -> None:
    with pytest.raises(BadValue, match=found):
        run("partners", *words)
