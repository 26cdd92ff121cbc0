"""The disk is full at any moment of a change: it is said so, what was stored stays, and the rest follows."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from fault_material import CONTEXT, SCENES, Ready, assert_finished, assert_sound, prepare
from killed_child import run_with_little_room

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="limits of a process"),
]
# Bytes that any one file may have, and then any.
MOST = (1_000, 60_000, 300_000, 700_000, 1_200_000, 1_600_000, 2_400_000, 4_000_000, 0)
# Bytes that are free on the whole disk.
FREE = (20_000, 400_000, 1_200_000, 2_400_000, 3_600_000, 4_400_000, 4_600_000, 4_800_000, 5_000_000, 30_000_000)
FULL = "ArchiveError The disk is full"
CANNOT = "ArchiveError The disk cannot be read or written"  # SQLite says no more where a limit or a quota is reached
CHOSEN = {"first indexing", "adding", "rebuild", "adding on the page"}


@pytest.fixture(params=[scene for scene in SCENES if scene.name in CHOSEN], ids=lambda scene: scene.name)
def ready(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ready]:
    with TemporaryDirectory(prefix="byline-full-") as folder:
        yield prepare(request.param, Path(folder), tmp_path_factory.getbasetemp())


def change(ready: Ready, folder: Path, *, most: int = 0) -> str:
    """Make the change with little room; return what was said, the empty string where it ended well."""
    assert CONTEXT is not None
    said = ready.folder / "said.txt"
    said.unlink(missing_ok=True)
    given = (ready.scene.change, str(folder / "archive"), str(folder / "news"))
    child = CONTEXT.Process(target=run_with_little_room, args=given, kwargs={"told": str(said), "most": most})
    child.start()
    child.join(100)
    assert child.exitcode in (0, 3), "it was ended by a signal or a mistake"
    return said.read_text() if child.exitcode else ""


def test_with_too_little_room_for_a_file_it_is_said_and_with_more_the_change_is_finished(ready: Ready) -> None:
    ready.set_up()
    told = []
    for most in MOST:
        told.append(change(ready, ready.place, most=most))
        assert_sound(ready.scene, ready.place)
    assert told[-1] == ""
    assert any(told)
    assert all(not one or (one.startswith((FULL, CANNOT)) and "mend: " in one) for one in told)
    assert_finished(ready)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 MB, where this process may mount one."""
    mounted = tmp_path / "disk"
    mounted.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64m", "none", str(mounted)]
    if sys.platform != "linux" or os.getuid() or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("only root may mount a disk, and not everywhere")
    yield mounted
    subprocess.run(["umount", "--lazy", str(mounted)], check=True)


def leave_free(disk: Path, free: int) -> None:
    """Fill the disk but for so many bytes."""
    filler = disk / "filler"
    filler.unlink(missing_ok=True)
    room = shutil.disk_usage(disk).free
    filler.write_bytes(bytes(max(0, room - free)))


def test_a_full_disk_is_told_leaves_nothing_half_made_and_with_room_the_change_is_finished(
    ready: Ready, small_disk: Path
) -> None:
    # The files are known by their paths, so the archive is brought to the disk by a link.
    ready.set_up()
    shutil.copytree(ready.place / "archive", small_disk / "archive", dirs_exist_ok=True) if ready.scene.before else None
    shutil.rmtree(ready.place / "archive", ignore_errors=True)
    (small_disk / "archive").mkdir(exist_ok=True)
    (ready.place / "archive").symlink_to(small_disk / "archive")
    told = []
    for free in FREE:
        leave_free(small_disk, free)
        told.append(change(ready, ready.place))
        if not ready.scene.before:  # what is not even begun cannot be opened on a full disk
            leave_free(small_disk, FREE[-1])
        assert_sound(ready.scene, ready.place)
        generations = [path for path in (small_disk / "archive" / "vectors").glob("*") if path.is_dir()]
        assert len(generations) <= 2
    assert told[-1] == ""
    assert any(told)
    assert all(not one or (one.startswith(FULL) and "mend: free some space" in one) for one in told)
    assert_finished(ready)
