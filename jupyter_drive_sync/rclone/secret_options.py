"""Which of rclone's settings are secret, and which of them sign in. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

Option = Mapping[str, Any]
"""One setting of a backend, as ``rclone config providers`` describes it."""

_OPEN = frozenset(
    # rclone marks these as sensitive, so that people leave them out of bug reports: who somebody
    # is, and where. Nobody gets in with them.
    {
        "access_key_id",
        "account",
        "account_id",
        "api_url",
        "app_id",
        "apple_id",
        "base_folder_uuid",
        "client_id",
        "cloud_name",
        "compartment",
        "domain",
        "drive_id",
        "email",
        "host",
        "impersonate",
        "impersonate_admin",
        "msi_client_id",
        "msi_mi_res_id",
        "msi_object_id",
        "namenode",
        "namespace",
        "plex_username",
        "project_number",
        "public_key",
        "root_folder_id",
        "root_folder_slug",
        "root_id",
        "service_principal_name",
        "spn",
        "sse_kms_key_id",
        "team_drive",
        "tenant",
        "tenant_domain",
        "tenant_id",
        "url",
        "user",
        "user_id",
        "user_project",
        "username",
        "workspace_id",
    }
)
_NOT_BY_NAME = frozenset({"token_url", "token_expiry"})
_BY_NAME = re.compile(
    # rclone does not mark all that is secret, and its own questions bear no mark at all.
    r"secret|password|passphrase|token|key_pem|credential|^pass$|_pass$|api_key|private_key|2fa$"
    r"|sse_customer_key|proxy$|^headers$|^set_env$"
)
_POINTS_AT_KEYS = frozenset(
    # Not secret by themselves: they say which key, or whose sign-in, is taken.
    {
        "box_config_file",
        "client_certificate_path",
        "config_file",
        "env_auth",
        "kerberos_ccache",
        "key_file",
        "service_account_file",
        "service_principal_file",
        "shared_credentials_file",
    }
)
_PLACES = frozenset({"resource_key"})


def is_secret(option: Option) -> bool:
    """Say whether a setting's value must never be shown."""
    name = str(option.get("Name", ""))
    if option.get("IsPassword"):
        return True
    if option.get("Type") == "bool":
        return False
    return (is_sensitive(option) and name not in _OPEN) or (
        bool(_BY_NAME.search(name)) and name not in _NOT_BY_NAME
    )


def is_sensitive(option: Option) -> bool:
    """Say whether rclone holds a setting's value back from what people show to others."""
    return bool(option.get("Sensitive"))


def credentials(options: Iterable[Option]) -> frozenset[str]:
    """Return the names of a backend's settings that sign in, or hold a secret.

    What only says where everything lies is not among them.
    """
    found = {"token"}
    for option in options:
        name = str(option.get("Name", ""))
        if name in _POINTS_AT_KEYS or (is_secret(option) and name not in _PLACES):
            found.add(name)
    return frozenset(found)
