"""Errors in the shape in which Stripe answers them (docs.stripe.com/api/errors)."""

from typing import Any


class ApiError(Exception):
    """A refusal that becomes ``{"error": {…}}`` with the given HTTP status."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind
        self.code = code
        self.param = param

    def body(self) -> dict[str, Any]:
        """The JSON body; absent parts are left out, as Stripe does."""
        error = {"code": self.code, "message": self.message, "param": self.param, "type": self.kind}
        return {"error": {name: value for name, value in error.items() if value is not None}}


class ControlError(Exception):
    """A control under ``/_sandbox/`` was asked for something that cannot be done."""


def missing(kind: str, object_id: str, *, status: int = 404, param: str = "id") -> ApiError:
    """The answer for an id that is not there: 404 in a path, 400 as a parameter."""
    return ApiError(f"No such {kind}: '{object_id}'", status=status, code="resource_missing", param=param)
