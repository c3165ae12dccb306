"""A notebook of the browser edition, driven as a person would."""

from notebook_page import NotebookPage

MINUTES = 3 * 60_000  # milliseconds: Python starts in the page itself, and computes there

RUN_ALL = "() => { jupyterapp.commands.execute('notebook:run-all-cells') }"
CELLS = """() => jupyterapp.shell.currentWidget.content.model.toJSON().cells
    .filter((cell) => cell.cell_type === 'code')"""
ENDED = f"() => ({CELLS})().every((cell) => cell.execution_count || !cell.source.trim())"
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
        idle = ".jp-Notebook-ExecutionIndicator[data-status=idle]"
        self.page.locator(idle).first.wait_for(state="attached")

    def run_all(self):
        """Run every cell to its end."""
        self.page.evaluate(CLEAR)
        self.page.evaluate(RUN_ALL)
        self.page.wait_for_function(ENDED)

    def save(self):
        """Save, as Ctrl-S does, and wait until it is done."""
        self.page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")

    def code_cells(self):
        """The code cells, as the notebook file holds them."""
        return self.page.evaluate(CELLS)
