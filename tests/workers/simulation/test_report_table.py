import csv
import io

from tests.workers.simulation.reports import renamed, synthetic
from workers.simulation.report_table import HEADER, to_csv


def table(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline=""), strict=True))


def test_there_is_one_row_per_instruction_under_the_documented_header() -> None:
    report = synthetic()

    data = to_csv(report)

    assert data.startswith((",".join(HEADER) + "\r\n").encode())
    assert [row["address"] for row in table(data)] == [f"0x{row.place.address:08x}" for row in report.rows]


def test_the_numbers_are_those_of_the_report() -> None:
    report = synthetic()
    source = report.rows[30]

    row = table(to_csv(report))[30]

    assert float(row["max_abs_t1"]) == source.max_abs_t1
    assert float(row["max_abs_rho"]) == source.max_abs_rho
    assert (row["executions"], row["rho_byte"], row["line"]) == (
        str(source.executions),
        str(source.rho_byte),
        str(source.place.line),
    )


def test_severity_is_that_of_the_worst_finding_of_the_instruction() -> None:
    report = synthetic()
    first = report.findings[0]

    rows = {row["address"]: row for row in table(to_csv(report))}

    assert rows[f"0x{first.place.address:08x}"]["severity"] == first.severity
    assert {row["severity"] for row in rows.values() if row["public_reason"]} == {""}


def test_infinite_values_are_inf_and_absent_ones_empty() -> None:
    infinite = table(to_csv(synthetic("noiseless")))
    absent = table(to_csv(synthetic("no-cpa")))

    assert {row["max_abs_t1"] for row in infinite if row["deterministic"] == "true"} == {"inf"}
    assert {row["max_abs_rho"] for row in absent} == {""}


def test_names_with_separators_and_quotes_stay_in_their_cell() -> None:
    name = 'a,"b"\r\nc;=cmd|x'

    rows = table(to_csv(renamed(synthetic(), name)))

    assert {row["function"] for row in rows} == {name}
    assert len(rows) == len(synthetic().rows)
