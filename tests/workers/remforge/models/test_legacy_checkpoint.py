import os
import pickle
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from workers.remforge.models.legacy_checkpoint import NotACheckpoint, read_checkpoint


def saved(path: Path, content: object, *, zipped: bool = False) -> Path:
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    return path


def test_tensors_are_read_as_torch_reads_them(tmp_path: Path) -> None:
    torch.manual_seed(7)
    whole = torch.randn(6, 4)
    tensors = OrderedDict(
        whole=whole,
        turned=whole.T,
        part=whole[2:5, 1:3],
        wide=torch.randn(3, 5, 1, 1).to(memory_format=torch.channels_last),
        count=torch.tensor(7),
    )
    path = saved(tmp_path / "weights.pth", tensors)

    found = read_checkpoint(path)

    assert list(found) == list(tensors)
    for name, tensor in tensors.items():
        np.testing.assert_array_equal(found[name], tensor.numpy())
        assert found[name].dtype == tensor.numpy().dtype


class _Runs:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return os.mkdir, (str(self.path),)


def test_nothing_in_a_file_is_run(tmp_path: Path) -> None:
    path = saved(tmp_path / "weights.pth", OrderedDict(one=_Runs(tmp_path / "made")))

    with pytest.raises(NotACheckpoint, match=r"mkdir"):
        read_checkpoint(path)

    assert not (tmp_path / "made").exists()
    torch.load(path, weights_only=False)
    assert (tmp_path / "made").exists(), "the file would have done something"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(["no table"], id="a list"),
        pytest.param(OrderedDict(one=3), id="a number"),
        pytest.param(OrderedDict(one=torch.zeros(2, dtype=torch.float64)), id="another dtype"),
        pytest.param(OrderedDict(one=torch.nn.Linear(2, 2)), id="a module"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*pickle.*")
def test_what_is_no_table_of_tensors_is_refused(tmp_path: Path, content: object) -> None:
    path = saved(tmp_path / "weights.pth", content)

    with pytest.raises(NotACheckpoint):
        read_checkpoint(path)


def test_a_zipped_or_cut_file_is_refused(tmp_path: Path) -> None:
    tensors = OrderedDict(one=torch.arange(100.0))
    zipped = saved(tmp_path / "zipped.pth", tensors, zipped=True)
    whole = saved(tmp_path / "whole.pth", tensors).read_bytes()
    cut = tmp_path / "cut.pth"

    with pytest.raises(NotACheckpoint):
        read_checkpoint(zipped)
    for length in range(0, len(whole), 37):
        cut.write_bytes(whole[:length])
        with pytest.raises(NotACheckpoint):
            read_checkpoint(cut)


def test_a_tensor_beyond_its_storage_is_refused(tmp_path: Path) -> None:
    content = saved(tmp_path / "weights.pth", OrderedDict(one=torch.arange(100.0))).read_bytes()
    shape = pickle.dumps((100,), protocol=2)[2:-3]
    assert content.count(shape) >= 1, "where the shape stands"
    longer = pickle.dumps((127,), protocol=2)[2:-3]
    (tmp_path / "longer.pth").write_bytes(content.replace(shape, longer))

    with pytest.raises(NotACheckpoint, match="storage"):
        read_checkpoint(tmp_path / "longer.pth")


def test_a_file_that_is_not_there_is_the_callers_matter(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        read_checkpoint(tmp_path / "none.pth")
