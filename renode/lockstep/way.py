"""Records that are worked through, one after the other, for one batch of lanes after the other."""

import ctypes
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from renode.lockstep import arena, kernels, kernels_access, kernels_batch, kernels_tally
from renode.lockstep.arena import Arena
from renode.lockstep.frame import Frame
from renode.lockstep.kernels import Form
from renode.lockstep.kernels_batch import RECORD_BYTES
from renode.lockstep.objects import Objects

_BUILDERS: dict[str, Callable[[Frame, Form], None]] = {
    "check": kernels_access.check,
    "table": kernels_access.table,
    "permute": kernels_access.permute,
    "gather": kernels_access.gather,
    "scatter": kernels_access.scatter,
    "begin": kernels_batch.begin,
    "finish": kernels_batch.finish,
    "take": kernels_batch.take,
    "give": kernels_batch.give,
    "word": kernels_batch.word,
    "tile": kernels_batch.tile,
    "relive": kernels_tally.relive,
    "count8": kernels_tally.count8,
    "count16": kernels_tally.count16,
    "flush": kernels_tally.flush,
}
MOST_FORMS = 2048
"""Kernels of one program: each that is new takes 20 ms or so to make."""
MOST_FUNCTIONS = 8192
"""Loaded in one process, 12 KB each, before it begins anew: single ones cannot be unloaded."""
_RUN = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 4, ctypes.c_int64)


def host_objects(*, most: int = MOST_FUNCTIONS) -> Objects:
    """Return the machine code for this process's CPU: what was loaded before, while that is no more than `most`."""
    if _host().count > most:
        _host.cache_clear()
    return _host()


@cache
def _host() -> Objects:
    return Objects()


def module_of(form: Form, lanes: int) -> str:
    """Return the module of a form's kernel."""
    if form.work not in _BUILDERS:
        return kernels.build(form, lanes).text()
    frame = Frame(named(form, lanes), lanes)
    _BUILDERS[form.work](frame, form)
    return frame.text()


def named(form: Form, lanes: int) -> str:
    """Return the name of a form's function."""
    return f"{form.name}_x{lanes}"


class Way:
    """Records on one arena, and the functions that they are for."""

    def __init__(self, objects: Objects, place: Arena, records: Sequence[tuple[Form, dict[int, int]]]) -> None:
        """Write the records and load their functions, making those that are not yet there.

        Raise ValueError where there are too many different ones.
        """
        self._arena = place
        self._objects = objects  # code goes when they go
        # By identity: thousands of records share a few objects, and to compare forms takes long.
        distinct = {id(form): form for form, _ in records}
        if len(distinct) > MOST_FORMS:
            raise ValueError(f"{len(distinct)} different kernels are more than {MOST_FORMS}")
        numbers = {known: number for number, known in enumerate(distinct)}
        forms = self.forms = list(distinct.values())
        """By the number in the records."""
        self.records = np.zeros((len(records), RECORD_BYTES // 4), np.uint32)
        """[records, 8] the form's number and the fields."""
        self.records[:, 0] = [numbers[id(form)] for form, _ in records]
        for field in range(1, RECORD_BYTES // 4):
            self.records[:, field] = [fields.get(field, 0) for _, fields in records]
        runner = f"run_x{place.lanes}"
        builders = {named(form, place.lanes): _builder(form, place.lanes) for form in forms}
        builders[runner] = lambda: kernels_batch.runner(runner, place.lanes)
        addresses = objects.addresses(builders)
        self._call = _RUN(addresses[runner])
        self.functions = np.array([addresses[named(form, place.lanes)] for form in forms], np.uint64)
        """[forms] where their functions are."""

    def go(self, order: npt.NDArray[np.int32]) -> None:
        """Work through all records for each of the batches of `order` [batches, lanes]."""
        if len(self.records):
            self._arena.set(arena.ORDER, order.ctypes.data)
            first = self.records.ctypes.data
            arrays = (first, self.functions.ctypes.data, first + self.records.nbytes)
            self._call(self._arena.address, *arrays, len(order))


def _builder(form: Form, lanes: int) -> Callable[[], str]:
    return lambda: module_of(form, lanes)
