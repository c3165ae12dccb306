"""A real Chromium, and what is served to it: a timeline alone, Jupyter, the browser edition."""

import functools
import subprocess
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import needs
import pytest
from notebook_server import JupyterServer
from playwright.sync_api import sync_playwright
from programs import SCENARIOS
from site_page import MINUTES
from site_server import LAN, SiteServer

from asynclab.picture.words import comparison

HERE = Path(__file__).parent
PICTURE = HERE.parents[1] / "asynclab" / "picture"
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"),
    f"--host-resolver-rules=MAP {LAN} 127.0.0.1",
]


class _Files(SimpleHTTPRequestHandler):
    """Serves this folder at / and the picture's module and style at /picture/."""

    def guess_type(self, path):
        # Some machines are registered to call a module plain text, which browsers refuse.
        return "text/javascript" if str(path).endswith(".js") else super().guess_type(path)

    def translate_path(self, path):
        if path.startswith("/picture/"):
            return str(PICTURE / path.removeprefix("/picture/"))
        return super().translate_path(path)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="session")
def site():
    """The address of a local server for the stage."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Files, directory=str(HERE)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def browser(chromium):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def drawings():
    """The drawings of a scenario, by name; each program runs once."""
    return functools.cache(lambda name: SCENARIOS[name]())


@pytest.fixture
def stage(browser, site, drawings):
    """Opens a timeline: ``stage("bounded", width=400, dark=True)`` gives the page."""
    contexts = []

    def show(name, *, width=1060, height=900, dark=False, axis="clock", **emulated):
        context = browser.new_context(viewport={"width": width, "height": height}, **emulated)
        contexts.append(context)
        page = context.new_page()
        page.faults = []
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.goto(f"{site}/stage.html")
        page.wait_for_function("window.ready")
        if dark:
            page.evaluate("document.body.dataset.jpThemeLight = 'false'")
        found = drawings(name) if isinstance(name, str) else name
        state = {"drawings": found, "axis": axis, "headline": comparison(found)}
        page.evaluate("state => { window.show(state) }", state)
        page.wait_for_function("document.querySelector('.tl').dataset.painted === '1'")
        return page

    yield show
    for context in contexts:
        faults = [fault for page in context.pages for fault in page.faults]
        context.close()
        assert not faults, faults


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory):
    """JupyterLab and Notebook 7 as one server: has ``.url`` and ``.folder``."""
    home = tmp_path_factory.mktemp("jupyter")
    server = JupyterServer(home)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def axe(site):
    """The address of axe-core, installed with npm from the lock file beside this file."""
    if not (HERE / "node_modules" / "axe-core" / "axe.min.js").exists():
        npm = needs.program("npm", "npm")
        subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=HERE, check=True)
    return f"{site}/node_modules/axe-core/axe.min.js"


@pytest.fixture(scope="module")
def served(edition):
    """The served browser edition; nothing that is missing was ever asked for."""
    server = SiteServer(edition)
    yield server
    server.stop()
    assert server.lost == []


@pytest.fixture
def learner(browser, served):
    """A browser profile of its own: ``learner(width=360)`` gives a page.

    Nobody but the site is ever asked for anything.
    """
    contexts, asked = [], set()

    def come(*, width=1100, height=900, **emulated):
        context = browser.new_context(viewport={"width": width, "height": height}, **emulated)
        context.on("request", lambda request: asked.add(urlsplit(request.url)[:2]))
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(MINUTES)
        return page

    yield come
    for context in contexts:
        context.close()
    ours = urlsplit(served.url)[:2]
    assert {place for place in asked if place[0] not in ("blob", "data")} == {ours}
