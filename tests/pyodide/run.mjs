// node run.mjs <site-packages> <checkout> [pytest arguments]: the core's tests on Pyodide.
//
// Pyodide comes from node_modules, pytest from the environment that runs the other tests: it is
// pure Python, so the same files serve. Nothing is downloaded.
import { loadPyodide } from "pyodide";

const [sitePackages, checkout, ...args] = process.argv.slice(2);
const python = await loadPyodide();

function mount(folder, at) {
  python.FS.mkdirTree(at);
  python.FS.mount(python.FS.filesystems.NODEFS, { root: folder }, at);
}

mount(sitePackages, "/packages/site-packages");
mount(checkout, "/checkout");
python.globals.set("arguments", python.toPy(args));

// A loop of Pyodide's own is running meanwhile, as in a notebook.
process.exitCode = python.runPython(`
import os, sys

sys.dont_write_bytecode = True  # the folders belong to another Python
sys.path += ["/checkout", "/packages/site-packages"]
os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # of the other Python, too
os.chdir("/checkout")

import pytest

int(pytest.main(["-p", "no:cacheprovider", *arguments]))
`);
