"""Files as other tools write them, and files that are hostile. Each form is also read by the confined child, as in production."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.errors import Cancelled, InvalidInput
from stores.artifacts import JobFiles
from tests.workers.simulation.conftest import Watched
from tests.workers.simulation.measured.conftest import npy, npz
from workers.simulation.measured import reader
from workers.simulation.measured.reading import Layout, read_traces
from workers.simulation.measured.source import MAX_TRACES, Limits, Refusal, Wanted, check_shape

RNG = np.random.default_rng(7)
TRACES = RNG.normal(size=(40, 30)).astype(np.float32)
PLAIN = RNG.integers(0, 256, (40, 16), dtype=np.uint8)
KEY = np.arange(16, dtype=np.uint8)
LIMITS = Limits(samples=10_000, stored_bytes=2**20)
Read = Callable[..., tuple[Layout, npt.NDArray[np.float32], npt.NDArray[np.uint8]]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Return how a file's bytes are taken in."""
    files = JobFiles(tmp_path, "campaigns")

    def take(
        data: bytes,
        form: str | None = None,
        *,
        names: dict[str, str] | None = None,
        window: tuple[int, int] | None = None,
        limits: Limits = LIMITS,
        attempt: Watched | None = None,
    ) -> tuple[Layout, npt.NDArray[np.float32], npt.NDArray[np.uint8]]:
        source = tmp_path / "source"
        source.write_bytes(data)
        wanted = Wanted(names or {}, window, limits)
        layout = read_traces(source, form, wanted, job="m", files=files, attempt=attempt or Watched())
        folder = files.folder("m")
        assert {path.name for path in folder.iterdir()} == {"traces.npy", "inputs.npy", "layout.json"}
        return layout, np.load(folder / "traces.npy"), np.load(folder / "inputs.npy")

    return take


def hdf5(fill: Callable[[h5py.File], object]) -> bytes:
    """Return an HDF5 file."""
    out = io.BytesIO()
    with h5py.File(out, "w") as file:
        fill(file)
    return out.getvalue()


def lascar(file: h5py.File) -> None:
    """Fill a file as lascar's container exports: leakages, and values with names."""
    file["leakages"] = TRACES
    values = np.zeros(len(TRACES), [("plaintext", "u1", (16,)), ("key", "u1", (16,))])
    values["plaintext"], values["key"] = PLAIN, KEY
    file["values"] = values


def ets(file: h5py.File) -> None:
    """Fill a file as estraces does: traces, a value a trace, and what all share."""
    file["traces"] = TRACES
    metadata = file.create_group("metadata")
    metadata["plaintext"] = PLAIN
    metadata.attrs["key"] = KEY


def ascad(file: h5py.File) -> None:
    """Fill a file with traces and a structure of values in a group."""
    group = file.create_group("Attack_traces")
    group.create_dataset("traces", data=(TRACES * 20).astype(np.int8), chunks=(5, 30), compression="gzip")
    metadata = np.zeros(len(TRACES), [("plaintext", "u1", (16,)), ("key", "u1", (16,))])
    metadata["plaintext"], metadata["key"] = PLAIN, KEY
    group["metadata"] = metadata


def project(**others: bytes) -> bytes:
    """Return a ChipWhisperer project of two segments, the second one disabled, as a ZIP archive."""
    text = "[Trace Management]\ntracefile0 = p_data/traces/config_a_.cfg\nenabled0 = True\n"
    text += "tracefile1 = p_data/traces/config_b_.cfg\nenabled1 = False\n"
    parts = {"traces": npy(TRACES.astype(np.float64)), "textin": npy(PLAIN), "knownkey": npy(KEY)}
    parts["keylist"] = npy(np.array(None, dtype=object), allow_pickle=True)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("p.cwp", text)
        for prefix in ("a_", "b_"):
            for name, data in (parts | others).items():
                archive.writestr(f"p_data/traces/{prefix}{name}.npy", data)
    return out.getvalue()


def two_segments(parts: dict[str, bytes]) -> bytes:
    """Return a project of two enabled segments: `a_` has traces and plaintexts, `b_` is among `parts`."""
    text = "".join(f"tracefile{n} = p_data/traces/config_{one}_.cfg\nenabled{n} = True\n" for n, one in enumerate("ab"))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("p.cwp", text)
        for name, data in ({"a_traces": npy(TRACES), "a_textin": npy(PLAIN)} | parts).items():
            archive.writestr(f"p_data/traces/{name}.npy", data)
    return out.getvalue()


