"""Files become records: decoded side by side, looked at by models together, one bad file harming no other."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

from jobs.errors import InvalidInput, NotFound
from jobs.forging import FileSource, Options
from jobs.rem import Level, Source
from stores.vectors import FloatArray
from workers.remforge.compose import Forged, Parts, compose
from workers.remforge.decoding import Decoded, Wanted
from workers.remforge.inference import Output, Role
from workers.remforge.look import DEADLINE_S, Looking, sentence_encoder, wanted
from workers.remforge.services import ForgeServices
from workers.remforge.words.analysis import Words, analyse

TOGETHER = 64
"""Decoded files that are looked at together, at most."""
TOGETHER_BYTES = 256 * 2**20
"""And the arrays of how many bytes."""


@dataclass(frozen=True, slots=True)
class Spoiled:
    """A file that cannot become a record, and why."""

    code: str
    reason: str | None
    message: str


Result = Forged | Spoiled


def forge(
    files: Sequence[FileSource],
    options: Options,
    *,
    tenant: str,
    services: ForgeServices,
    check: Callable[[], None],
    done: Callable[[int], None],
) -> Iterator[Result]:
    """Yield what became of each file, in their order; `done` is told how many are behind us.

    Raises StoreUnavailable while the models are away, and whatever `check` raises.
    """
    captions = _captions(options, services)
    want = wanted(options.level, services.models)
    finished = 0
    for group in _groups(_decoded(files, want, tenant, services, check)):
        yield from _forged(group, options, captions, services=services, check=check)
        finished += len(group)
        done(finished)


@dataclass(frozen=True, slots=True)
class _Read:
    source: Source
    decoded: Decoded


def _decoded(
    files: Sequence[FileSource], want: Wanted, tenant: str, services: ForgeServices, check: Callable[[], None]
) -> Iterator[_Read | Spoiled]:
    """Decode a few files ahead of the one that is next."""
    with ThreadPoolExecutor(services.readers, thread_name_prefix="decode") as pool:
        waiting: list[Future[_Read | Spoiled]] = []
        ahead = iter(files)
        try:
            for file in ahead:
                waiting.append(pool.submit(_read, file, want, tenant, services))
                if len(waiting) > 2 * services.readers:
                    check()
                    yield waiting.pop(0).result()
            while waiting:
                check()
                yield waiting.pop(0).result()
        finally:
            for future in waiting:
                future.cancel()


def _read(file: FileSource, want: Wanted, tenant: str, services: ForgeServices) -> _Read | Spoiled:
    try:
        artifact, path = services.artifacts.stat(tenant, file.artifact), services.artifacts.path(tenant, file.artifact)
    except NotFound:
        return Spoiled("not-found", "no-artifact", "There is no such artifact.")
    source = Source(
        name=file.name,
        sha256=file.artifact.removeprefix("sha256:"),
        media_type=artifact.media_type,
        bytes=artifact.bytes,
    )
    try:
        decoded = services.decoder.decode(path, name=file.name, media_type=artifact.media_type, wanted=want)
    except InvalidInput as error:
        return Spoiled(error.code, error.reason, error.message)
    return _Read(source, decoded)


def _groups(read: Iterator[_Read | Spoiled]) -> Iterator[list[_Read | Spoiled]]:
    """Yield files to be looked at together, as many as fit into memory."""
    group: list[_Read | Spoiled] = []
    held = 0
    for one in read:
        group.append(one)
        held += 0 if isinstance(one, Spoiled) else _bytes(one.decoded)
        if len(group) >= TOGETHER or held >= TOGETHER_BYTES:
            yield group
            group, held = [], 0
    if group:
        yield group


def _bytes(decoded: Decoded) -> int:
    arrays = sum(view.nbytes for view in decoded.views.values())
    return arrays + (decoded.samples.nbytes if decoded.samples is not None else 0)


def _forged(
    group: Sequence[_Read | Spoiled],
    options: Options,
    captions: Mapping[str, FloatArray],
    *,
    services: ForgeServices,
    check: Callable[[], None],
) -> Iterator[Result]:
    read = [one for one in group if not isinstance(one, Spoiled)]
    looking = Looking([one.decoded for one in read], services.models, check)
    seen = iter(zip(looking.look(options.level), map(looking.text, range(len(read))), strict=True))
    for one in group:
        if isinstance(one, Spoiled):
            yield one
            continue
        check()
        what, text = next(seen)
        words, doubts = _words(text, services)
        parts = Parts(one.source, options.level, one.decoded, words, what, doubts)
        yield compose(parts, services.models, captions, now=datetime.fromtimestamp(services.clock(), UTC))


def _words(text: str | None, services: ForgeServices) -> tuple[Words | None, Sequence[str]]:
    """Return what a text tells, and why it was told without the sentence encoder though there is one."""
    if text is None or not text.strip():
        return None, ()
    card, encode = services.models.card(Role.SENTENCES), sentence_encoder(services.models)
    if card is not None and encode is not None:
        try:
            return analyse(text, encode=encode, encoder_name=card.model.name), ()
        except InvalidInput as error:
            return analyse(text, encode=None, encoder_name=None), (error.message,)
    return analyse(text, encode=None, encoder_name=None), ()


def _captions(options: Options, services: ForgeServices) -> dict[str, FloatArray]:
    """Return the vectors of the names that pictures are to be compared with."""
    if options.level is Level.LITE or not options.labels or services.models.card(Role.CAPTION) is None:
        return {}
    names = sorted(set(options.labels))
    outputs = services.models.run(Role.CAPTION, names, deadline_s=DEADLINE_S)
    return {
        name: one.vector
        for name, one in zip(names, outputs, strict=True)
        if isinstance(one, Output) and one.vector is not None
    }
