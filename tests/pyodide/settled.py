"""Importing this makes Python behave as in a tab, before anybody takes note of how it behaves."""

from asynclab.browser import settle_in

settle_in(None)
