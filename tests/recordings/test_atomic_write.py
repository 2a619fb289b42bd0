"""A file is written whole or not at all."""

import errno

import pytest

from gatesviz.recordings import load, record
from gatesviz.recordings.atomic_write import write_whole
from tests.recordings.cases import Case


def full(_):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("method", ["save", "to_html"])
def test_a_full_disk_leaves_the_old_file(method, tmp_path, monkeypatch):
    path, recording = tmp_path / "file", record(Case().module(), Case().inputs())
    path.write_bytes(b"old")
    with monkeypatch.context() as disk:
        disk.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space left") as caught:
            getattr(recording, method)(path)
    assert caught.value.filename == str(path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
    getattr(recording, method)(path)
    assert path.stat().st_size > 1000
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_and_permissions_stay(tmp_path):
    path, link = tmp_path / "file", tmp_path / "link"
    path.write_bytes(b"old")
    path.chmod(0o640)
    link.symlink_to(path)
    write_whole(link, b"new")
    assert link.is_symlink()
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640


def test_no_folder_and_a_folder_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere") as caught:
        write_whole(tmp_path / "nowhere" / "file", b"")
    assert ".part" not in str(caught.value)
    with pytest.raises(IsADirectoryError):
        write_whole(tmp_path, b"")


def test_a_recording_replaces_the_one_it_was_loaded_from(tmp_path):
    record(Case().module(), Case().inputs()).save(tmp_path / "file")
    load(tmp_path / "file").save(tmp_path / "file")
    assert load(tmp_path / "file").layers == 1
