"""`flask settings`: the table of settings in the README."""

import click

from campaign.settings import Settings


def settings_table() -> str:
    """Markdown: each variable, its default and its meaning."""
    lines = ["| variable | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        lines.append(f"| `{name.upper()}` | {_default(name, field.default)} | {field.description} |")
    return "\n".join(lines)


def _default(name: str, value: object) -> str:
    if name == "instance_dir":
        return "`instance/`"
    if value is None or value in ("", ()):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{','.join(value) if isinstance(value, tuple) else value}`"


@click.command("settings")
def settings_command() -> None:
    """Print the table of settings."""
    click.echo(settings_table())
