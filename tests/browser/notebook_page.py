"""A notebook in a real JupyterLab or Notebook 7, driven as a person would."""

import contextlib
import re

from playwright.sync_api import expect

PLACES = ("lab", "notebook")
LONG = 60_000  # milliseconds: a busy machine starts a kernel slowly
PRESENT = {"state": "attached", "timeout": LONG}  # a narrow window hides parts of the toolbar


class NotebookPage:
    """One opened notebook; ``faults`` collects what the page complained of.

    Args:
        page: an empty page of the browser.
        jupyter: the server, which knows the address of a notebook.
        place: ``lab`` or ``notebook``.
        name: of the notebook file.
    """

    def __init__(self, page, jupyter, place, name):
        self.page = page
        self.faults = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._on_console)
        page.goto(jupyter.address(place, name))
        self.cells = page.locator(".jp-CodeCell")
        self.cells.first.wait_for(timeout=LONG)
        self.wait_until_idle()

    def wait_until_idle(self):
        """Wait until there is a kernel and it has nothing to do."""
        # Before it knows its kernel, a notebook already calls it idle.
        idle = ".jp-Notebook-ExecutionIndicator[data-status=idle]"
        self.page.locator(".jp-KernelName", has_text="Python").first.wait_for(**PRESENT)
        self.page.locator(idle).first.wait_for(**PRESENT)

    def _on_console(self, message):
        # What the server refuses to serve to the front end is no fault of a widget's.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.faults.append(message.text)

    def start(self, index):
        """Run a cell; returns as soon as it has started."""
        prompt = self._prompt(index)
        before = prompt.text_content()
        while prompt.text_content() == before:  # a kernel that is not ready yet takes no cell
            self.cells.nth(index).locator(".cm-content").click(timeout=LONG)
            self.page.keyboard.press("Control+Enter")
            with contextlib.suppress(AssertionError):
                expect(prompt).not_to_have_text(before, timeout=3000)

    def finish(self, index):
        """Wait until a cell has run to its end; returns it."""
        expect(self._prompt(index)).to_have_text(re.compile(r"\[\d+\]"), timeout=LONG)
        return self.cells.nth(index)

    def run(self, index):
        """Run a cell to its end; returns it."""
        self.start(index)
        return self.finish(index)

    def output(self, index):
        """What a cell that was started prints until its end."""
        cell = self.finish(index)
        return cell.locator(".jp-OutputArea-output pre").last.inner_text().strip()

    def printed(self, index):
        """Run a cell to its end; returns what it printed."""
        self.start(index)
        return self.output(index)

    def _prompt(self, index):
        return self.cells.nth(index).locator(".jp-InputPrompt").first

    def restart(self):
        """Restart the kernel from the menu."""
        self.page.get_by_role("menuitem", name="Kernel", exact=True).click()
        self.page.get_by_role("menuitem", name="Restart Kernel", exact=False).first.click()
        self.page.get_by_role("button", name="Confirm Kernel Restart").click()
        self.wait_until_idle()


class ExplorerView:
    """What is on screen of one explorer.

    Args:
        cell: the cell that shows it.
    """

    def __init__(self, cell):
        self.cell = cell
        self.controls = cell.locator(".al-controls")
        self.headline = cell.locator(".tl-facts strong")
        self.code = cell.locator(".al-code code")
        self.status = cell.locator(".al-status")
        self.printed = cell.locator(".al-outputs pre")
        self.failure = cell.locator(".al-failure")

    def control(self, name):
        """The input of a parameter."""
        return self.controls.get_by_label(name, exact=True)
