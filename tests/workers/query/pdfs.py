"""PDFs written by hand, well formed and hostile."""

import zlib


def pdf(*pages: str, title: str = "") -> bytes:
    """Return a PDF with a page for each text; lines are lines, and an empty text is a page without any."""
    return with_streams(*(_drawn(page) for page in pages), title=title)


def with_streams(*streams: bytes, title: str = "", extra: bytes = b"") -> bytes:
    """Return a PDF with a page for each content stream, compressed; `extra` goes into the trailer."""
    count = len(streams)
    kids = b" ".join(b"%d 0 R" % (5 + 2 * place) for place in range(count))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count %d /Kids [%s] >>" % (count, kids),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Title (%s) >>" % title.encode("latin-1"),
    ]
    for place, stream in enumerate(streams):
        packed = zlib.compress(stream, 9)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F 3 0 R >> >> "
            b"/Contents %d 0 R >>" % (6 + 2 * place)
        )
        objects.append(b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed))
    body = b"%PDF-1.7\n"
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    return body + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R /Info 4 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (
        size, table, size, extra, len(body),
    )  # fmt: skip


def _drawn(page: str) -> bytes:
    lines = page.encode("cp1252").replace(b"(", b"\\(").replace(b")", b"\\)").split(b"\n")
    shown = b"".join(b"(%s) Tj T*\n" % line for line in lines)
    return b"BT /F 12 Tf 14 TL 72 720 Td\n%sET" % shown if page else b""