def csv(separator: str = ",") -> bytes:
    """Return a table with a line of names."""
    lines = [separator.join(["plaintext", "key", *(f"s{index}" for index in range(30))])]
    for trace, plain in zip(TRACES, PLAIN, strict=True):
        cells = [plain.tobytes().hex(), KEY.tobytes().hex(), *(repr(float(value)) for value in trace)]
        lines.append(separator.join(cells))
    return "\r\n".join(lines).encode()


def parquet(**columns: Any) -> bytes:
    """Return a table of a list a trace."""
    table = {
        "samples": pa.FixedSizeListArray.from_arrays(pa.array(TRACES.ravel()), 30),
        "plaintext": pa.array([row.tobytes() for row in PLAIN], pa.binary(16)),
        "key": pa.array([KEY.tobytes().hex()] * len(TRACES)),
    }
    out = io.BytesIO()
    pq.write_table(pa.table(table | columns), out, row_group_size=7)
    return out.getvalue()


FILES = {
    "npz": npz({"traces": TRACES, "plaintext": PLAIN, "key": KEY}),
    "npz-other-names": npz({"waves": TRACES, "textin": PLAIN, "knownkey": KEY[np.newaxis]}),
    "hdf5-lascar": hdf5(lascar),
    "hdf5-ets": hdf5(ets),
    "chipwhisperer": project(),
    "csv": csv(),
    "csv-tabs": csv("\t"),
    "parquet": parquet(),
    "parquet-lists": parquet(samples=pa.array(TRACES.tolist(), pa.list_(pa.float32()))),
}


def blocks(data: bytes, **names: str) -> tuple[npt.NDArray[np.float32], dict[str, npt.NDArray[np.uint8]]]:
    """Return what a reader makes of a file, in this process."""
    opened = reader.read(io.BytesIO(data), None, Wanted(names, None, LIMITS))
    parts = list(opened.blocks)
    values = {name: np.concatenate([part.values[name] for part in parts]) for name in opened.values}
    return np.concatenate([part.samples for part in parts]), values


@pytest.mark.parametrize("name", FILES)
def test_traces_and_values_come_out_as_they_went_in(name: str) -> None:
    traces, values = blocks(FILES[name])

    np.testing.assert_array_equal(traces, TRACES)
    np.testing.assert_array_equal(values["plaintext"], PLAIN)
    np.testing.assert_array_equal(values["key"], np.broadcast_to(KEY, PLAIN.shape))


@pytest.mark.parametrize("name", ["npz", "hdf5-lascar", "chipwhisperer", "csv", "parquet"])
def test_a_confined_child_reads_every_form(read: Read, name: str) -> None:
    layout, traces, inputs = read(FILES[name])

    np.testing.assert_array_equal(traces, TRACES)
    np.testing.assert_array_equal(inputs[:, layout.columns("plaintext")], PLAIN)
    np.testing.assert_array_equal(inputs[:, layout.columns("key")], np.broadcast_to(KEY, PLAIN.shape))


def test_an_array_alone_has_traces_and_no_values() -> None:
    traces, values = blocks(npy(np.asfortranarray(TRACES)))

    np.testing.assert_array_equal(traces, TRACES)
    assert values == {}


def test_names_lead_into_groups_and_structures() -> None:
    names = {
        "samples": "Attack_traces/traces",
        "plaintext": "Attack_traces/metadata/plaintext",
        "key": "Attack_traces/metadata/key",
    }

    traces, values = blocks(hdf5(ascad), **names)

    np.testing.assert_array_equal(traces, (TRACES * 20).astype(np.int8))
    np.testing.assert_array_equal(values["plaintext"], PLAIN)


def test_a_disabled_segment_and_what_would_be_unpickled_are_left_out() -> None:
    opened = reader.read(io.BytesIO(project()), None, Wanted({}, None, LIMITS))

    assert opened.traces == 40
    assert opened.notes == ("not read: a_keylist.npy, which holds Python objects",)


def test_an_empty_segment_is_passed_over() -> None:
    empty = {"b_traces": npy(np.zeros(0)), "b_textin": npy(np.zeros((0, 16), np.uint8))}

    opened = reader.read(io.BytesIO(two_segments(empty)), None, Wanted({}, None, LIMITS))

    assert opened.traces == 40
    assert len(list(opened.blocks)) == 1


def test_what_a_segment_lacks_is_told() -> None:
    other = {"b_traces": npy(TRACES), "b_textin": npy(PLAIN), "b_textout": npy(PLAIN)}

    with pytest.raises(
        Refusal, match=r"a_\* have plaintext of 16 bytes, .*b_\* have ciphertext of 16 bytes"
    ) as refused:
        blocks(two_segments(other))

    assert refused.value.field == "values"


