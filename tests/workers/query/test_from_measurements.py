"""Measurement files as knowledge."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from jobs.errors import Cancelled, InvalidInput, TooLarge
from jobs.ingestion import Format
from jobs.knowledge import PROPERTIES, Label, Link
from jobs.measurement import ENERGY, HAS_PC, Clock
from renode.records import ROW, Records
from stores.documents import Shelf
from tests.workers.query.knowledge import FIRMWARE, NOW, csv_of, measured, parquet_of
from workers.query.content import Content
from workers.query.from_measurements import from_measurements
from workers.query.measured import Sums
from workers.query.raw_records import raw_of
from workers.query.table import PIECE_ROWS, read_table
from workers.simulation.records_parquet import to_parquet

FORMS = {Format.CSV: csv_of, Format.PARQUET: parquet_of}


def read(data: bytes | Path, form: Format = Format.CSV, **changes: Any) -> Content:
    told: dict[str, Any] = {"name": "run", "known": lambda _: None, "created_at": NOW, "source": {}}
    return from_measurements(data, form, **{**told, "check": lambda: None, **changes})


def sizes(data: bytes, form: Format) -> list[int]:
    return [len(rows.codes) for rows in read_table(data, form)]


@pytest.mark.parametrize("form", FORMS)
def test_figures_of_an_instruction_are_those_of_its_records(form: Format) -> None:
    columns = measured(3000, 20)
    name = str(columns["instruction_id"][0])
    mine = columns["instruction_id"] == name

    content = read(FORMS[form](columns), form)

    told = next(node for node in content.nodes if node.id == name).properties
    energies = columns["energy"][mine] * 1e6
    assert told["sample_count"] == mine.sum()
    assert told["avg_energy"] == pytest.approx(energies.mean(), rel=1e-12)
    assert told["energy_sd"] == pytest.approx(energies.std(ddof=1), rel=1e-9)
    assert told["avg_temperature"] == pytest.approx(columns["temperature"][mine].mean(), rel=1e-6)
    assert told["max_latency"] == pytest.approx(columns["latency"][mine].max(), rel=1e-6)
    assert told["address"] == int(name[13:], 16)
    one = next(node for node in content.nodes if node.id == f"measurement:measurements:run|{name}")
    assert one.properties["timestamp"] == columns["timestamp"][mine].min()
    assert one.properties["energy_mean"] == told["avg_energy"]


@pytest.mark.parametrize("form", FORMS)
def test_profiles_are_mean_records_and_unavailable_channels_stay_so(form: Format) -> None:
    columns = measured(2000, 10)
    name = str(columns["instruction_id"][5])
    mine = columns["instruction_id"] == name

    profile = read(FORMS[form](columns), form).profiles[name]

    assert profile.shape == (72,)
    assert np.isnan(profile[4::8]).all()
    assert profile[2] == pytest.approx(columns["dim_2"][mine].mean(), rel=1e-5)


def test_the_order_of_the_records_and_the_size_of_the_pieces_change_nothing() -> None:
    columns = measured(8000, 30)
    order = np.random.default_rng(3).permutation(8000)
    # CSV is cut by its bytes as well, Parquet by its rows alone.
    mixed = csv_of({name: values[order] for name, values in columns.items()})
    ordered = parquet_of(columns)
    assert len(sizes(mixed, Format.CSV)) > 1
    assert sizes(ordered, Format.PARQUET) == [8000]

    one, two = read(mixed, Format.CSV), read(ordered, Format.PARQUET)

    assert {node.id for node in one.nodes} == {node.id for node in two.nodes}
    others = {node.id: node for node in two.nodes}
    for node in one.nodes:
        assert node.properties == pytest.approx(others[node.id].properties)
    pairs = [{(r.source, r.target) for r in c.relations if r.kind == Link.CORRELATES_WITH} for c in (one, two)]
    assert pairs[0] == pairs[1]


def test_short_lines_are_cut_by_their_number() -> None:
    lines = [b"%d,2,%s:%x\n" % (number, FIRMWARE[:12].encode(), number % 7) for number in range(20_000)]

    pieces = list(read_table(b"timestamp,energy,instruction_id\n" + b"".join(lines), Format.CSV))

    assert [len(rows.codes) for rows in pieces] == [PIECE_ROWS, 20_000 - PIECE_ROWS]
    assert (np.concatenate([rows.timestamps for rows in pieces]) == np.arange(20_000)).all()


def test_instructions_that_follow_one_wave_correlate_and_others_do_not() -> None:
    content = read(csv_of(measured(20_000, 30)))

    together = [each for each in content.relations if each.kind == Link.CORRELATES_WITH]

    index = {
        node.id: number
        for number, node in enumerate(
            sorted((node for node in content.nodes if node.label == Label.INSTRUCTION), key=lambda node: node.id)
        )
    }
    assert together
    for each in together:
        assert each.source < each.target
        assert index[each.source] % 3 == index[each.target] % 3 == 0
        assert float(each.properties["weight"] or 0) > 0.7
        assert int(each.properties["overlap"] or 0) >= 16


def test_patterns_part_the_instructions_by_their_distance_from_the_mean() -> None:
    content = read(csv_of(measured(20_000, 28)))

    spent = {n.id: n.properties["avg_energy"] for n in content.nodes if n.label == Label.INSTRUCTION}
    values = np.array(list(spent.values()))
    high = {name for name, value in spent.items() if value > values.mean() + values.std()}
    pattern = next(node for node in content.nodes if node.id == "pattern:measurements:run:HIGH")
    members = {each.source for each in content.relations if each.target == pattern.id}
    assert members == high
    assert len(members) == 4
    expected = np.corrcoef([name in high for name in spent], values)[0, 1]
    assert pattern.properties["correlation"] == pytest.approx(expected)


def test_raw_records_come_back_as_they_were() -> None:
    columns = measured(1300, 7)
    columns["instruction_id"][100:200] = ""

    content = read(csv_of(columns))
    # Read once: they are made as they are asked for.
    records = list(content.records[Shelf.MEASUREMENTS])
    blocks = [raw_of(record) for record in records]

    np.testing.assert_allclose(np.concatenate([block.timestamps for block in blocks]), columns["timestamp"])
    values = np.concatenate([block.values for block in blocks])
    np.testing.assert_allclose(values[:, 1], columns["energy"] * 1e6, rtol=1e-6)
    np.testing.assert_allclose(values[:, 3 + 71], columns["dim_71"], rtol=1e-6)
    names = [name for block in blocks for name in block.instructions]
    assert names == [str(name) or None for name in columns["instruction_id"]]
    assert any("100 of 1300 records" in warning for warning in content.warnings)
    assert {record.expires_at for record in records} == {NOW + 30 * 86400}


def test_every_property_is_one_of_the_vocabulary() -> None:
    content = read(csv_of(measured(500, 5)), firmware=FIRMWARE)

    assert {Label.INSTRUCTION, Label.MEASUREMENT} <= {node.label for node in content.nodes}
    for node in content.nodes:
        assert node.properties.keys() <= PROPERTIES[Label(node.label)].keys()
        assert None not in node.properties.values()


def test_a_firmware_is_the_one_given_or_the_one_that_is_known() -> None:
    data = csv_of(measured(50, 2))

    given = read(data, firmware=FIRMWARE)
    known = read(data, known={FIRMWARE[:12]: f"firmware:{FIRMWARE}"}.get)
    unknown = read(data)

    def firmwares(content: Content) -> set[Any]:
        return {node.properties.get("firmware") for node in content.nodes if node.label == Label.INSTRUCTION}

    assert firmwares(given) == firmwares(known) == {f"firmware:{FIRMWARE}"}
    assert firmwares(unknown) == {None}
    assert any(FIRMWARE[:12] in warning for warning in unknown.warnings)


def test_measurements_of_another_firmware_than_the_one_given_are_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        read(csv_of(measured(50, 2)), firmware="0" * 64)

    assert refused.value.field == "firmware"


def test_addresses_are_written_in_eight_digits() -> None:
    columns = measured(2, 1) | {"instruction_id": np.array([f"{FIRMWARE[:12]}:1FC", f"{FIRMWARE[:12].upper()}:0x1fc"])}

    content = read(csv_of(columns))

    assert list(content.profiles) == [f"{FIRMWARE[:12]}:000001fc"]


LINES = b"timestamp,energy,instruction_id\n1,2,\n"
HEADER, NAME = b"timestamp,energy,instruction_id", FIRMWARE[:12].encode() + b":100"
WRITTEN = {
    "byte order mark": b"\xef\xbb\xbf" + HEADER + b"\n-5,1e-6," + NAME + b"\n",
    "lines of Windows": HEADER + b"\r\n-5,1e-6," + NAME + b"\r\n",
    "lines of old": HEADER + b"\r-5,1e-6," + NAME + b"\r",
    "no last end": HEADER + b"\n-5,1e-6," + NAME,
    "quoted": b'"timestamp","energy","instruction_id"\n"-5","1e-6","' + NAME + b'"\n',
    "another order": b"instruction_id,timestamp,energy\n" + NAME + b",-5,1e-6\n",
}


@pytest.mark.parametrize("written", WRITTEN)
def test_a_csv_file_is_read_as_other_programs_write_it(written: str) -> None:
    content = read(WRITTEN[written])

    node = next(node for node in content.nodes if node.label == Label.MEASUREMENT)
    assert node.properties["timestamp"] == -5
    assert node.properties["energy_mean"] == pytest.approx(1)


BROKEN: list[tuple[bytes, str]] = [
    (b"", "cannot be read"),
    (b"\x00\x01\xff" * 99, "cannot be read|Unknown column"),
    (b"timestamp,energy,instruction_id\n", "no measurements"),
    (b"timestamp,energy,instruction_id,extra\n1,2,,3\n", "Unknown column: extra"),
    (b"timestamp,timestamp,energy,instruction_id\n1,1,2,\n", "timestamp is there twice"),
    (b"timestamp,instruction_id\n1,\n", "no column energy"),
    (LINES + b"3,abc,\n", "Column energy, row 2"),
    (LINES + b",3,\n", "Column timestamp, row 2"),
    (LINES + b"1,1e35,\n", "Column energy, row 2"),
    (LINES + b"1,inf,\n", "Column energy, row 2"),
    (LINES + b"1,2,main\n", "Column instruction_id, row 2"),
    (LINES + b"1,2,\xff\xfe\n", "Column instruction_id, row 2"),
    (LINES + b"1,2\n", "Row #3"),
    (LINES + b"1,2," + b"a" * 20_000_000 + b"\n", "A line has more than 8388608 bytes|instruction_id, row 2"),
]


@pytest.mark.parametrize(("data", "told"), BROKEN, ids=[told for _, told in BROKEN])
def test_a_broken_file_is_refused_with_the_place(data: bytes, told: str) -> None:
    with pytest.raises(InvalidInput, match=told) as refused:
        read(data)

    assert refused.value.field == "artifact"
    assert len(refused.value.message) < 400


def _damaged(spoil: Callable[[bytearray], None]) -> bytes:
    data = bytearray(parquet_of(measured(100, 3)))
    spoil(data)
    return bytes(data)


DAMAGED = {
    "cut": lambda data: data.__delitem__(slice(-40, None)),
    "footer": lambda data: data.__setitem__(slice(-60, -20), b"\xff" * 40),
    "pages": lambda data: data.__setitem__(slice(10, 600), b"\xee" * 590),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_parquet_file_is_refused(damage: str) -> None:
    with pytest.raises(InvalidInput):
        read(_damaged(DAMAGED[damage]), Format.PARQUET)


def test_text_where_numbers_should_be_is_refused_in_parquet() -> None:
    columns = measured(10, 2)
    sink = io.BytesIO()
    pa.parquet.write_table(pa.table(columns | {"energy": pa.array(["x"] * 10)}), sink)

    with pytest.raises(InvalidInput, match="Column energy"):
        read(sink.getvalue(), Format.PARQUET)


FIGURES = {"timestamp": [1.0, 2.0], "energy": [1e-6, 1e-6]}
BOMBS: dict[str, Callable[[], tuple[dict[str, Any], str]]] = {
    # One text of 500 KB, named 16,384 times: 8 GB when each is written out.
    "text": lambda: (
        {
            "timestamp": np.arange(16_384.0),
            "energy": np.ones(16_384),
            "instruction_id": pa.DictionaryArray.from_arrays(pa.array(np.zeros(16_384, np.int32)), ["a" * 500_000]),
        },
        "Column instruction_id, row 1: 'aaa",
    ),
    # Ten million absent values in each row.
    "list": lambda: (
        {
            **FIGURES,
            "instruction_id": ["", ""],
            "dim_0": pa.ListArray.from_arrays(
                pa.array([0, 10**7, 2 * 10**7], pa.int32()), pa.nulls(2 * 10**7, pa.float64())
            ),
        },
        "Column dim_0: it has list",
    ),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_parquet_file_that_is_huge_when_it_is_written_out_is_refused_before(bomb: str) -> None:
    columns, told = BOMBS[bomb]()
    sink = io.BytesIO()
    pa.parquet.write_table(pa.table(columns), sink)
    usual = pa.default_memory_pool()
    pool = pa.proxy_memory_pool(usual)
    pa.set_memory_pool(pool)

    try:
        with pytest.raises(InvalidInput, match=told):
            read(sink.getvalue(), Format.PARQUET)
    finally:
        pa.set_memory_pool(usual)

    assert pool.max_memory() < 100_000_000


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (pa.array([f"{FIRMWARE[:12]}:100", None]).dictionary_encode(), [f"{FIRMWARE[:12]}:00000100"]),
        (
            pa.DictionaryArray.from_arrays(pa.array([1, 1], pa.int8()), ["main", f"{FIRMWARE[:12]}:1"]),
            [f"{FIRMWARE[:12]}:00000001"],
        ),
        (pa.nulls(2), []),
        (pa.nulls(2, pa.string()), []),
    ],
    ids=["dictionary", "unused", "null", "empty"],
)
def test_names_may_be_kept_in_any_form_of_text(names: Any, expected: list[str]) -> None:
    sink = io.BytesIO()
    pa.parquet.write_table(pa.table({**FIGURES, "instruction_id": names}), sink)

    assert list(read(sink.getvalue(), Format.PARQUET).profiles) == expected


def test_a_file_of_very_many_firmwares_is_refused() -> None:
    lines = b"".join(b"1,2,%012x:0\n" % number for number in range(101))

    with pytest.raises(TooLarge, match="100 firmwares"):
        read(b"timestamp,energy,instruction_id\n" + lines)


@pytest.mark.parametrize("form", FORMS)
def test_too_many_rows_are_refused(form: Format) -> None:
    data = FORMS[form](measured(100, 3))

    assert sum(len(rows.codes) for rows in read_table(data, form, max_rows=100)) == 100
    with pytest.raises(TooLarge, match="99 rows"):
        list(read_table(data, form, max_rows=99))


def test_too_many_instructions_are_refused() -> None:
    rows = next(read_table(csv_of(measured(100, 10)), Format.CSV))

    Sums(max_instructions=10).add(rows)
    with pytest.raises(TooLarge, match="9 instructions"):
        Sums(max_instructions=9).add(rows)


def test_a_file_is_read_from_where_it_lies_and_reading_can_be_stopped(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    path.write_bytes(csv_of(measured(100, 3)))

    def stop() -> None:
        raise Cancelled("It was cancelled.")

    assert len(read(path).profiles) == 3
    with pytest.raises(Cancelled):
        read(path, check=stop)


def test_where_a_file_lies_is_not_told(tmp_path: Path) -> None:
    for form in FORMS:
        with pytest.raises(InvalidInput) as refused:
            read(tmp_path / "gone", form)

        assert str(tmp_path) not in refused.value.message


def test_a_file_without_energies_or_instructions_still_is_kept() -> None:
    content = read(b"timestamp,energy,instruction_id\n1,,\n2,,\n")

    assert not [node for node in content.nodes if node.label == Label.INSTRUCTION]
    assert sum(record.body["rows"] for record in content.records[Shelf.MEASUREMENTS]) == 2


def test_of_very_many_instructions_those_seen_most_are_compared() -> None:
    content = read(csv_of(measured(4000, 9)), compared=4)

    related = {
        end for each in content.relations if each.kind == Link.CORRELATES_WITH for end in (each.source, each.target)
    }
    assert len(related) <= 4
    assert any("9 instructions the 4" in warning for warning in content.warnings)


def test_the_recorders_parquet_is_taken_in_but_for_what_is_the_recorders_own() -> None:
    rows = np.zeros(100, ROW)
    rows["timestamp_ns"] = 10**9 + 50_000 * np.arange(100)
    rows["dim"] = np.arange(100)[:, None]
    rows["dim"][:10, ENERGY] = np.nan
    rows["ideal_uj"], rows["age_us"] = np.nan, 1.5
    rows["pc"], rows["flags"] = 0x0800_0100, HAS_PC
    name = "0123456789ab:08000100"

    content = read(to_parquet(Records(rows, 50_000, name[:12], clock=Clock.MONOTONIC)), Format.PARQUET)

    told = next(node for node in content.nodes if node.id == name).properties
    assert told["sample_count"] == 90
    assert told["avg_energy"] == pytest.approx(np.arange(10, 100).mean())
    one = next(node for node in content.nodes if node.id == f"measurement:measurements:run|{name}")
    assert one.properties["timestamp"] == 1.0
    assert content.source["rows"] == 100


def test_records_that_name_no_instruction_are_kept_and_said_to_count_for_none() -> None:
    rows = np.zeros(10, ROW)
    rows["timestamp_ns"] = 50_000 * np.arange(10)

    content = read(to_parquet(Records(rows, 50_000, clock=Clock.MONOTONIC)), Format.PARQUET)

    assert content.nodes == []
    assert content.warnings == ["10 of 10 records name no instruction: they are kept and count for none."]
