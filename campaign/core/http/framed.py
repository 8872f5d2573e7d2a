"""Mails shown inside a page: in a frame of their own, with their own styles, where nothing of them can act."""

from flask import Response

# What stands in a mail may do nothing but lead out.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
)
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)


def mail_frame(html: str) -> Response:
    """The answer that is a mail's HTML."""
    # A link in the mail opens instead of the whole page, as it would from a mail program.
    response = Response(html.replace("<head>", '<head><base target="_top">', 1))
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


def page_with_frame(html: str) -> Response:
    """The answer that is a page of ours with such a frame."""
    response = Response(html)
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    return response
