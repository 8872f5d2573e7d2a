"""What a demo makes for itself: secrets, once, kept under `INSTANCE_DIR`."""

import os
import secrets
from pathlib import Path

from campaign.settings.errors import SettingsError


def need_writable(folder: Path) -> None:
    """Make the folder. Raises SettingsError where nothing can be written to it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"INSTANCE_DIR: cannot make {folder} ({error.strerror})") from None
    if not os.access(folder, os.W_OK):
        raise SettingsError(f"INSTANCE_DIR: cannot write to {folder}")


def kept_secret(folder: Path, name: str) -> str:
    """A random secret, made at the first call and read back at later ones; safe when two processes start at once."""
    path = folder / "keys" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f"{name}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(32))
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
