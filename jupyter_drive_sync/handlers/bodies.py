"""What the addresses take, as JSON schemas; the same as in api/openapi.yaml."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

_NAME: Schema = {"type": "string", "minLength": 1, "maxLength": 200}

LINK: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["local", "remote"],
    "properties": {
        "local": {"type": "string"},
        "remote": {"type": "string", "minLength": 1},
        "name": _NAME,
        "ignore": {
            "type": "array",
            "maxItems": 100,
            "items": {"type": "string", "minLength": 1, "maxLength": 1000},
        },
    },
}

CHANGE: Schema = {
    "type": "object",
    "additionalProperties": False,
    "minProperties": 1,
    "properties": {
        "auto_sync": {"type": "boolean"},
        "paused": {"type": "boolean"},
        "name": _NAME,
    },
}

SYNC: Schema = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"consent": {"type": "string"}},
}

RESOLVE: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["keep", "versions"],
    "properties": {
        "keep": {"type": "string", "enum": ["mine", "drive", "both"]},
        "path": {"type": "string", "minLength": 1},
        "versions": {"type": "string", "minLength": 1},
    },
}

RESTORE: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["path", "version"],
    "properties": {
        "path": {"type": "string", "minLength": 1},
        "version": {"type": "string", "minLength": 1},
        "as_copy": {"type": "boolean"},
    },
}

COLAB: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["path"],
    "properties": {"path": {"type": "string", "minLength": 1}},
}

NEW_FOLDER: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["path"],
    "properties": {"path": {"type": "string", "minLength": 1, "maxLength": 4000}},
}

CLIENT: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["text"],
    "properties": {"text": {"type": "string", "minLength": 1, "maxLength": 100000}},
}


def _text(longest: int) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": longest}


FLOW: Schema = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "way": {
            "type": "string",
            "enum": [
                "own_client",
                "preset",
                "service_account",
                "env_auth",
                "token",
                "existing",
                "folder",
                "other",
            ],
        },
        "name": _text(100),
        "scope": {"type": "string", "enum": ["drive", "drive.file"]},
        "client": {
            "type": "object",
            "additionalProperties": False,
            "required": ["client_id", "client_secret"],
            "properties": {"client_id": _text(1000), "client_secret": _text(1000)},
        },
        "client_text": _text(100000),
        "service_account_text": _text(100000),
        "service_account_path": _text(4000),
        "token": _text(100000),
        "type": _text(100),
        "remote": _text(100),
        "redirect": {"type": "string", "enum": ["auto", "paste"]},
    },
}

ADDRESS: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["address"],
    "properties": {"address": _text(10000)},
}

ANSWER: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["value", "revision"],
    "properties": {
        "value": {"type": "string", "maxLength": 100000},
        "revision": {"type": "integer", "minimum": 0},
    },
}

NOTHING: Schema = {"type": "object", "additionalProperties": False, "properties": {}}
