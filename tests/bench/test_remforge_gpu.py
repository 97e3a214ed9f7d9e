import json
import subprocess
import sys


def test_the_benchmark_of_models_runs_through_on_tiny_ones() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.remforge_gpu", "--device", "cpu", "--threads", "1", "--small"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["case"] for row in rows] == [
        "clip-vit-b-32-image",
        "clip-vit-b-32-caption",
        "clip-vit-l-14-image",
        "deberta-v3-base-affect",
    ]
    for row in rows:
        assert min(row["one_by_one_per_s"], row["batched_per_s"], row["batcher_per_s"], row["peak_mb"]) > 0
        assert row["gflop_per_item"] > 0
        assert 0 < row["of_ceiling"] < 1
        assert row["farthest_from_one_by_one"] < 1e-4
        assert (row["with_decoding_per_s"] is None) == (not row["case"].endswith("image"))
