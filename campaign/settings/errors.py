"""What is wrong with the settings, in words."""

from pydantic import ValidationError


class SettingsError(Exception):
    """One or more settings are bad; the message names each, one per line."""


_IN_PLAIN_WORDS = {
    "int_parsing": "write a whole number",
    "bool_parsing": "write true or false",
    "literal_error": "write demo, production or test",
}


def in_words(error: ValidationError) -> str:
    """Each bad setting by the name of its variable, one a line."""
    lines: list[str] = []
    for problem in error.errors():
        message = _IN_PLAIN_WORDS.get(problem["type"]) or problem["msg"].removeprefix("Value error, ")
        if problem["loc"]:
            lines.append(f"{str(problem['loc'][0]).upper()}: {message}")
        else:
            lines.extend(message.splitlines())
    return "\n".join(lines)
