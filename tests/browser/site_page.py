"""A notebook of the browser edition, driven as a person would."""

from notebook_page import NotebookPage

MINUTES = 3 * 60_000  # milliseconds: Python starts in the page itself
LESSON = 10 * 60_000  # and computes there, several times as long as on a computer

RUN_ALL = "() => { jupyterapp.commands.execute('notebook:run-all-cells') }"
NOTEBOOK = "globalThis.jupyterapp?.shell.currentWidget"
KERNEL = f"{NOTEBOOK}?.sessionContext?.session?.kernel"
CELLS = f"""() => {NOTEBOOK}.content.model.toJSON().cells
    .filter((cell) => cell.cell_type === 'code')"""
# The first cell that fails, and may not, is the last that runs.
ENDED = f"""() => {{
  const cells = ({CELLS})();
  const failed = ({{ outputs, metadata }}) => !metadata.tags?.includes("raises-exception") &&
      outputs.some((output) => output.output_type === "error");
  return cells.some(failed) || cells.every((cell) => cell.execution_count || !cell.source.trim());
}}"""
CLEAR = "() => jupyterapp.commands.execute('notebook:clear-all-cell-outputs')"


class SiteNotebook(NotebookPage):
    """One opened notebook; what is inherited waits as long as Python in a page needs.

    Args:
        page: an empty page of the browser.
        server: the site.
        path: of the notebook in the site.
    """

    def __init__(self, page, server, path):
        page.set_default_timeout(MINUTES)
        super().__init__(page, server, "notebook", path)

    def wait_until_idle(self):
        """Wait until Python runs in the page and has nothing to do."""
        ready = f"() => {KERNEL}?.status === 'idle' && {NOTEBOOK}.context.isReady"
        self.page.wait_for_function(ready)

    def run_all(self):
        """Run every cell to its end."""
        self.page.evaluate(CLEAR)
        assert not any(cell["execution_count"] for cell in self.code_cells())
        self.page.evaluate(RUN_ALL)
        self.page.wait_for_function(ENDED, timeout=LESSON)

    def save(self):
        """Save, as Ctrl-S does, and wait until it is done."""
        self.page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")

    def code_cells(self):
        """The code cells, as the notebook file holds them."""
        return self.page.evaluate(CELLS)