def test_a_window_is_cut_out(read: Read) -> None:
    layout, traces, _ = read(npy(TRACES), window=(10, 25))

    np.testing.assert_array_equal(traces, TRACES[:, 10:25])
    assert (layout.first_sample, layout.samples) == (10, 15)


def bomb() -> bytes:
    """Return an archive whose array says little and unpacks to far more."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        head = npy(np.zeros((4, 4), np.float32))
        archive.writestr("traces.npy", head + bytes(64 * 2**20))
    return out.getvalue()


def damaged(rows: int) -> bytes:
    """Return an archive that unpacks to other bytes than were packed; of few rows that shows in the head already."""
    data = npz({"traces": np.tile(TRACES, (rows, 1))})
    return data.replace(TRACES.tobytes()[-64:], bytes(64))


def lying(shape: str) -> bytes:
    """Return an array whose head announces another shape than its bytes have."""
    return npy(TRACES).replace(b"(40, 30)", shape.encode())


def external(file: h5py.File) -> None:
    """Point out of the file."""
    file["traces"] = h5py.ExternalLink("/etc/passwd", "/")


def soft(file: h5py.File) -> None:
    """Point at another place."""
    file["leakages"] = TRACES
    file["values"] = h5py.SoftLink("/leakages")


def stored_elsewhere(file: h5py.File) -> None:
    """Keep the bytes in another file."""
    file.create_dataset("traces", (40, 30), "f4", external=[("/etc/passwd", 0, h5py.h5f.UNLIMITED)])


def virtual(file: h5py.File) -> None:
    """Take the bytes from another file."""
    layout = h5py.VirtualLayout(shape=(40, 30), dtype="f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", shape=(40, 30))
    file.create_virtual_dataset("traces", layout)


def huge(file: h5py.File) -> None:
    """Announce far more than is there: chunks that were never written read as zeros."""
    file.create_dataset("traces", (2**30, 1000), "f4", chunks=(1, 1000))


def broken_off(file: h5py.File) -> None:
    """Make room for all traces and write some of them."""
    file.create_dataset("traces", (40, 30), "f4", chunks=(10, 30))[:30] = TRACES[:30]


def never_written(file: h5py.File) -> None:
    """Make room for all plaintexts and write none."""
    file["traces"] = TRACES
    file.create_dataset("plaintext", (40, 16), "u1")


def large_chunks(file: h5py.File) -> None:
    """Have a chunk that unpacks to more than is sensible."""
    file.create_dataset("traces", (30, 2**22), "f4", chunks=(30, 2**22), compression="gzip")


HOSTILE: dict[str, tuple[bytes, str]] = {
    "objects": (npy(np.array([{"a": 1}], dtype=object), allow_pickle=True), "pickled"),
    "objects-in-an-archive": (project(traces=npy(np.array([None], dtype=object), allow_pickle=True)), "pickled"),
    "more-rows-than-bytes": (lying("(90, 30)"), "cut"),
    "a-huge-shape": (lying("(9999999999, 30)"), "too-large"),
    "a-negative-shape": (lying("(-4, 30)"), "unreadable"),
    "code-in-the-head": (npy(TRACES).replace(b"(40, 30)", b"exit(9) "), "unreadable"),
    "a-cut-file": (npz({"traces": TRACES})[:-400], "unreadable"),
    "a-damaged-head": (damaged(1), "unreadable"),
    "a-damaged-array": (damaged(200), "unreadable"),
    "a-head-without-an-end": (npy(TRACES).replace(b"(40, 30), }", b"((((((((((("), "unreadable"),
    "a-long-cell": (b'"' + b"1" * 200_000 + b'",2\n', "unreadable"),
    "a-cut-array": (npy(TRACES)[:-1], "cut"),
    "complex": (npy(TRACES.astype(np.complex64)), "not-numbers"),
    "infinite": (npy(np.where(TRACES[3, 3] == TRACES, np.inf, TRACES)), "not-finite"),
    "three-dimensions": (npy(TRACES.reshape(40, 5, 6)), "not-traces"),
    "no-traces": (npz({"plaintext": PLAIN}), "no-traces"),
    "other-rows": (npz({"traces": TRACES, "plaintext": np.tile(PLAIN, (3, 1))}), "ragged"),
    "numbers-that-are-no-bytes": (npz({"traces": TRACES, "plaintext": PLAIN.astype(int) + 1}), "not-bytes"),
    "external-link": (hdf5(external), "external-link"),
    "soft-link": (hdf5(soft), "external-link"),
    "stored-elsewhere": (hdf5(stored_elsewhere), "external-link"),
    "virtual": (hdf5(virtual), "external-link"),
    "unwritten-chunks": (hdf5(huge), "too-large"),
    "broken-off": (hdf5(broken_off), "cut"),
    "never-written": (hdf5(never_written), "cut"),
    "large-chunks": (hdf5(large_chunks), "too-large"),
    "broken-hdf5": (hdf5(lascar)[:2000], "unreadable"),
    "broken-parquet": (parquet()[:-20] + bytes(20), "unreadable"),
    "a-list-is-shorter": (
        parquet(samples=pa.array([[1.0] * 30] * 39 + [[1.0]], pa.list_(pa.float32()))),
        "ragged",
    ),
    "a-cell-is-text": (csv().replace(b"\r\n", b"\r\n", 1)[:-4] + b"abc", "not-numbers"),
    "a-short-line": (csv() + b"\r\n00,11", "ragged"),
    "nothing": (b"", "unreadable"),
    "an-elf": (b"\x7fELF" + bytes(100), "unreadable"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_taken_in_is_refused_with_the_reason(name: str) -> None:
    data, reason = HOSTILE[name]

    with pytest.raises(Refusal) as refused:
        blocks(data)

    assert refused.value.reason == reason


@pytest.mark.parametrize("name", ["objects", "external-link"])
def test_the_reason_of_a_confined_child_comes_through(read: Read, name: str) -> None:
    data, reason = HOSTILE[name]

    with pytest.raises(InvalidInput) as refused:
        read(data)

    assert (refused.value.reason, refused.value.field) == (reason, "artifact")


def test_an_archive_is_read_no_further_than_its_head_says() -> None:
    traces, _ = blocks(bomb())

    assert traces.shape == (4, 4)


def test_more_than_may_be_stored_is_refused_before_it_is_read(read: Read) -> None:
    with pytest.raises(InvalidInput, match="4800 bytes as float32; the limit is 4000") as refused:
        read(npy(TRACES), limits=Limits(samples=10_000, stored_bytes=4000))

    assert refused.value.reason == "too-large"


def test_a_table_that_grows_beyond_the_limit_is_refused(read: Read) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(csv(), limits=Limits(samples=10_000, stored_bytes=2000))

    assert refused.value.reason == "too-large"


def test_a_name_that_the_file_does_not_have_is_told_with_those_that_it_has(read: Read) -> None:
    with pytest.raises(InvalidInput, match="no 'texts'; it has: key, plaintext, traces") as refused:
        read(FILES["npz"], names={"plaintext": "texts"})

    assert refused.value.field == "values.plaintext"


@pytest.mark.parametrize("names", [{"samples": "power"}, {"samples": "Attack_traces/power"}])
def test_a_dataset_that_is_not_there_is_told_with_what_is(names: dict[str, str]) -> None:
    with pytest.raises(Refusal) as refused:
        blocks(hdf5(ascad), **names)

    assert refused.value.field == "values.samples"
    assert refused.value.message.endswith("there are: Attack_traces.")


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("plaintext", np.zeros((40, 0), np.uint8), "values"),
        ("group", np.zeros((40, 0), np.uint8), "values"),
        ("group", np.zeros((40, 2), np.uint8), "values.group"),
    ],
)
def test_a_value_without_bytes_and_a_set_of_several_are_refused(
    read: Read, name: str, value: npt.NDArray[np.uint8], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(npz({"traces": TRACES, name: value}))

    assert refused.value.field == field


def test_a_table_of_too_many_short_traces_is_refused_before_it_is_read() -> None:
    with pytest.raises(Refusal) as refused:
        check_shape(MAX_TRACES + 1, 1, Limits(samples=1, stored_bytes=2**40))

    assert refused.value.reason == "too-many-traces"


def test_reading_stops_when_the_job_does(read: Read) -> None:
    with pytest.raises(Cancelled):
        read(FILES["npz"], attempt=Watched(stop=Cancelled("The job was cancelled.")))


def test_the_layout_is_kept_beside_the_traces(read: Read, tmp_path: Path) -> None:
    layout, _, _ = read(FILES["npz"])

    told = json.loads((tmp_path / "campaigns" / "m" / "layout.json").read_bytes())
    assert told["values"] == {"plaintext": [0, 16], "key": [16, 32]}
    assert layout.values["key"] == (16, 32)
