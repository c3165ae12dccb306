"""Worker: what happens inside a sandbox. It reads, runs, plays and tells; it judges nothing.

No expected value, seed or solution is in this process. A workload comes only after all cells have
run, and the answers of its service one by one, as each call ends.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import gc
import importlib
import inspect
import itertools
import json
import socket
import sys
from asyncio import CancelledError
from dataclasses import asdict
from typing import Any

from pydantic_core import PydanticSerializationError

from asynclab.checking import Case, Diagnosis, Service, desk
from asynclab.checking.arrangement import Arrangement
from asynclab.checking.engine import NOT_ATTEMPTED, has_every_line, objection
from asynclab.checking.performance import perform
from asynclab.checking.plain import error_text
from asynclab.checking.service import Call, Unreachable
from asynclab.notebook import CellClock
from asynclab.trace import Trace

from . import evidence
from .attempts import report_attempts
from .channel import Channel
from .notebook import Malformed, Submitted, read_notebook
from .secrecy import forget_answers

__all__ = ["preload", "tell_fault", "work"]

KEPT = 2000  # characters of what a run printed
COMMON = (
    *("array", "bisect", "collections", "concurrent.futures", "contextlib", "copy", "csv"),
    *("dataclasses", "datetime", "decimal", "difflib", "enum", "fractions", "functools"),
    *("heapq", "html", "io", "itertools", "json", "logging", "math", "numbers", "operator"),
    *("pprint", "queue", "random", "re", "secrets", "signal", "statistics", "string"),
    *("subprocess", "textwrap", "threading", "time", "traceback", "types", "typing"),
    *("uuid", "warnings", "weakref", "zoneinfo", "multiprocessing", "ctypes", "httpx"),
    *("asynclab.api", "asynclab.picture"),
)
NESTING = ("nest_asyncio", "nest_asyncio2")  # a notebook's loop bears it, a virtual one does not
TURNS = 5000  # of all tasks of one run that are told from its begin, and as many from its end


def preload() -> None:
    """Load what a submission may need, before the files are out of reach, and no solution."""
    for name in COMMON:
        importlib.import_module(name)
    for name in NESTING:
        with contextlib.suppress(ImportError):
            importlib.import_module(name).apply = lambda *_, **__: None
    forget_answers()


def work(connection: socket.socket) -> None:
    """Grade one submission: everything that is said between a sandbox and the grader.

    Args:
        connection: to the grader.
    """
    channel = Channel(connection)
    job = json.loads(channel.receive())
    data = channel.receive_exactly(job["size"])
    teller = _Teller(channel)
    try:
        submitted = read_notebook(data, job["starters"], job["checks"])
    except Malformed as error:
        teller.tell(evidence.Read(problem=str(error)[:1000]))
        return
    teller.tell(
        evidence.Read(
            answered=list(submitted.answers),
            tampered=submitted.tampered,
            notes=submitted.notes,
            elsewhere=submitted.elsewhere,
        )
    )
    report_attempts(lambda what: teller.tell(evidence.Attempted(what=_text(what, 300))))
    cells = _Cells(teller)
    cells.run_all(job["steps"], submitted, job["skip"])
    teller.tell(evidence.Ran(notes=cells.notes()))
    _answer_requests(teller, cells)


class _Teller:
    """Sends evidence."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._noted: list[bytes] = []
        self.numbers = itertools.count()  # of what it asks

    def note(self, message: evidence.Message) -> None:
        """Send it, in its order, together with what is told next."""
        self._noted.append(_json(message))

    def tell(self, message: evidence.Message) -> None:
        self.note(message)
        lines, self._noted = b"\n".join(self._noted), []
        self._channel.send(lines)

    def ask(self, message: evidence.Reply) -> dict[str, Any]:
        self.tell(message)
        return self.hear("number", message.number)

    def hear(self, key: str, *values: Any) -> dict[str, Any]:
        """What the grader says that has such a value.

        Whatever else is there answers a call that the limit of time has interrupted.
        """
        while (said := json.loads(self._channel.receive())).get(key) not in values:
            pass
        return said


def _json(message: evidence.Message) -> bytes:
    try:
        return message.model_dump_json().encode()
    except PydanticSerializationError:  # half a character, which no encoding can hold
        text = json.dumps(message.model_dump(mode="json"), ensure_ascii=False)
        return text.encode("utf-8", "replace")


def _text(text: str, length: int) -> str:
    return text[:length].encode("utf-8", "replace").decode()


class _Cells:
    """One namespace and one loop for all cells, as in a notebook."""

    def __init__(self, teller: _Teller) -> None:
        self.namespace: dict[str, Any] = {
            "__name__": "__main__",
            "display": print,  # a notebook has it, too
            "input": _nobody_answers,
        }
        self.errors: dict[str, str] = {}
        self._teller = teller
        self._clock = CellClock()

    def run_all(
        self, steps: list[tuple[str, str, str]], submitted: Submitted, skip: list[str]
    ) -> None:
        for kind, name, code in steps:
            if kind == "course":
                self._run(code, "<course>")
            elif name in submitted.answers and name not in skip:
                self._teller.tell(evidence.Playing(exercise=name))
                error = self._run(submitted.answers[name], f"<answer-{name}>")
                self.errors[name] = _text(error, KEPT)
                gc.collect()  # what was never awaited is told now, and of nobody else's answer

    def notes(self) -> list[str]:
        pending = [t for t in asyncio.all_tasks(self._clock.loop) if not t.done()]
        return ["tasks were still pending after the last cell"] if pending else []

    def _run(self, source: str, filename: str) -> str:
        """Run one cell; its error as text, empty if there is none."""
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT

        async def cell() -> None:
            value = eval(code, self.namespace)  # noqa: S307 - here is the sandbox for it
            if inspect.iscoroutine(value):
                await value

        try:
            code = compile(source, filename, "exec", flags, dont_inherit=True)
        except (MemoryError, RecursionError):
            return "SyntaxError: the cell is nested too deeply"
        except (SyntaxError, ValueError) as error:
            return error_text(error)
        try:
            self._clock(cell())
        except MemoryError:  # of whatever class: the grader goes on without this cell
            raise MemoryError from None
        except BaseException as error:  # noqa: BLE001 - a cell may raise anything
            return error_text(error)
        return ""


