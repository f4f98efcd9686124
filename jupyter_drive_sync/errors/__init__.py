"""Everything that can go wrong, as one tree.

Each error has a stable ``code`` for programs, an HTTP ``status``, a ``message`` that says what
happened and a ``hint`` that says what the person can do. Neither text ever holds a secret: both
are shown in the browser and in the terminal.

::

    DriveSyncError
    ├── InvalidInput (400)
    │   ├── BodyInvalid, FolderInvalid, FolderOutsideRoot, RemoteInvalid
    │   ├── ConfigUnreadable, IgnorePatternInvalid
    │   ├── ClientInvalid, AddressInvalid, AddressOfAnotherSignIn
    │   ├── ServiceAccountInvalid, TokenInvalid, NameInvalid
    ├── NotFound (404)
    │   └── ProjectUnknown, FolderMissing, RemoteUnknown, VersionGone, FlowUnknown
    │                             RuntimeUnknown
    ├── NotPossible (409)
    │   └── AlreadyLinked, FolderNested, NotOnDrive, NotHeld, VersionsChanged, NotRestored,
    │                             ConsentNeeded, RuntimeRunning
    ├── Halted (409)             a check failed; nothing was touched
    │   ├── LocalMissing, RemoteMissing, WrongRemote, SideEmptied
    │   ├── TooManyDeletes, ListingIncomplete
    ├── LockedElsewhere (409)    another process keeps this project
    ├── Cancelled (409)          a person cancelled the run
    ├── RcloneUnusable (503)
    │   └── RcloneMissing, RcloneTooOld
    ├── RcloneFailed (502)       rclone ran and did not succeed
    │   ├── SignInNeeded, QuotaFull, Offline, RateLimited, NeedsResync
    ├── DiskFull (507)
    └── StoreDamaged (500)
"""

from __future__ import annotations

from jupyter_drive_sync.errors.base import (
    DriveSyncError,
    InvalidInput,
    NotFound,
    NotPossible,
)
from jupyter_drive_sync.errors.connecting import (
    AddressInvalid,
    AddressOfAnotherSignIn,
    ClientInvalid,
    ClientRefused,
    CodeUsed,
    FlowUnknown,
    NameInvalid,
    NotAsked,
    QuestionChanged,
    RemoteExists,
    RemoteInUse,
    ServiceAccountInvalid,
    SignInBusy,
    SignInExpired,
    SignInRefused,
    TokenInvalid,
    WayLocked,
    WrongAccount,
)
from jupyter_drive_sync.errors.requests import (
    AlreadyLinked,
    BodyInvalid,
    ConfigUnreadable,
    ConsentNeeded,
    FolderInvalid,
    FolderMissing,
    FolderNested,
    FolderOutsideRoot,
    IgnorePatternInvalid,
    NotHeld,
    NotOnDrive,
    NotRestored,
    ProjectUnknown,
    RemoteInvalid,
    RemoteUnknown,
    RuntimeRunning,
    RuntimeUnknown,
    VersionGone,
    VersionsChanged,
)
from jupyter_drive_sync.errors.runs import (
    Cancelled,
    DiskFull,
    Halted,
    ListingIncomplete,
    LocalMissing,
    LockedElsewhere,
    NeedsResync,
    Offline,
    QuotaFull,
    RateLimited,
    RcloneFailed,
    RcloneMissing,
    RcloneTooOld,
    RcloneUnusable,
    RemoteMissing,
    SideEmptied,
    SignInNeeded,
    StoreDamaged,
    TooManyDeletes,
    WrongRemote,
)

__all__ = [
    "AddressInvalid",
    "AddressOfAnotherSignIn",
    "AlreadyLinked",
    "BodyInvalid",
    "Cancelled",
    "ClientInvalid",
    "ClientRefused",
    "CodeUsed",
    "ConfigUnreadable",
    "ConsentNeeded",
    "DiskFull",
    "DriveSyncError",
    "FlowUnknown",
    "FolderInvalid",
    "FolderMissing",
    "FolderNested",
    "FolderOutsideRoot",
    "Halted",
    "IgnorePatternInvalid",
    "InvalidInput",
    "ListingIncomplete",
    "LocalMissing",
    "LockedElsewhere",
    "NameInvalid",
    "NeedsResync",
    "NotAsked",
    "NotFound",
    "NotHeld",
    "NotOnDrive",
    "NotPossible",
    "NotRestored",
    "Offline",
    "ProjectUnknown",
    "QuestionChanged",
    "QuotaFull",
    "RateLimited",
    "RcloneFailed",
    "RcloneMissing",
    "RcloneTooOld",
    "RcloneUnusable",
    "RemoteExists",
    "RemoteInUse",
    "RemoteInvalid",
    "RemoteMissing",
    "RemoteUnknown",
    "RuntimeRunning",
    "RuntimeUnknown",
    "ServiceAccountInvalid",
    "SideEmptied",
    "SignInBusy",
    "SignInExpired",
    "SignInNeeded",
    "SignInRefused",
    "StoreDamaged",
    "TokenInvalid",
    "TooManyDeletes",
    "VersionGone",
    "VersionsChanged",
    "WayLocked",
    "WrongAccount",
    "WrongRemote",
]
