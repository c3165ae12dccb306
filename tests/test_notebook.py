"""Cells of a real kernel, on the virtual clock and on the kernel's own loop."""

import os

import needs
import pytest

from asynclab.notebook import use_clock_of_environment

pytestmark = needs.threads
manager = pytest.importorskip("jupyter_client.manager")

PATIENCE = 60  # seconds that a cell may take on a busy machine


class Kernel:
    """A kernel of this Python; a call runs a cell and returns all that it shows, as text."""

    def __init__(self, clock):
        environment = {**os.environ, "ASYNCLAB_CLOCK": clock}
        self.manager, self.client = manager.start_new_kernel(PATIENCE, env=environment)

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def __call__(self, cell):
        return self.end(self.begin(cell))

    def begin(self, cell):
        return self.client.execute(cell, stop_on_error=False)

    def end(self, request):
        shown = ""
        while True:
            message = self.client.get_iopub_msg(timeout=PATIENCE)
            if message["parent_header"].get("msg_id") != request:
                continue
            content = message["content"]
            if content.get("execution_state") == "idle":
                self.client.get_shell_msg(timeout=PATIENCE)
                return shown
            shown += self._text(message["msg_type"], content)

    @staticmethod
    def _text(kind, content):
        if kind == "execute_result":
            return content["data"]["text/plain"]
        return (
            f"{content['ename']}: {content['evalue']}"
            if kind == "error"
            else content.get("text", "")
        )


@pytest.fixture(scope="module", params=["virtual", "real"])
def any_kernel(request):
    kernel = Kernel(request.param)
    kernel("import asyncio, time, asynclab as lab")
    kernel.clock = request.param
    yield kernel
    kernel.close()


@pytest.fixture
def virtual(any_kernel):
    if any_kernel.clock != "virtual":
        pytest.skip("about the virtual clock")
    return any_kernel


@pytest.fixture
def real(any_kernel):
    if any_kernel.clock != "real":
        pytest.skip("about the kernel's own loop")
    return any_kernel


# -- on either clock -----------------------------------------------------------------------


def test_a_run_works_in_a_cell_whose_kernel_has_a_loop_running(any_kernel):
    shown = any_kernel("lab.run(asyncio.sleep(100, 'slept'))")
    assert shown == "Run: 100 s on the virtual clock, 1 task"


def test_the_same_in_a_cell_that_awaits(any_kernel):
    shown = any_kernel("await asyncio.sleep(0)\nlab.run(asyncio.sleep(100, 'slept')).result")
    assert shown == "'slept'"


def test_a_task_made_in_one_cell_goes_on_in_the_next(any_kernel):
    any_kernel("task = asyncio.create_task(asyncio.sleep(0.05, 'slept'))")
    assert any_kernel("task.done()") == "False"
    assert any_kernel("await task") == "'slept'"


def test_asyncio_run_fails_in_a_cell(any_kernel):
    shown = any_kernel("asyncio.run(c := asyncio.sleep(0))")
    assert shown.endswith("RuntimeError: asyncio.run() cannot be called from a running event loop")
    any_kernel("c.close()")


def test_an_exception_of_a_cell_is_shown_and_the_next_cell_works(any_kernel):
    assert any_kernel("await asyncio.sleep(0); 1 / 0").endswith(
        "ZeroDivisionError: division by zero"
    )
    assert any_kernel("await asyncio.sleep(0, 'fine')") == "'fine'"


# -- Ctrl-C --------------------------------------------------------------------------------

COMPUTE = "async def main():\n    open(pipe, 'w').close()\n    while True: pass"


@pytest.fixture
def interrupted(any_kernel, tmp_path):
    """What a cell shows that is interrupted as soon as it has written to a pipe.

    Not as soon as it has printed something: then it might still be inside ipykernel's own code.
    """
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    any_kernel(f"pipe = {str(pipe)!r}")

    def run(cell):
        request = any_kernel.begin(cell)
        pipe.read_text()  # waits for the cell
        any_kernel.manager.interrupt_kernel()
        return any_kernel.end(request)

    return run


@needs.signals
@pytest.mark.parametrize(
    "cell",
    [
        "await main()",
        "await asyncio.create_task(main())",
        "await asyncio.gather(main(), asyncio.sleep(60))",
        "await lab.timeline(main())",
        "lab.run(main)",
        "lab.run(main, clock='real')",
    ],
)
def test_ctrl_c_stops_a_cell_that_computes_and_the_next_one_works(any_kernel, interrupted, cell):
    any_kernel(COMPUTE)
    shown = interrupted(cell)
    assert "KeyboardInterrupt" in shown or "CancelledError" in shown
    assert any_kernel("lab.run(asyncio.sleep(1, 'fine')).result") == "'fine'"
    assert any_kernel("await asyncio.sleep(0, 'fine')") == "'fine'"


# -- on the virtual clock ------------------------------------------------------------------


def test_a_hundred_virtual_seconds_take_no_time(virtual):
    shown = virtual(
        "before = asyncio.get_running_loop().time()\n"
        "await asyncio.sleep(1_000_000)\n"
        "round(asyncio.get_running_loop().time() - before, 6)"
    )
    assert shown == "1000000.0"


def test_cells_with_and_without_await_run_on_one_loop(virtual):
    virtual("first = asyncio.get_running_loop()")
    assert virtual("await asyncio.sleep(0)\nasyncio.get_running_loop() is first") == "True"
    assert virtual("type(first).__name__") == "'VirtualLoop'"


def test_time_passes_for_a_task_only_while_a_cell_waits(virtual):
    virtual("seen = []\nasync def tick():\n    while True: seen.append(await asyncio.sleep(1))")
    virtual("task = asyncio.create_task(tick())")
    assert virtual("await asyncio.sleep(3.5)\nlen(seen)") == "3"
    assert virtual("len(seen)") == "3"
    virtual("task.cancel()")


def test_time_sleep_in_a_cell_moves_the_clock(virtual):
    assert (
        virtual(
            "before = time.monotonic()\ntime.sleep(1_000_000)\nround(time.monotonic() - before, 6)"
        )
        == "1000000.0"
    )


def test_a_deadlock_is_told_and_the_next_cell_works(virtual):
    shown = virtual("await asyncio.Event().wait()")
    assert "Deadlock: nothing is scheduled, so these tasks would wait for ever:" in shown
    assert virtual("await asyncio.sleep(1, 'fine')") == "'fine'"


# -- on the kernel's own loop --------------------------------------------------------------


def test_cells_run_on_the_kernels_own_loop(real):
    assert real("'VirtualLoop' in str(type(asyncio.get_running_loop()))") == "False"


# -- the variable --------------------------------------------------------------------------


def test_an_unknown_clock_is_refused_by_name(monkeypatch):
    monkeypatch.setenv("ASYNCLAB_CLOCK", "fast")
    with pytest.raises(ValueError, match='ASYNCLAB_CLOCK=fast: set it to "virtual" or "real"'):
        use_clock_of_environment()


def test_outside_a_notebook_the_variable_changes_nothing(monkeypatch):
    monkeypatch.setenv("ASYNCLAB_CLOCK", "virtual")
    use_clock_of_environment()
