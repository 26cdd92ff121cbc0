from pathlib import Path

import pytest
import scale

from index.archive import Archive
from index.repair import check


@pytest.fixture(autouse=True)
def _small_world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scale, "VOCABULARY", 3000)


def test_a_made_up_archive_is_sound_and_found_exactly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scale.make(tmp_path / "made", 700)
    with Archive.open(tmp_path / "made") as archive:
        assert check(archive) == []
        assert archive.status().passages == 700
    told = scale.measure(tmp_path / "made", 3)
    assert {name: told[name]["as exact"] for name in scale.FILTERS} == dict.fromkeys(scale.FILTERS, 1.0)
    assert "no filter" in capsys.readouterr().out


def test_a_question_finds_the_passage_that_it_was_made_of(tmp_path: Path) -> None:
    scale.make(tmp_path / "made", 700)
    with Archive.open(tmp_path / "made") as archive:
        for asked in scale.make_questions(archive, 5):
            dense = [id for id, _ in archive.search_dense(asked.vector, limit=20)]
            words = [id for id, _ in archive.search_lexical(asked.text, limit=20)]
            assert set(dense) & set(words)
