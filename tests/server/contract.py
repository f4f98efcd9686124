"""api/openapi.yaml, and a browser that holds every answer against it."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from .conftest import Browser, Refused

API_FILE = Path(__file__).parents[2] / "api" / "openapi.yaml"
METHODS = ("get", "post", "put", "patch", "delete")


@cache
def api() -> dict[str, Any]:
    return yaml.safe_load(API_FILE.read_text(encoding="utf-8"))


def operations() -> dict[tuple[str, str], dict[str, Any]]:
    """Return every operation by path and method."""
    return {
        (path, method): item[method]
        for path, item in api()["paths"].items()
        for method in METHODS
        if method in item
    }


def resolved(part: Any) -> Any:
    """Return a part of the file with all references followed."""
    if isinstance(part, dict):
        if "$ref" in part:
            target: Any = api()
            for name in part["$ref"].removeprefix("#/").split("/"):
                target = target[name]
            return resolved(target)
        return {key: resolved(value) for key, value in part.items()}
    if isinstance(part, list):
        return [resolved(value) for value in part]
    return part


def operation_of(method: str, parts: tuple[str, ...]) -> tuple[str, str]:
    """Return path and method of the operation that an address belongs to."""
    address = "/" + "/".join(parts)
    for path in sorted(api()["paths"], key=lambda path: path.count("{")):
        pattern = re.sub(r"\{\w+\}", "[^/]+", path)
        if re.fullmatch(pattern, address) and (path, method.lower()) in operations():
            return path, method.lower()
    raise AssertionError(f"{method} {address} is not in {API_FILE.name}")


def strict(schema: Any) -> Any:
    """Return a schema that allows no property that it does not name."""
    if isinstance(schema, dict):
        inner = {key: strict(value) for key, value in schema.items()}
        if isinstance(schema.get("properties"), dict):
            inner.setdefault("additionalProperties", False)
        return inner
    if isinstance(schema, list):
        return [strict(value) for value in schema]
    return schema


def check(method: str, parts: tuple[str, ...], status: int, data: object) -> str:
    """Hold an answer against the schema of its operation; return the operation's name."""
    operation = operations()[operation_of(method, parts)]
    response = resolved(operation["responses"].get(str(status), operation["responses"]["default"]))
    content = response.get("content")
    if content is None:
        assert data is None
    else:
        jsonschema.validate(
            data,
            strict(content["application/json"]["schema"]),
            format_checker=jsonschema.FormatChecker(),
        )
    return str(operation["operationId"])


class CheckedBrowser:
    """A browser that refuses answers which api/openapi.yaml does not know.

    Attributes
    ----------
    seen : Counter
        How often each operation answered, errors apart as ``<operation>!``.
    """

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.seen: Counter[str] = Counter()
        ask = browser.ask

        async def checked(method: str, *parts: str, **more: Any) -> Any:
            try:
                answer = await ask(method, *parts, **more)
            except Refused as refused:
                name = check(method, parts, refused.status, refused.body)
                self.seen[f"{name}!"] += 1
                raise
            operation = operations()[operation_of(method, parts)]
            (status,) = (int(code) for code in operation["responses"] if code != "default")
            assert browser.last_status == status
            self.seen[check(method, parts, status, answer)] += 1
            return answer

        browser.ask = checked  # type: ignore[method-assign]
