import weakref

import pytest
import torch

from workers.remforge.models.model import OutOfMemory
from workers.remforge.models.torch_device import places, within_memory


def test_what_does_not_fit_ends_in_an_error_that_holds_nothing() -> None:
    held: list[weakref.ref[torch.Tensor]] = []

    def too_much() -> None:
        batch = torch.zeros(1000)
        held.append(weakref.ref(batch))
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB\nmore")

    with pytest.raises(OutOfMemory, match=r"2\.00 GiB") as caught:
        within_memory(too_much)

    assert held[0]() is None, "the frames of the failure are gone"
    assert caught.value.__context__ is None
    assert str(caught.value).endswith("GiB")


def test_other_errors_pass() -> None:
    with pytest.raises(ZeroDivisionError):
        within_memory(lambda: 1 / 0)


def test_a_model_on_the_cpu_keeps_all_its_digits_and_its_threads() -> None:
    (found,) = places("cpu", threads=1)

    assert (found.dtype_name, found.on_gpu) == ("float32", False)
    assert torch.get_num_threads() == 1
