"""Walking folders: every file once, in order, and what is not read is named with its reason."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from index.errors import UsageError
from index.records import Skipped
from index.walk import File, walk


def write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("words", encoding="utf-8")


def files(*paths: Path) -> list[str]:
    return [found.relative for found in walk(paths) if isinstance(found, File)]


def reasons(*paths: Path) -> dict[str, str]:
    return {Path(found.path).name: found.reason for found in walk(paths) if isinstance(found, Skipped)}


def test_a_folder_is_walked_in_order_with_paths_relative_to_it(tmp_path: Path) -> None:
    write(tmp_path, "b.txt", "a/2.html", "a/1.jsonl.gz", "c.CSV", "README")
    assert files(tmp_path) == ["README", "a/1.jsonl.gz", "a/2.html", "b.txt", "c.CSV"]


def test_a_single_file_is_relative_to_its_folder(tmp_path: Path) -> None:
    write(tmp_path, "a/one.txt")
    (found,) = walk([tmp_path / "a" / "one.txt"])
    assert found == File(tmp_path / "a" / "one.txt", "one.txt", tmp_path / "a")


def test_a_file_given_twice_is_read_once(tmp_path: Path) -> None:
    write(tmp_path, "one.txt")
    assert files(tmp_path, tmp_path / "one.txt", tmp_path / "." / "one.txt") == ["one.txt"]


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path, ".git/config.txt", ".DS_Store", "Thumbs.db", "one.txt")
    assert list(map(type, walk([tmp_path]))) == [File]


def test_what_is_not_read_is_named_with_its_reason(tmp_path: Path) -> None:
    write(tmp_path, "report.doc", "photo.jpg", "archive.tar.gz")
    (tmp_path / "nothing.txt").touch()
    assert reasons(tmp_path) == {
        "report.doc": "Word of before 2007 is not read yet",
        "photo.jpg": "unknown format .jpg",
        "archive.tar.gz": "tar is not read yet",
        "nothing.txt": "empty file",
    }


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a system with FIFOs")
def test_a_fifo_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert reasons(tmp_path) == {"pipe.txt": "not a regular file"}


def test_links_are_named_and_not_followed(tmp_path: Path) -> None:
    write(tmp_path, "in/one.txt", "secret.txt")
    (tmp_path / "in" / "loop").symlink_to(tmp_path / "in", target_is_directory=True)
    (tmp_path / "in" / "out.txt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "in" / "gone.txt").symlink_to(tmp_path / "nowhere")
    assert files(tmp_path / "in") == ["one.txt"]
    assert set(reasons(tmp_path / "in")) == {"loop", "out.txt", "gone.txt"}


def test_a_link_that_is_given_itself_is_read_under_its_own_name(tmp_path: Path) -> None:
    write(tmp_path, "real/one.txt")
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    (found,) = walk([tmp_path / "link"])
    assert isinstance(found, File)
    assert found.path == tmp_path / "link" / "one.txt"


def test_a_name_that_is_not_text_is_skipped_with_a_printable_path(tmp_path: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff.txt")).write_text("words", encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes text names only")
    (found,) = walk([tmp_path])
    assert isinstance(found, Skipped)
    found.path.encode("utf-8")


def test_a_path_that_does_not_exist_is_a_usage_error_before_anything_is_read(tmp_path: Path) -> None:
    write(tmp_path, "one.txt")
    with pytest.raises(UsageError, match="no file or folder"):
        next(walk([tmp_path, tmp_path / "missing"]))
