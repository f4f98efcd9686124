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
    "required": ["keep"],
    "properties": {
        "keep": {"type": "string", "enum": ["mine", "drive", "both"]},
        "path": {"type": "string", "minLength": 1},
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

NOTHING: Schema = {"type": "object", "additionalProperties": False, "properties": {}}
