"""Cookies of the pages. Over https their names begin with `__Host-`: then no other host can set one of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from flask import current_app, request
from werkzeug.wrappers import Response


def cookie_name(name: str, *, secure: bool) -> str:
    """The name under which a browser keeps a cookie of ours."""
    return f"__Host-{name}" if secure else f"office-{name}"  # ports of one host share their cookies


def get_cookie(name: str) -> str | None:
    """The value of a cookie of this request."""
    return request.cookies.get(cookie_name(name, secure=_secure()))


def set_cookie(response: Response, name: str, value: str, lasts: timedelta, samesite: Literal["Lax", "Strict"]) -> None:
    """Let the browser keep a cookie, which no script reads."""
    secure = _secure()
    response.set_cookie(
        cookie_name(name, secure=secure), value, max_age=lasts, secure=secure, httponly=True, samesite=samesite
    )


def delete_cookie(response: Response, name: str) -> None:
    """Let the browser forget a cookie."""
    secure = _secure()
    response.delete_cookie(cookie_name(name, secure=secure), secure=secure, httponly=True)


def _secure() -> bool:
    secure: bool = current_app.config["SESSION_COOKIE_SECURE"]
    return secure
