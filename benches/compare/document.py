"""The tables' place in a document: between a line that names the script and one that ends its part."""

from pathlib import Path

END = "<!-- to here -->"


def begin(script: str) -> str:
    """The line behind which a script writes."""
    return f"<!-- benches/compare/{script} writes from here -->"


def replace(file: Path, script: str, text: str | None) -> None:
    """Puts `text` between the markers of a file; `None` only looks whether they are there."""
    marker = begin(script)
    before, found, rest = file.read_text().partition(marker)
    _, end, after = rest.partition(END)
    if not found or not end:
        raise SystemExit(f"{file} has no lines {marker!r} and {END!r} to write between")
    if text is not None:
        file.write_text(f"{before}{marker}\n\n{text}\n\n{END}{after}")
