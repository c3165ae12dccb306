"""Site: the browser edition, a folder of static files in which every notebook runs.

:func:`~asynclab.site.builder.build` makes it from files of PyPI and npm whose hashes are pinned
here; :func:`~asynclab.site.server.serve` serves it. Python runs in the learner's browser
(Pyodide, inside JupyterLite), so that any web server will do.
"""

from .errors import SiteError

__all__ = ["SiteError"]
