"""Kept traces in other forms: what the process that writes them may have, and how many there are."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from jobs.errors import Overloaded, StoreUnavailable
from jobs.model import Job, NewJob, State
from stores.artifacts import FileArtifacts, JobFiles
from stores.identity import Quotas
from stores.memory import MemoryJobs
from stores.memory_identity import MemoryTenants
from web.quotas import TenantQuotas
from web.refusals import StorageExceeded
from web.storage import Storage
from web.trace_export import AT_ONCE, ENDINGS, TraceExports, environment

INPUTS = ("file", "traces", "group", "plaintext")
"""Names that the forms or their writers give to something else, but for the last."""
Make = Callable[..., tuple[TraceExports, Job]]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Return how exports are made of a campaign of 1 KiB of traces, for a tenant with so much room."""

    def exports(*, room: int | None = None) -> tuple[TraceExports, Job]:
        jobs, files, tenants = MemoryJobs(), JobFiles(tmp_path, "campaigns"), MemoryTenants()
        inputs = [{"name": name, "length": 4} for name in INPUTS]
        params = {"target": {"inputs": inputs}, "keep_traces": True}
        jobs.submit(NewJob("c", "campaign", params, "default"))
        job = Job("c", "campaign", State.SUCCEEDED, params, "default", 5, datetime.now(UTC))
        folder = files.folder("c")
        np.save(folder / "traces.npy", np.ones((16, 16), np.float32))
        np.save(folder / "inputs.npy", np.arange(16 * 16, dtype=np.uint8).reshape(16, 16))
        np.save(folder / "groups.npy", np.zeros(16, np.uint8))
        quotas = TenantQuotas(tenants, Quotas(storage_bytes=room))
        return TraceExports(files, Storage(FileArtifacts(tmp_path), [files], jobs, quotas)), job

    return exports


def test_inputs_whose_names_the_forms_use_themselves_are_called_otherwise(make: Make) -> None:
    exports, job = make()

    with np.load(exports.path(job, "npz")) as arrays:
        assert sorted(arrays) == ["group", "input_file", "input_group", "input_traces", "plaintext", "traces"]
        assert arrays["input_group"][0].tolist() == [8, 9, 10, 11]
        assert arrays["traces"].shape == (16, 16)


def test_what_writes_knows_no_setting_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASEIN_REDIS_URL", "redis://:secret@redis")
    monkeypatch.setenv("ANYTHING", "else")

    assert not {"DASEIN_REDIS_URL", "ANYTHING"} & set(environment())


def test_a_tenant_without_room_gets_no_export_and_nothing_is_left(make: Make, tmp_path: Path) -> None:
    exports, job = make(room=2500)

    with pytest.raises(StorageExceeded):
        exports.path(job, "ets")

    assert not [path.name for path in (tmp_path / "campaigns" / "c").iterdir() if "export" in path.name]


@pytest.mark.parametrize(("asked", "at_once"), [(list(ENDINGS)[: AT_ONCE + 1], AT_ONCE), (["npz", "npz"], 1)])
def test_who_asks_for_the_same_or_for_too_much_at_once_is_asked_to_come_again(
    make: Make, asked: list[str], at_once: int
) -> None:
    exports, job = make()

    def made(form: str) -> bool:
        try:
            exports.path(job, form)  # type: ignore[arg-type]  # of ENDINGS
        except Overloaded:
            return False
        return True

    with ThreadPoolExecutor(len(asked)) as threads:
        found = list(threads.map(made, asked))

    assert found.count(True) == at_once
    assert all(made(form) for form in asked)


def test_an_export_that_fails_gives_its_place_back(make: Make, tmp_path: Path) -> None:
    exports, job = make()
    (tmp_path / "campaigns" / "c" / "groups.npy").write_bytes(b"none")

    for _ in range(AT_ONCE + 1):
        with pytest.raises(StoreUnavailable, match="could not be written"):
            exports.path(job, "npz")
