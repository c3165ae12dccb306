"""The browser edition: what it is made of, that it never varies, and who serves it."""

import asyncio
import base64
import contextlib
import filecmp
import hashlib
import json
import re
import shutil
import socket
import threading
import zipfile
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from rich.console import Console
from typer.testing import CliRunner

from asynclab import cli
from asynclab.site import builder, command, parts, registry, server, wheels
from asynclab.site.errors import SiteError
from asynclab.syllabus import SYLLABUS

ROOT = Path(__file__).parents[1]
QUIET = Console(quiet=True)


# -- registry ------------------------------------------------------------------------------


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """A registry of our own: ``shelf(content)`` gives the artifact of a file that it serves."""
    monkeypatch.setattr(registry, "cache_folder", lambda: tmp_path / "cache")
    (tmp_path / "shelf").mkdir()
    at = ThreadingHTTPServer(
        ("127.0.0.1", 0), lambda *call: _Quiet(*call, directory=tmp_path / "shelf")
    )
    thread = threading.Thread(target=at.serve_forever)
    thread.start()

    def put(name, content, digest=None):
        (tmp_path / "shelf" / name).write_bytes(content)
        digest = digest or hashlib.sha256(content).hexdigest()
        url = f"http://127.0.0.1:{at.server_port}/{name}"
        return registry.Artifact(name, url, digest, len(content))

    yield put
    at.shutdown()
    at.server_close()
    thread.join()


def kept(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_what_was_fetched_is_not_fetched_again(shelf):
    arrived = []
    wanted = [shelf("one.whl", b"1" * 1000), shelf("two.whl", b"2" * 500)]
    registry.fetch(wanted, arrived.append)
    assert [part.path.read_bytes() for part in wanted] == [b"1" * 1000, b"2" * 500]
    assert sum(arrived) == 1500
    registry.fetch(wanted, lambda count: pytest.fail("fetched again"))


def test_a_file_with_another_hash_is_refused_and_not_kept(shelf, tmp_path):
    forged = shelf("one.whl", b"forged", digest="0" * 64)
    with pytest.raises(SiteError, match=r"one\.whl is not the file .* its hash\s+differs"):
        registry.fetch([forged], lambda count: None)
    assert kept(tmp_path / "cache") == []


def test_a_registry_that_lacks_a_file_is_named(shelf, tmp_path):
    artifact = shelf("one.whl", b"1")
    (tmp_path / "shelf" / "one.whl").unlink()
    with pytest.raises(SiteError, match=r"one\.whl answers 404: try again later"):
        registry.fetch([artifact], lambda count: None)


def test_without_a_network_one_sentence_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "cache_folder", lambda: tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as unused:
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/one.whl"
    with pytest.raises(SiteError, match=r"127\.0\.0\.1 cannot be reached \(ConnectError\)"):
        registry.fetch([registry.Artifact("one", url, "0", 1)], lambda count: None)


# -- parts ---------------------------------------------------------------------------------


def test_the_browser_gets_the_releases_that_the_installed_edition_pins():
    text = (ROOT / "requirements.txt").read_text("utf-8")
    pinned = dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE))
    found = {
        part.package: part.path.name.split("-")[1]
        for part in parts.Parts.pinned().browser
        if part.package in pinned and part.package != "ipython"  # browser.in says why
    }
    assert found == {package: pinned[package] for package in found}
    assert {"anywidget", "fastapi", "httpx", "ipywidgets", "starlette"} <= found.keys()


def test_the_tests_under_node_run_the_pyodide_of_the_site():
    lock = json.loads((ROOT / "tests/pyodide/package-lock.json").read_text("utf-8"))
    theirs = lock["packages"]["node_modules/pyodide"]
    ours = base64.b64encode(bytes.fromhex(parts.PYODIDE.digest)).decode()
    assert theirs["integrity"] == f"sha512-{ours}"


def test_every_system_finds_its_tools():
    systems = ["macosx", "manylinux", "win_amd64"]
    named = (ROOT / "asynclab/site/pylock.tools.toml").read_text("utf-8")
    assert [system for system in systems if f"-none-{system}" not in named] == []


def test_a_processor_that_nothing_is_made_for_is_told(tmp_path):
    lock = ROOT / "asynclab/site/pylock.tools.toml"
    with pytest.raises(SiteError, match=r"names no wheel of doit .* for this machine"):
        registry.locked(lock, [], {})


