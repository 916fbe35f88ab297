"""What answers tell browsers and caches not to do (https://cheatsheetseries.owasp.org/cheatsheets/REST_Security_Cheat_Sheet.html#security-headers)."""

from flask import request

from .config import NONE
from .gate import PUBLIC, TOKENS

# An answer is data: nothing in it is loaded, run or framed, not even the XHTML of a narrative in XML.
DATA_ONLY = "default-src 'none'; frame-ancestors 'none'; sandbox"
YEAR = 31_536_000


def protect_answers(app, config):
    """Give every answer the headers of a Config; what a route has set stays, but for what caches may keep."""
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": DATA_ONLY,
        "Referrer-Policy": "no-referrer",
        "Server": "fhir-registry",  # else granian says its name
    }
    if (config.base_url or "").startswith("https:"):
        headers["Strict-Transport-Security"] = f"max-age={YEAR}"

    def protect(response):
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        # Whoever keeps a version asks with its ETag whether there is a newer one; a cache on the way keeps nothing.
        kept = config.access == NONE or request.endpoint in PUBLIC - TOKENS
        response.headers["Cache-Control"] = "private, no-cache" if kept else "no-store"
        return response

    app.after_request(protect)