def _nobody_answers(_prompt: object = "") -> str:
    raise EOFError("nobody is there to answer input(): take it out of the answer cell")


def _answer_requests(teller: _Teller, cells: _Cells) -> None:
    """The grader asks what an answer is, and to play it on a case, until it has enough."""
    functions: dict[str, Any] = {}
    while True:
        request = teller.hear("ask", "open", "play", "end")
        match request["ask"]:
            case "open":
                teller.tell(_opened(request["exercise"], cells, functions))
            case "play":
                _play(request, functions[request["exercise"]], teller)
            case "end":
                return


def _opened(name: str, cells: _Cells, functions: dict[str, Any]) -> evidence.Message:
    """Is there an answer that can be played? It is kept in ``functions`` if so."""
    answer, error = cells.namespace.get(name), cells.errors.get(name, "")
    if answer is None:
        note = error or f"the answer cell does not define {name}"
        return evidence.Judged(state="error", note=note)
    try:
        verdict = objection(desk.exercises()[name], answer)
    except Exception as failure:  # noqa: BLE001 - an answer may be anything
        note = f"{name} is a {type(answer).__name__}: {error_text(failure)}"
        return evidence.Judged(state="error", note=_text(note, KEPT))
    if verdict is None:
        functions[name] = answer.function() if isinstance(answer, Arrangement) else answer
        return evidence.Ready(every_line=has_every_line(answer))
    if verdict.state == NOT_ATTEMPTED:
        return evidence.Judged(state="not_attempted", note=verdict.note)
    return _wrong(verdict.diagnosis)


def _wrong(found: Diagnosis) -> evidence.Judged:
    parts = {name: _text(text, KEPT) for name, text in asdict(found).items()}
    return evidence.Judged(state="wrong", diagnosis=parts)


# -- playing -------------------------------------------------------------------------------


def _play(request: dict[str, Any], function: Any, teller: _Teller) -> None:
    exercise = desk.exercises()[request["exercise"]]
    case = Case(**request["case"])
    services: list[_FarService] = []

    def begin(case: Case, seed: str) -> _FarService:
        if services:
            services[-1].is_over = True
            teller.note(evidence.Again())
        services.append(_FarService(teller, case, seed))
        return services[-1]

    sight = perform(exercise, function, case, "", service_class=begin)
    services[-1].is_over = True
    _cut_the_middle(sight.trace)
    own = {name: getattr(sight, name) for name in evidence.Seen.model_fields if name != "kind"}
    own["printed"] = own["printed"][:KEPT]
    teller.tell(evidence.Seen.model_construct(**own))


def _cut_the_middle(trace: Trace) -> None:
    """Of a task that turns and turns, the first and the last turns say it all."""
    kept = TURNS // (len(trace.tasks) or 1) + 50
    for task in trace.tasks:
        middle = slice(kept, len(task.slices) - kept)
        if middle.start < middle.stop:
            del task.slices[middle], task.waits[middle]


class _FarService(Service):
    """A service whose record and whose answers are with the grader.

    Attributes:
        is_over: the run has ended. A coroutine that refuses to end goes on and is not heard.
    """

    def __init__(self, teller: _Teller, case: Case, seed: str) -> None:
        super().__init__(case, seed)
        self._teller = teller
        self._known: list[Call] = []  # of which the grader knows the end
        self.is_over = False

    def settle(self) -> list[Call]:
        """The function has returned: the grader's record counts as it stands now."""
        self._note(evidence.Settled(time=(self._loop or asyncio.get_running_loop()).time()))
        return super().settle()

    def _began(self, call: Call) -> None:
        number = len(self.calls) - 1
        self._note(evidence.Began(call=number, item=call.item, time=call.start))

    def _reply(self, call: Call, *, is_first: bool) -> Any:  # noqa: ARG002 - the grader knows
        if self.is_over:
            raise CancelledError
        now = asyncio.get_running_loop().time()
        self._known.append(call)
        number = next(self._teller.numbers)
        reply = evidence.Reply(call=self._number(call), time=now, number=number)
        given = self._teller.ask(reply)
        if "unreachable" in given:
            raise Unreachable(given["unreachable"])
        if "called_off" in given:
            raise CancelledError(given["called_off"])
        return given["answer"]

    def _ended(self, call: Call) -> None:
        if call.outcome == "cancelled" and not any(call is known for known in self._known):
            self._note(evidence.Cancelled(call=self._number(call), time=call.end))

    def _note(self, message: evidence.Message) -> None:
        if not self.is_over:
            self._teller.note(message)

    def _number(self, call: Call) -> int:
        return next(number for number, known in enumerate(self.calls) if known is call)


def tell_fault(connection: socket.socket) -> None:
    """Tell the grader of an exception in its own code, as far as that is possible."""
    message = evidence.Fault(what=_text(error_text(sys.exc_info()[1]), KEPT))
    Channel(connection).send(_json(message))