# -- wheels --------------------------------------------------------------------------------


def test_packing_does_not_depend_on_dates(tmp_path):
    folder = tmp_path / "package"
    (folder / "inner").mkdir(parents=True)
    for name in ("b.py", "a.py", "inner/c.py"):
        (folder / name).write_text(name)
    wheels.pack(folder, tmp_path / "one.zip")
    shutil.copytree(folder, tmp_path / "copy", copy_function=shutil.copyfile)
    wheels.pack(tmp_path / "copy", tmp_path / "two.zip")
    assert filecmp.cmp(tmp_path / "one.zip", tmp_path / "two.zip", shallow=False)


# -- the site ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def python(edition):
    """The folder of Python in the site."""
    return next(edition.glob("python-*"))


def test_two_builds_are_the_same_to_the_byte(edition, tmp_path):
    builder.build(ROOT, tmp_path / "again", QUIET)
    first, second = (
        {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob("*")
            if path.is_file()
        }
        for folder in (edition, tmp_path / "again")
    )
    assert first == second


def test_a_site_of_the_same_sources_is_not_built_again(edition, monkeypatch):
    monkeypatch.setattr(builder, "make_distribution", lambda *args: pytest.fail("built again"))
    builder.build(ROOT, edition, QUIET)


def test_pyodide_knows_each_wheel_by_its_hash(python):
    packages = json.loads((python / "pyodide-lock.json").read_text("utf-8"))["packages"]
    named = {entry["file_name"]: entry["sha256"] for entry in packages.values()}
    there = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in python.glob("*.whl")
    }
    assert named == there
    assert {name for entry in packages.values() for name in entry["depends"]} <= packages.keys()


def test_markers_are_evaluated_for_the_python_of_the_site(python):
    about = json.loads((python / "pyodide-lock.json").read_text("utf-8"))["info"]
    assert about["python"] == parts.ENVIRONMENT["python_full_version"]
    assert f"_{about['abi_version']}_{about['arch']}" in parts.TAGS[0].platform


def test_every_module_of_the_course_is_there_and_compiled(python):
    with zipfile.ZipFile(next(python.glob("asynclab-*.whl"))) as archive:
        names = set(archive.namelist())
    modules = {name for name in names if name.endswith(".py")}
    assert {"asynclab/__init__.py", "asynclab/checking/engine.py"} <= modules
    assert not [name for name in names if name.startswith(("asynclab/site/", "asynclab/grading/"))]
    compiled = {
        re.sub(r"([^/]+)\.py$", r"__pycache__/\1.cpython-314.pyc", name) for name in modules
    }
    assert compiled <= names


def test_the_notebooks_of_the_site_are_those_of_the_course(edition):
    for folder in builder.CONTENTS:
        ours = {path.name: path.read_bytes() for path in (ROOT / folder).glob("*.ipynb")}
        there = {path.name: path.read_bytes() for path in (edition / "files" / folder).iterdir()}
        assert there == ours


def test_nothing_in_the_site_knows_the_machine_that_built_it(edition):
    marks = [str(place).encode() for place in (ROOT, Path.home() / ".cache", builder.__file__)]
    for path in edition.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [mark for mark in marks if mark in content], path


def test_the_first_page_links_every_lesson_that_exists(edition):
    page = (edition / "index.html").read_text("utf-8")
    links = set(re.findall(r'href="notebooks/index\.html\?path=([^"]+)"', page))
    there = {
        path.relative_to(edition / "files").as_posix()
        for folder in ("notebooks", "exercises")
        for path in (edition / "files" / folder).glob("*.ipynb")
    }
    assert links == there
    assert all(stem[:2] in page for stem in SYLLABUS)


def test_the_first_page_fetches_files_that_exist_and_knows_their_sizes(edition):
    page = (edition / "index.html").read_text("utf-8")
    course = json.loads(re.search(r'id="course">(.+?)</script>', page)[1])
    sizes = {name: (edition / name).stat().st_size for name, _ in course["files"]}
    assert course["files"] == [[name, size] for name, size in sizes.items()]
    assert any("pyodide.asm.wasm" in name for name in sizes)
    assert any("asynclab-" in name for name in sizes)
    assert not any("fastapi" in name for name in sizes), "loaded by the lesson that asks for it"


