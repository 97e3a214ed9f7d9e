"""Other tools of the field, where they are installed (the bench extra), compute our values from what we export.

They count variances a little differently: ours are those of samples (n - 1), theirs of populations (n).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from stores.trace_export.forms import FORMS
from stores.trace_export.kept import Kept as Stored
from tests.workers.simulation.measured.conftest import Bench, Kept, npz
from workers.simulation.aes import SBOX

pytestmark = pytest.mark.filterwarnings("ignore")
BYTE = 3


@pytest.fixture
def exported(bench: Bench, kept: Kept, tmp_path: Path) -> Callable[[str], Path]:
    """Return how the traces of an import come out in a form."""
    values = {"plaintext": kept.plaintext, "key": kept.key, "group": kept.groups}
    arrays: dict[str, npt.NDArray[Any]] = {"traces": kept.traces[:, samples_of(kept)], **values}
    report = bench.take_in(npz(arrays))
    np.testing.assert_allclose(np.array(report.series.t1, float), t_of(kept), atol=2e-3)

    def write(form: str) -> Path:
        path = tmp_path / f"out.{form}"
        columns = {"plaintext": (0, 16), "key": (16, 32)}
        FORMS[form](Stored.of(bench.lab.services.files.folder("m"), columns), path)
        return path

    return write


def samples_of(kept: Kept) -> slice:
    """Return samples around the one that gives the key byte away."""
    assert kept.report.cpa is not None
    middle = kept.report.cpa.bytes[BYTE].sample
    return slice(middle - 100, middle + 100)


def t_of(kept: Kept) -> npt.NDArray[np.float64]:
    """Return our t of order 1."""
    return np.array(kept.report.series.t1, float)[samples_of(kept)]


def rho_of(kept: Kept) -> npt.NDArray[np.float64]:
    """Return the correlation of one key byte by the book: over the random set, weight of the S-box's output."""
    random = kept.groups % 2 == 1
    weights = np.bitwise_count(SBOX[kept.plaintext[random, BYTE] ^ kept.key[random, BYTE]])
    return np.array([np.corrcoef(weights, column)[0, 1] for column in kept.traces[random, samples_of(kept)].T])


def population(t: npt.NDArray[np.float64], traces: int) -> npt.NDArray[np.float64]:
    """Return t as it is where variances are divided by n: two sets of half of the traces each."""
    n = traces / 2
    return np.asarray(t * np.sqrt(n / (n - 1)))


def test_lascar_computes_our_t_and_our_correlation(exported: Callable[[str], Path], kept: Kept) -> None:
    lascar = pytest.importorskip("lascar", reason="lascar is of the bench extra")
    container = lascar.Hdf5Container(str(exported("hdf5")))
    test = lascar.TTestEngine("t", lambda value: int(value["group"]) & 1)
    lascar.Session(container, engine=test).run(batch_size=500, thread_on_update=False)
    random = container[:]
    chosen = np.flatnonzero(random.values["group"] % 2 == 1)
    attack = lascar.CpaEngine(
        "cpa",
        lambda value, guess: int(SBOX[value["plaintext"][BYTE] ^ guess]).bit_count(),
        [int(kept.key[0, BYTE])],
        jit=False,
    )
    few = lascar.TraceBatchContainer(random.leakages[chosen], random.values[chosen])
    lascar.Session(few, engine=attack).run(batch_size=500, thread_on_update=False)

    t, rho = test.finalize(), attack.finalize()[0]

    np.testing.assert_allclose(np.abs(t), np.abs(population(t_of(kept), len(kept.traces))), atol=5e-3, rtol=1e-3)
    np.testing.assert_allclose(np.abs(rho), np.abs(rho_of(kept)), atol=1e-4)


def test_scared_computes_our_t_and_our_correlation(exported: Callable[[str], Path], kept: Kept) -> None:
    scared = pytest.importorskip("scared", reason="scared is of the bench extra")
    traces = scared.traces.read_ths_from_ets_file(exported("ets"))
    sets = [traces[np.flatnonzero(traces.group % 2 == chosen)] for chosen in (0, 1)]
    test = scared.TTestAnalysis()
    test.run(scared.TTestContainer(*sets))
    attack = scared.CPAAttack(
        selection_function=scared.aes.selection_functions.encrypt.FirstSubBytes(words=BYTE),
        model=scared.HammingWeight(),
        discriminant=scared.maxabs,
    )
    attack.run(scared.Container(sets[1]))

    rho = attack.results[int(kept.key[0, BYTE])].squeeze()

    np.testing.assert_allclose(
        np.abs(test.result), np.abs(population(t_of(kept), len(kept.traces))), atol=5e-3, rtol=1e-3
    )
    np.testing.assert_allclose(np.abs(rho), np.abs(rho_of(kept)), atol=1e-4)
    assert np.abs(rho).max() > 0.5
    assert np.argmax(np.abs(attack.scores)) == kept.key[0, BYTE]
