"""One picture to its vector: a new process for each file, as scripts do it, against the resident decoders and model host.

Both read the same CLIP of the size of ViT-B/32 from the same folder. The new process may use all processors; the host uses one.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from bench.remforge_pictures import photo
from bench.remforge_world import Host, decoders, kept, model_host, tell
from stores.vectors import FloatArray
from workers.remforge.decoding import Wanted
from workers.remforge.inference import Role
from workers.remforge.media.pool import DecoderPool
from workers.remforge.models.model import Spec

BENCH = "remforge-resident"
SIZE = (1920, 1080)
NEW, EACH, WARM = 5, 8, 3
"""New processes, pictures of the resident one for each of them, and such as are not counted."""
SCRIPT = """
import json, sys
import torch
from PIL import Image
from transformers import CLIPModel, CLIPProcessor

folder, path = sys.argv[1:]
model = CLIPModel.from_pretrained(folder).eval()
processor = CLIPProcessor.from_pretrained(folder)
with torch.inference_mode():
    pixels = processor(images=Image.open(path), return_tensors="pt")
    vector = model.get_image_features(**pixels).pooler_output[0]
print(json.dumps((vector / vector.norm()).tolist()))
"""


def run() -> None:
    """Print the median time of a file, both ways, in turns, so that what else the machine does meets both."""
    folder = kept("clip-vit-b-32", make_clip)
    with (
        tempfile.TemporaryDirectory() as name,
        decoders(1) as pool,
        model_host(Spec(Role.IMAGE, str(folder))) as host,
    ):
        paths = [photo(Path(name) / f"{number}.jpg", size=SIZE, seed=number) for number in range(NEW * EACH + WARM)]
        for path in paths[NEW * EACH :]:
            resident(pool, host, path)
        host.settle()
        before = host.models.counts
        anew_s: list[float] = []
        held_s: list[float] = []
        apart = 0.0
        for start in range(0, NEW * EACH, EACH):
            theirs = timed(anew_s, partial(new_process, folder, paths[start]))
            ours = [timed(held_s, partial(resident, pool, host, path)) for path in paths[start : start + EACH]]
            apart = max(apart, float(np.abs(ours[0] - theirs).max()))
        hits = host.models.counts.hits - before.hits
    tell(
        BENCH,
        "1080p-to-vector",
        new_process_s=round(statistics.median(anew_s), 3),
        resident_ms=round(1000 * statistics.median(held_s), 1),
        resident_p95_ms=round(1000 * statistics.quantiles(held_s, n=20)[18], 1),
        resident_over_new=round(statistics.median(anew_s) / statistics.median(held_s), 1),
        target=20,
        new_processes=len(anew_s),
        residents=len(held_s),
        cache_hits=hits,
        farthest_numbers=round(apart, 4),
    )


def make_clip(folder: Path) -> None:
    """Make the model."""
    random_models: Any = import_module("bench.random_models")
    random_models.make_clip_b32(folder)


def new_process(folder: Path, path: Path) -> FloatArray:
    """Return the vector of a picture from a process that ends with it; nothing is looked for on the network."""
    told = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder), str(path)],
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        check=True,
        capture_output=True,
    )
    return np.array(json.loads(told.stdout), np.float32)


def resident(pool: DecoderPool, host: Host, path: Path) -> FloatArray:
    """Return the vector of a picture as a worker has it made."""
    card = host.models.card(Role.IMAGE)
    if card is None or card.view is None:
        raise RuntimeError(host.models.why_not(Role.IMAGE))
    decoded = pool.decode(path, name=path.name, media_type="image/jpeg", wanted=Wanted((card.view,)))
    [output] = host.run(Role.IMAGE, [decoded.views[card.view][0]])
    if output.vector is None:
        raise TypeError(output)
    return output.vector


def timed(times_s: list[float], work: Callable[[], FloatArray]) -> FloatArray:
    """Return what `work` returns; note how long it took."""
    began = time.perf_counter()
    result = work()
    times_s.append(time.perf_counter() - began)
    return result
