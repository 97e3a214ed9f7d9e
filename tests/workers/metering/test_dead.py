"""What processes have counted that are gone."""

from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.multiprocess import MultiProcessCollector

from workers.metering.dead import gather

GONE, MORE, ALIVE = 11, 12, 13


def counted(folder: Path, kind: str, pid: int, value: float) -> None:
    """Leave a file as a process of prometheus_client does."""
    file = MmapedDict(str(folder / f"{kind}_{pid}.db"))  # type: ignore[no-untyped-call]  # the library has no types
    name = kind.partition("_")[0]
    file.write_value(mmap_key(name, name, [], [], "help"), value, 0.0)  # type: ignore[no-untyped-call]  # the library's
    file.close()  # type: ignore[no-untyped-call]  # the library's


def read(folder: Path, name: str) -> float | None:
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(folder))  # type: ignore[no-untyped-call]  # the library's
    return registry.get_sample_value(name)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.db"))


def test_what_only_grows_is_kept_in_one_file(tmp_path: Path) -> None:
    for pid, value in ((GONE, 2), (MORE, 3), (ALIVE, 4)):
        counted(tmp_path, "counter", pid, value)

    gather(tmp_path, is_alive=lambda pid: pid == ALIVE)
    gather(tmp_path, is_alive=lambda pid: pid == ALIVE)

    assert names(tmp_path) == ["counter_0.db", "counter_13.db"]
    assert read(tmp_path, "counter") == 9


def test_more_that_is_gone_is_added_to_it(tmp_path: Path) -> None:
    counted(tmp_path, "counter", GONE, 2)
    gather(tmp_path, is_alive=lambda _: False)
    counted(tmp_path, "counter", GONE, 5)

    gather(tmp_path, is_alive=lambda _: False)

    assert names(tmp_path) == ["counter_0.db"]
    assert read(tmp_path, "counter") == 7


def test_what_was_true_of_a_process_ends_with_it(tmp_path: Path) -> None:
    counted(tmp_path, "gauge_livesum", GONE, 2)
    counted(tmp_path, "gauge_livesum", ALIVE, 3)

    gather(tmp_path, is_alive=lambda pid: pid == ALIVE)

    assert names(tmp_path) == ["gauge_livesum_13.db"]
    assert read(tmp_path, "gauge") == 3


def test_a_file_that_was_only_opened_keeps_no_scrape_from_an_answer(tmp_path: Path) -> None:
    counted(tmp_path, "counter", MORE, 2)
    (tmp_path / f"counter_{GONE}.db").touch()

    gather(tmp_path, is_alive=lambda _: False)

    assert names(tmp_path) == ["counter_0.db"]
    assert read(tmp_path, "counter") == 2
