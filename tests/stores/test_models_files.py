import json
import stat
from pathlib import Path

import pytest

from jobs.errors import StoreUnavailable
from jobs.forging import ModelState, NodeModels
from stores.models_files import STALE_S, ModelFiles


def state(node: str, at: float = 1000.0) -> NodeModels:
    return NodeModels(
        node=node,
        at=at,
        pid=7,
        device="cpu",
        budget_bytes=100,
        used_bytes=10,
        cache_hits=1,
        cache_misses=2,
        models=(ModelState(role="image", source="wheel:a", state="unavailable", reason="It is away."),),
    )


def test_states_of_all_nodes_are_read_back_by_node(tmp_path: Path) -> None:
    files = ModelFiles(tmp_path)
    for node in ("b", "a"):
        files.write(state(node, at=1.0))
        files.write(state(node))

    assert files.read(1000.0 + STALE_S) == [state("a"), state("b")]
    assert stat.S_IMODE((tmp_path / "run" / "models-a.json").stat().st_mode) == 0o644
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == ["models-a.json", "models-b.json"]


def test_a_state_that_nobody_renews_is_left_out(tmp_path: Path) -> None:
    files = ModelFiles(tmp_path)
    files.write(state("a"))
    files.write(state("b", at=1001.0))

    assert [one.node for one in files.read(1000.5 + STALE_S)] == ["b"]


def test_a_host_that_ends_leaves_no_state(tmp_path: Path) -> None:
    files = ModelFiles(tmp_path)
    files.write(state("a"))

    files.remove("a")
    files.remove("a")

    assert files.read(1000.0) == []


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", json.dumps({"node": "b"}).encode()])
def test_what_is_no_state_is_left_out(tmp_path: Path, content: bytes) -> None:
    files = ModelFiles(tmp_path)
    files.write(state("a"))
    (tmp_path / "run" / "models-b.json").write_bytes(content)

    assert [one.node for one in files.read(1000.0)] == ["a"]


def test_where_no_host_ever_ran_there_is_nothing(tmp_path: Path) -> None:
    assert ModelFiles(tmp_path).read(0.0) == []


def test_a_folder_that_cannot_be_written_is_a_store_that_is_away(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("not a folder")

    with pytest.raises(StoreUnavailable):
        ModelFiles(tmp_path).write(state("a"))
