"""What the stand-in raises: the same tree of names as Colab's."""


class Error(Exception):
    pass


class AuthorizationError(Error):
    pass


class RuntimeManagementError(Error):
    pass
