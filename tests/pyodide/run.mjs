// node run.mjs <checkout> <folder of packages>... -- [pytest arguments]: tests on Pyodide.
//
// Pyodide comes from node_modules, pytest from the environment that runs the other tests: it is
// pure Python, so the same files serve. Nothing is downloaded.
import { loadPyodide } from "pyodide";

const given = process.argv.slice(2);
const [checkout, ...packages] = given.slice(0, given.indexOf("--"));
const python = await loadPyodide();

function mount(folder, at) {
  python.FS.mkdirTree(at);
  python.FS.mount(python.FS.filesystems.NODEFS, { root: folder }, at);
  return at;
}

mount(checkout, "/checkout");
const places = packages.map((folder, n) => mount(folder, `/packages/${n}/site-packages`));
python.globals.set("places", python.toPy(places));
python.globals.set("arguments", python.toPy(given.slice(given.indexOf("--") + 1)));

// A loop of Pyodide's own is running meanwhile, as in a notebook.
process.exitCode = python.runPython(`
import os, sys

sys.dont_write_bytecode = True  # the folders belong to another Python
sys.path += ["/checkout", *places]
os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # of the other Python, too
os.chdir("/checkout")

import pytest

int(pytest.main(["-p", "no:cacheprovider", *arguments]))
`);