# -- builds that do not end well --------------------------------------------------------------


@pytest.mark.parametrize("trouble", [KeyboardInterrupt, SiteError])
def test_a_build_that_is_cut_short_leaves_the_earlier_site(tmp_path, monkeypatch, trouble):
    def stop(*args):
        raise trouble

    site = tmp_path / "site"
    site.mkdir()
    (site / builder.MARK).write_text('{"made_of": "earlier"}')
    monkeypatch.setattr(parts.Parts, "missing", lambda self: 0)
    monkeypatch.setattr(builder, "make_distribution", lambda *args: args[2].mkdir())
    monkeypatch.setattr(builder, "make_lite", stop)
    with pytest.raises(trouble):
        builder.build(ROOT, site, QUIET)
    assert kept(tmp_path) == [builder.MARK]
    assert list(tmp_path.iterdir()) == [site]


def test_a_folder_of_something_else_is_not_replaced(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    done = CliRunner().invoke(cli.app, ["site", "--output", str(tmp_path)])
    assert done.exit_code == 1
    assert "holds something else: name a new folder, or an earlier site" in done.output
    assert kept(tmp_path) == ["thesis.txt"]


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    done = CliRunner().invoke(cli.app, ["site", "--output", str(tmp_path / "file" / "site")])
    assert done.exit_code == 1
    assert f"{tmp_path / 'file'} cannot be written" in done.output.replace("\n", "")
    assert "name another folder with --output" in done.output


# -- serving -------------------------------------------------------------------------------


def ask(folder, *paths):
    """The answers of the site's server."""

    async def all_of_them():
        transport = httpx.ASGITransport(server.application(folder))
        async with httpx.AsyncClient(transport=transport, base_url="http://site") as client:
            return [await client.get(path) for path in paths]

    return asyncio.run(all_of_them())


def test_files_have_the_types_that_browsers_insist_on(tmp_path):
    names = ["a.mjs", "a.js", "a.wasm", "a.json", "a.css", "a.html", "a.svg"]
    for name in names:
        (tmp_path / name).write_text("")
    found = [answer.headers["content-type"].partition(";")[0] for answer in ask(tmp_path, *names)]
    assert found == [
        "text/javascript", "text/javascript", "application/wasm", "application/json",
        "text/css", "text/html", "image/svg+xml",
    ]  # fmt: skip


def test_only_what_never_changes_under_its_name_is_kept_for_good(tmp_path):
    (tmp_path / "python-1").mkdir()
    for name in ("index.html", "python-1/pyodide.mjs"):
        (tmp_path / name).write_text("")
    page, python, lost = ask(tmp_path, "/", "/python-1/pyodide.mjs", "/python-1/nothing")
    assert page.headers["cache-control"] == "no-cache"
    assert "immutable" in python.headers["cache-control"]
    assert lost.status_code == 404


def test_what_can_be_smaller_is_sent_smaller(tmp_path):
    for name in ("python.wasm", "page.js", "package.whl"):
        (tmp_path / name).write_text("the same again, " * 1000)
    wasm, module, wheel = ask(tmp_path, "/python.wasm", "/page.js", "/package.whl")
    assert wasm.text == module.text == wheel.text == "the same again, " * 1000
    sent = [answer.headers.get("content-encoding") for answer in (wasm, module, wheel)]
    assert sent == ["gzip", "gzip", None]  # a package is a zip file already


def test_no_page_is_isolated_from_other_origins(tmp_path):
    (tmp_path / "index.html").write_text("")
    [page] = ask(tmp_path, "/")
    assert not [name for name in page.headers if name.startswith("cross-origin")]


def test_an_address_that_is_taken_is_told(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SiteError, match=rf"nothing can listen on 127\.0\.0\.1, port {port}"):
            command.run(ROOT, tmp_path / "site", Console(quiet=True), ("127.0.0.1", port))
    assert not (tmp_path / "site").exists()  # it is told before anything is built


def test_the_address_of_a_classroom_is_one_that_others_can_type():
    url = httpx.URL(server.address("0.0.0.0", 8080))
    assert url.port == 8080
    with contextlib.closing(socket.socket()) as probe:
        probe.bind((url.host, 0))  # an address of this machine
    assert url.host != "0.0.0.0"
