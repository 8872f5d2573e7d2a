"""Writing files that others read at the same time."""

from pathlib import Path

from campaign.core.identifiers import new_public_id


def write_file(path: Path, data: bytes) -> None:
    """Write a file that is there as a whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{new_public_id()}.part")
    draft.write_bytes(data)
    draft.replace(path)
