"""Stripe's API over HTTP: keys, versions, errors, idempotency; the calls are in operations.py."""

import base64
import hmac
import socket
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from campaign.sandbox import faults, happenings, idempotency
from campaign.sandbox.config import LIVE_KEY_PREFIXES
from campaign.sandbox.errors import ApiError
from campaign.sandbox.events import call_under_way
from campaign.sandbox.expand import render
from campaign.sandbox.formcoding import decode
from campaign.sandbox.operation import Operation
from campaign.sandbox.operations import operations
from campaign.sandbox.recording import Recording
from campaign.sandbox.shapes import API_VERSION
from campaign.sandbox.store import Obj
from campaign.sandbox.world import World, new_id


def register(app: Flask, world: World, recording: Recording) -> None:
    """Add the API under ``/v1`` to the application."""
    api = Blueprint("api", __name__)
    api.before_request(_number_request)
    for operation in operations():
        api.add_url_rule(
            operation.path,
            endpoint=f"{operation.method} {operation.path}".replace(".", "_"),
            methods=[operation.method],
            view_func=_view(world, operation),
        )
    # Everything else below /v1 asks for the key first and then says that it is unknown.
    api.add_url_rule("/v1/<path:rest>", view_func=_unknown(world), methods=["GET", "POST", "DELETE"])
    api.register_error_handler(ApiError, _error)
    api.register_error_handler(HTTPException, _http_error)
    if world.config.record:
        api.after_request(partial(_record, recording))
    api.after_request(_finish)
    app.register_blueprint(api)


def _view(world: World, operation: Operation) -> Callable[..., Response]:
    def view(**ids: str) -> Response:
        _check_caller(world)
        with world.store.transaction():
            g.fault = faults.take(world, f"{request.method} {request.path}")
        faults.before_acting(g.fault)
        params = g.params = _read_params()
        key = request.headers.get("Idempotency-Key", "") if request.method == "POST" else ""
        marker = call_under_way.set((g.request_id, key or None))
        try:
            with world.transaction():
                answer = _answer(world, operation, params, ids, key)
        finally:
            call_under_way.reset(marker)
        if idempotency.is_failure(answer):
            g.stored_failure = bool(key)
            raise faults.ERRORS["500"]
        return jsonify(answer)

    return view


def _answer(world: World, operation: Operation, params: dict[str, Any], ids: dict[str, str], key: str) -> Obj:
    """Act once per idempotency key. Runs in the transaction that also keeps the answer, be it a 500."""
    wanted = idempotency.fingerprint(request.path, params)
    if key:
        known = idempotency.recall(world, key, wanted)
        if known is not None:
            g.replayed = True
            return known
    fault = g.fault.kind if g.fault else ""
    answer = faults.ERRORS["500"].body()
    if fault != "500":
        given = operation.shape.read(params)
        happenings.catch_up(world)
        done = render(world.store, operation.act(world, given, ids), given.get("expand", []))
        answer = answer if fault == "act_then_500" else done
    if key:
        idempotency.remember(world, key, wanted, answer)
    return answer


def _unknown(world: World) -> Callable[..., Response]:
    def view(rest: str) -> Response:
        _check_caller(world)
        raise ApiError(
            f"Unrecognized request URL ({request.method}: {request.path}). This sandbox has only "
            "the part of Stripe's API that this project uses.",
            status=404,
        )

    return view


def _number_request() -> None:
    g.request_id = new_id("req", 14)


def _check_caller(world: World) -> None:
    """Refuse a wrong key and an API version other than the one whose shapes are made here."""
    key = _key()
    if not key:
        raise ApiError(
            "You did not provide an API key. You need to provide your API key in the "
            "Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
            status=401,
        )
    if key.startswith(LIVE_KEY_PREFIXES):
        raise ApiError(
            "This is a live key. The sandbox takes test keys only; treat the key as seen by others and roll it.",
            status=401,
        )
    if not hmac.compare_digest(key.encode(), world.config.secret_key.encode()):
        raise ApiError(f"Invalid API Key provided: {key[:8]}****{key[-4:]}", status=401)
    version = request.headers.get("Stripe-Version", API_VERSION)
    if version != API_VERSION:
        raise ApiError(f"Invalid Stripe API version: {version}. This sandbox has {API_VERSION}.")


def _key() -> str:
    """The key, from Bearer or as the user name of Basic authentication."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value).decode().partition(":")[0]
        except ValueError:
            return ""
    return ""


def _read_params() -> dict[str, Any]:
    if request.method != "POST":
        return decode(request.query_string.decode("latin-1"))
    body = request.get_data(cache=False)
    if body and request.mimetype != "application/x-www-form-urlencoded":
        raise ApiError(f"Invalid request: the body must be form-encoded, not {request.mimetype or 'untyped'}.")
    try:
        return decode(body.decode())
    except UnicodeDecodeError as error:
        raise ApiError("Invalid request body: not UTF-8") from error


def _error(error: ApiError) -> tuple[Response, int]:
    return jsonify(error.body()), error.status


def _http_error(error: HTTPException) -> tuple[Response, int]:
    refusal = ApiError(error.description or error.name, status=error.code or 500)
    return _error(refusal)


def _finish(response: Response) -> Response:
    response.headers["Request-Id"] = g.request_id
    response.headers["Stripe-Version"] = API_VERSION
    response.headers["Cache-Control"] = "no-store"
    if g.get("replayed"):
        response.headers["Idempotent-Replayed"] = "true"
    if g.get("stored_failure"):
        response.headers["Stripe-Should-Retry"] = "false"  # it would only be told the same again
    if key := request.headers.get("Idempotency-Key"):
        response.headers["Idempotency-Key"] = key.encode("ascii", "replace").decode()[:255]
    fault = g.get("fault")
    if fault and fault.kind in ("act_then_timeout", "timeout"):
        _hang_up(fault.seconds)
    return response


def _record(recording: Recording, response: Response) -> Response:
    recording.note(request.method, request.path, g.get("params", {}), response.status_code, response.get_data())
    return response


def _hang_up(seconds: float) -> None:
    """Be silent, then close the connection without an answer: the caller cannot know."""
    time.sleep(seconds)
    connection = request.environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)
