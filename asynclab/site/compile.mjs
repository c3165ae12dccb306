// node compile.mjs PYODIDE PACKAGES STDLIB
// Compiles two folders of Python with the very Python that will run them: PACKAGES holds one folder
// for each package, STDLIB is the standard library, which is imported from a zip file.
const [pyodide, packages, stdlib] = process.argv.slice(2);
const { loadPyodide } = await import(`file://${pyodide}/pyodide.mjs`);
const python = await loadPyodide({ indexURL: `${pyodide}/`, env: { PYTHONHASHSEED: "0" } });

function mount(folder, at) {
  python.FS.mkdirTree(at);
  python.FS.mount(python.FS.filesystems.NODEFS, { root: folder }, at);
}

mount(packages, "/packages");
mount(stdlib, "/stdlib");
python.runPython(`
import compileall
from pathlib import Path
from py_compile import PycInvalidationMode

# What is compiled belongs to its source for good, so no date of a file is looked at.
how = {"quiet": 2, "force": True, "maxlevels": 50, "workers": 1,
       "invalidation_mode": PycInvalidationMode.UNCHECKED_HASH}
for package in sorted(Path("/packages").iterdir()):
    compileall.compile_dir(package, stripdir=package, prependdir="/lib/python3.14/site-packages",
                           **how)
compileall.compile_dir("/stdlib", stripdir="/stdlib", prependdir="/lib/python314.zip",
                       legacy=True, **how)
`);
