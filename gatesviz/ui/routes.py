"""Addresses that the server answers itself, and what stands before Streamlit's own."""

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route

from gatesviz.ui.guard import Guard
from gatesviz.ui.uploads import BoundUploads


def to_first_page(request: Request) -> RedirectResponse:
    """Send ``/feed`` on to ``/``, where Streamlit serves its first page, with all its choices."""
    return RedirectResponse(f"./?{request.url.query}" if request.url.query else "./")


routes = [Route("/feed", to_first_page)]
middleware = [Middleware(Guard), Middleware(BoundUploads)]
