"""Errors: the one that says why there is no site."""

__all__ = ["SiteError"]


class SiteError(Exception):
    """The site cannot be built or served; the message says why, and what to do."""
