"""How much of a recording is speech: Silero's detector of voice on ONNX Runtime, on the CPU.

The file of its wheel that takes many windows at once is run, so that the windows' loop is in native code.
"""

import hashlib
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from jobs.rem import Model
from workers.encoders.built_model import session
from workers.remforge.decoding import RATE_HZ, Samples
from workers.remforge.inference import Card, Item, Output, Role
from workers.remforge.models.items import samples_of
from workers.remforge.models.model import ModelUnavailable
from workers.remforge.models.wheels import SPEECH, package_folder, package_version

FILE = "data/silero_vad_16k_sequence.onnx"
SHA256 = "9ccdacc4719d8aa7e45a77536bfabec45a03ba1f2fad5e241ab4060b24238a85"
"""Of the only file that is run."""
WINDOW, CONTEXT, STATE = 512, 64, (1, 1, 128)
"""Samples of a window, samples before it that are seen too, and the shape of what is remembered between windows."""
BLOCK = 512
"""Windows of a call, about 16 s."""
LIKELY = 0.5
"""From which probability on a window is speech: the threshold of the original."""
BUDGET = 600 * RATE_HZ
MEMORY_BYTES = 32 * 2**20
"""Measured."""


def speech_card() -> Card:
    """Return what the model is; raise ModelUnavailable where its file is not the one that was examined."""
    content = _content()
    model = Model(
        name=SPEECH, version=package_version(SPEECH), sha256=hashlib.sha256(content).hexdigest(), licence="MIT"
    )
    return Card(Role.SPEECH, model)


class OnnxSpeech:
    """Samples at 16 kHz to the share of windows with speech. Recordings run one by one, each from its beginning."""

    bytes = MEMORY_BYTES

    def __init__(self, card: Card, *, threads: int) -> None:
        self.card = card
        self._session = session(_content(), threads=threads)

    def bucket(self, item: Item) -> int:  # noqa: ARG002 - nothing is padded for its neighbours
        """Return the same for all recordings."""
        return 0

    def cost(self, item: Item) -> int:
        """Return how many samples it is."""
        return len(item)

    @property
    def budget(self) -> int:
        """Return how many samples a batch may have."""
        return BUDGET

    def prepare(self, items: Sequence[Item]) -> list[Samples]:
        """Return the windows of each recording, each with the samples before it: [windows, 576]."""
        return [_windows(samples_of(item)) for item in items]

    def encode(self, prepared: Sequence[Samples]) -> list[NDArray[np.float32]]:
        """Return the probability of speech in each window of each recording."""
        return [self._probabilities(windows) for windows in prepared]

    def finish(self, raw: Sequence[NDArray[np.float32]]) -> list[Output]:
        """Return the share of windows with speech."""
        return [Output(scores=(("speech", float((probabilities >= LIKELY).mean())),)) for probabilities in raw]

    def close(self) -> None:
        """Forget the session."""
        del self._session

    def _probabilities(self, windows: Samples) -> NDArray[np.float32]:
        hidden, cell = np.zeros(STATE, np.float32), np.zeros(STATE, np.float32)
        found = []
        for first, last in pairwise([*range(0, len(windows), BLOCK), len(windows)]):
            inputs = {"input": windows[first:last], "h": hidden, "c": cell}
            probabilities, hidden, cell = self._session.run(["speech_probs", "hn", "cn"], inputs)
            found.append(probabilities.reshape(-1))
        return np.concatenate(found)


def _windows(samples: Samples) -> Samples:
    """Return the windows, the last one filled up with silence; before the first one there is silence too."""
    count = -(-len(samples) // WINDOW)
    line = np.zeros(CONTEXT + count * WINDOW, np.float32)
    line[CONTEXT : CONTEXT + len(samples)] = samples
    views = np.lib.stride_tricks.sliding_window_view(line, CONTEXT + WINDOW)[::WINDOW]
    return np.ascontiguousarray(views)


def _content() -> bytes:
    path = package_folder("silero_vad") / FILE
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}; silero-vad 6.2.3 has it."
        raise ModelUnavailable(message) from error
    if hashlib.sha256(content).hexdigest() != SHA256:
        message = f"{path.name} is not the file that was examined; it is not run."
        raise ModelUnavailable(message)
    return content
