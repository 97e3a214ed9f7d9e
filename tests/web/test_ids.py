"""Job ids."""

import os
from datetime import UTC, datetime, timedelta
from uuid import UUID

from web.ids import new_job_id

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)


def test_an_id_is_a_uuid_of_version_seven_that_carries_its_millisecond() -> None:
    job_id = new_job_id(NOON, os.urandom)

    parsed = UUID(job_id)
    assert (parsed.version, parsed.variant) == (7, "specified in RFC 4122")
    assert parsed.int >> 80 == int(NOON.timestamp() * 1000)


def test_ids_sort_by_the_time_of_submission() -> None:
    ids = [new_job_id(NOON + timedelta(milliseconds=step), os.urandom) for step in range(100)]

    assert ids == sorted(ids)


def test_ids_of_one_millisecond_differ_in_all_their_chance() -> None:
    lowest, highest = new_job_id(NOON, bytes), new_job_id(NOON, lambda count: b"\xff" * count)

    assert lowest[14:] == "7000-8000-000000000000"
    assert highest[14:] == "7fff-bfff-ffffffffffff"
