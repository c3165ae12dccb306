"""A Jupyter server of our own, with nothing of the user's: no settings, no history, no token."""

import json
import os
import runpy
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import nbformat

PROJECT = Path(__file__).parents[2]
CONNECTION = runpy.run_path(str(PROJECT / "course.py"))["CONNECTION"]  # the learner's own
PATHS = {"lab": "lab/tree", "notebook": "notebooks"}
THEMES = "@jupyterlab/apputils-extension:themes"


class JupyterServer:
    """Serves ``folder``; JupyterLab is at ``url``/lab, Notebook 7 at ``url``/notebooks."""

    def __init__(self, home):
        self.folder = home / "notebooks"
        self.folder.mkdir()
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.log = []
        self._running = threading.Event()
        options = {
            "ServerApp.ip": "127.0.0.1",
            "ServerApp.port": port,
            "ServerApp.port_retries": 0,
            "ServerApp.root_dir": self.folder,
            "ServerApp.allow_root": True,
            "ServerApp.open_browser": False,
            "ServerApp.disable_check_xsrf": True,
            "IdentityProvider.token": "",
        }
        arguments = [f"--{key}={value}" for key, value in options.items()]
        command = [sys.executable, "-m", "jupyterlab", f"--{CONNECTION}", *arguments]
        places = ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR",
                  "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR")  # fmt: skip
        own = {name: str(home / name.lower()) for name in places}
        self._environment = {**os.environ, **own, "PYTHONPATH": str(PROJECT)}
        self._process = subprocess.Popen(
            command,
            env=self._environment,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if not self._running.wait(timeout=60):
            self.stop()
            raise RuntimeError("JupyterLab did not start:\n" + "".join(self.log))

    def _read(self):
        for line in self._process.stderr:
            self.log.append(line)
            if "is running at" in line:
                self._running.set()

    def stop(self):
        self._process.terminate()
        self._process.wait(timeout=30)
        self._reader.join()
        self._process.stderr.close()

    def address(self, place, name):
        """Where a notebook is, in a page that has forgotten the tabs of the last visit."""
        return f"{self.url}/{PATHS[place]}/{name}?reset"

    def write(self, name, *cells):
        """Write a notebook with these code cells into the folder; returns its path."""
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        path = self.folder / name
        nbformat.write(notebook, path)
        return path

    def trust(self, path):
        """Sign a notebook, as a person does who trusts its outputs: else no widget is shown."""
        command = [sys.executable, "-m", "nbformat.sign", str(path)]
        subprocess.run(command, env=self._environment, check=True, capture_output=True)

    def use_theme(self, name):
        """Make this the theme of pages that are opened from now on."""
        settings = json.dumps({"raw": json.dumps({"theme": name})}).encode()
        url = f"{self.url}/lab/api/settings/{THEMES}"
        with urllib.request.urlopen(urllib.request.Request(url, settings, method="PUT")) as answer:
            assert answer.status == 204


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
