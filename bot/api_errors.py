"""What the API says when it does not answer: one JSON shape, which OpenAI's clients read too. Knows no framework."""

from __future__ import annotations

import json
import re

from typing_extensions import TypedDict

from bot.asgi import Headers, Send, answer
from bot.line import LineFull
from index.errors import ArchiveError, BylineError, ModelError, UsageError

JSON_TYPE = (b"content-type", b"application/json")
MISTAKE = "Byline broke off: this is a mistake in the program, written in its log."
RETRY_SECONDS = 30  # after which there may be room in the line
_KINDS = {400: "invalid_request_error", 401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
_CODES = {401: "no_token", 403: "refused", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}


class ErrorFacts(TypedDict):
    """What was wrong, with the field that was, where it is one, and the command that mends it, where there is one."""

    message: str
    type: str
    param: str | None
    code: str | None
    mend: str


class ErrorJson(TypedDict):
    """The body of every answer that is none."""

    error: ErrorFacts


def error_json(
    status: int, message: str, *, code: str | None = None, param: str | None = None, mend: str = ""
) -> ErrorJson:
    """Return the body that goes with `status`."""
    kind = _KINDS.get(status, "invalid_request_error" if status < 500 else "server_error")
    return {
        "error": {"message": message, "type": kind, "param": param, "code": code or _CODES.get(status), "mend": mend}
    }


def failure_json(error: BylineError) -> ErrorJson:
    """Return the body that tells of an error of ours."""
    code = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(error).__name__).lower()
    return error_json(status_of(error), error.wrong, code=code, mend=error.mend)


def status_of(error: BylineError) -> int:
    """Return the HTTP status of an error of ours: whose fault it is, and whether to come back later."""
    match error:
        case UsageError():
            return 400
        case LineFull():
            return 429
        case ArchiveError() | ModelError():
            return 503
    return 500


async def refuse_json(send: Send, status: int, reason: str, headers: Headers = ()) -> None:
    """Answer with why not, as `refuse` does in words. The connection ends."""
    body = json.dumps(error_json(status, reason)).encode()
    await answer(send, status, body, [JSON_TYPE, (b"connection", b"close"), *headers])
