"""The program that reads one document under limits, for `reader_process`, which says what it reads and writes."""

import json
import resource
import sys
from dataclasses import asdict
from typing import Any

from jobs.errors import InvalidInput
from jobs.ingestion import Format
from workers.query.read_html import read_html
from workers.query.read_markdown import read_markdown
from workers.query.read_pdf import read_pdf
from workers.query.reader_process import READY, TOO_COSTLY

READERS = {Format.MARKDOWN: read_markdown, Format.HTML: read_html, Format.PDF: read_pdf}


def main() -> None:
    """Read standard input; argv: the format, seconds of processor time, and bytes of address space."""
    read, cpu_s, memory_bytes = READERS[Format(sys.argv[1])], int(sys.argv[2]), int(sys.argv[3])
    sys.stdout.write(READY.decode())
    sys.stdout.flush()
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it has no files to write
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answer: dict[str, Any]
    try:
        answer = {"reading": asdict(read(sys.stdin.buffer.read()))}
    except InvalidInput as error:
        answer = {"refused": {"reason": error.reason, "message": error.message}}
    except MemoryError:
        answer = {"refused": {"reason": "too-costly", "message": TOO_COSTLY}}
    json.dump(answer, sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()
