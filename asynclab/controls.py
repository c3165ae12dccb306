"""Controls: sliders that re-run the learner's real code and redraw its picture.

The controls are native inputs in a widget of their own: a browser knows how to label, focus and
move them, and ipywidgets sends one message at a time, the newest values last. Each move runs the
coroutine from its start on the virtual clock, inside the callback, so nothing is left running and
the answer never depends on what else the kernel does.
"""

from __future__ import annotations

import contextlib
import gc
import html
import inspect
import math
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import traitlets

from .cells import Stack, script
from .clock import ClockError, TimeLimit
from .picture import Picture
from .picture.widget import TimelineWidget
from .picture.words import count
from .runner import Run, run

__all__ = ["Explorer", "explore"]

HERE = Path(__file__).parent
REAL_LIMIT = 2.0  # real seconds for one run: longer, and the slider seems dead
MOST_LINES, MOST_COLUMNS = 200, 500  # of printed output under the picture
DIGITS = 9

# A parameter whose last word is one of these is in seconds.
TIMES = frozenset({
    "backoff", "deadline", "delay", "duration", "interval", "jitter", "latency", "pause",
    "seconds", "timeout", "wait",
})  # fmt: skip

Function = Callable[..., Coroutine[Any, Any, Any]]


def explore(
    fn: Function,
    /,
    *,
    title: str | None = None,
    units: dict[str, str] | None = None,
    **controls: Any,
) -> Explorer:
    """Show controls for parameters of ``fn``; every move runs it again and redraws its picture.

    A control starts at the parameter's default where that is in its range, else in the middle.

    Args:
        fn: a coroutine function. It runs on the virtual clock.
        title: stands over the picture; by default the name of the function.
        units: unit of a parameter, by name. Delays, timeouts and the like are in seconds already.
        controls: for each parameter ``(lowest, highest)`` or ``(lowest, highest, step)`` for a
            slider, a list for a choice, True or False for a checkbox. The control ``limit`` is
            drawn as a dashed line; ``limit="name"`` does this with another parameter.

    Raises:
        TypeError: fn is not a coroutine function.
        ValueError: fn has no such parameter, or needs one that has no control; a range is empty,
            its step is not positive, a list has no choice, or there is no control at all.
    """
    parameters = _parameters(fn)
    name = _name(fn)
    named = isinstance(controls.get("limit"), str)
    limited_by = controls.pop("limit") if named else "limit"
    _check_names(name, parameters, controls, [*(units or {}), *([limited_by] if named else [])])
    units = {**{key: "s" for key in controls if key.split("_")[-1] in TIMES}, **(units or {})}
    made = [
        _control(key, given, parameters[key].default, units.get(key, ""))
        for key, given in controls.items()
    ]
    return Explorer(fn, made, title=title or name, limited_by=limited_by)


# -- the function --------------------------------------------------------------------------


def _name(fn: Function) -> str:
    return getattr(inspect.unwrap(getattr(fn, "func", fn)), "__name__", "call")


def _parameters(fn: Function) -> dict[str, inspect.Parameter]:
    """The parameters of ``fn`` that can be passed by name."""
    if inspect.iscoroutine(fn):
        name = fn.__name__
        fn.close()
        raise TypeError(
            f"pass the function itself: explore({name}, ...), not explore({name}(), ...)"
        )
    if not inspect.iscoroutinefunction(fn):
        what = getattr(fn, "__name__", None) or repr(fn)
        raise TypeError(
            f"explore() takes a coroutine function; {what} is not defined with 'async def'"
        )
    by_name = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {k: p for k, p in inspect.signature(fn).parameters.items() if p.kind in by_name}


def _check_names(
    name: str,
    parameters: dict[str, inspect.Parameter],
    controls: dict[str, Any],
    others: list[str],
) -> None:
    has = f"its parameters are: {', '.join(parameters)}" if parameters else "it has no parameters"
    for key in (*controls, *others):
        if key not in parameters:
            raise ValueError(f"{name}() has no parameter {key!r}; {has}")
    if not controls:
        raise ValueError(f"give at least one control for {name}(); {has}")
    missing = [k for k, p in parameters.items() if p.default is p.empty and k not in controls]
    if missing:
        raise ValueError(
            f"{name}() also needs {', '.join(missing)}: give a control, or a default value"
        )


# -- the controls --------------------------------------------------------------------------


@dataclass(frozen=True)
class Slider:
    """A number in a range. The browser sends the number."""

    name: str
    low: float
    high: float
    step: float
    start: float
    unit: str

    def read(self, sent: float) -> float:
        """The value to call the function with: an int stays an int, a float is on its step."""
        if all(isinstance(x, int) for x in (self.low, self.high, self.step)):
            return int(sent)
        return round(float(sent), DIGITS)

    def described(self) -> dict[str, Any]:
        """What the browser needs to know."""
        limits = {"low": self.low, "high": self.high, "step": self.step}
        return {"kind": "slider", "name": self.name, "unit": self.unit, **limits}


@dataclass(frozen=True)
class Choice:
    """One of some values. The browser sends its index."""

    name: str
    choices: list[Any]
    start: int
    unit: str

    def read(self, sent: int) -> Any:
        """The value to call the function with."""
        return self.choices[sent]

    def described(self) -> dict[str, Any]:
        """What the browser needs to know."""
        words = [getattr(c, "__name__", str(c)) for c in self.choices]
        return {"kind": "choice", "name": self.name, "unit": self.unit, "choices": words}


@dataclass(frozen=True)
class Checkbox:
    """Yes or no."""

    name: str
    start: bool

    def read(self, sent: bool) -> bool:
        """The value to call the function with."""
        return bool(sent)

    def described(self) -> dict[str, Any]:
        """What the browser needs to know."""
        return {"kind": "checkbox", "name": self.name, "unit": ""}


Control = Slider | Choice | Checkbox


def _control(name: str, given: Any, default: Any, unit: str) -> Control:
    if isinstance(given, bool):
        return Checkbox(name, given)
    if isinstance(given, list):
        if not given:
            raise ValueError(f"{name}=[]: a list needs at least one choice")
        return Choice(name, given, given.index(default) if default in given else 0, unit)
    if isinstance(given, tuple) and len(given) in (2, 3) and all(map(_is_number, given)):
        return _slider(name, given, default, unit)
    raise ValueError(
        f"{name}={given!r}: use (lowest, highest) or (lowest, highest, step) for a slider, "
        "a list for a choice, True or False for a checkbox"
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _slider(name: str, given: tuple[float, ...], default: Any, unit: str) -> Slider:
    low, high, step = given if len(given) == 3 else (*given, _step(*given))
    if low >= high:
        raise ValueError(f"{name}={given!r}: the range is empty, its lowest value comes first")
    if step <= 0:
        raise ValueError(f"{name}={given!r}: the step is {step}, it has to be above 0")
    middle = low + round((high - low) / step / 2) * step
    fits = _is_number(default) and low <= default <= high
    start = default if fits else round(middle, DIGITS)
    return Slider(name, low, high, step, start, unit)


def _step(low: float, high: float) -> float:
    """1 for whole numbers; else a power of ten that gives ten steps or more and meets both ends."""
    if isinstance(low, int) and isinstance(high, int):
        return 1
    digits = max(-Decimal(str(x)).normalize().as_tuple().exponent for x in (low, high))
    if high > low:
        digits = max(digits, -math.floor(math.log10((high - low) / 10)))
    return round(10.0**-digits, DIGITS)


# -- the widget ----------------------------------------------------------------------------


class ControlPanel(anywidget.AnyWidget):
    """The controls as native inputs.

    Attributes:
        controls: one description for each control.
        values: what stands in the inputs, by name.
        shown: the values that the picture shows; behind ``values`` while the kernel is at work.
        code: the call with these values.
    """

    _esm = script(HERE / "controls.js")
    _css = HERE / "controls.css"

    controls = traitlets.List(traitlets.Dict()).tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    shown = traitlets.Dict().tag(sync=True)
    code = traitlets.Unicode("").tag(sync=True)


class Explorer(Stack):
    """Controls, the picture of the run with their values, and what the run printed.

    Attributes:
        run: the run that is shown.
        code: the call that was run.

    Args:
        fn: a coroutine function.
        controls: one for each parameter that can be moved.
        title: stands over the picture.
        limited_by: the parameter that limits how many run at once.
    """

    run: Run
    code: str

    def __init__(
        self, fn: Function, controls: list[Control], *, title: str, limited_by: str
    ) -> None:
        self._fn, self._controls = fn, controls
        self._title, self._limited_by = title, limited_by
        start = {control.name: control.start for control in controls}
        described = [control.described() for control in controls]
        self._panel = ControlPanel(controls=described, values=start)
        self._timeline = TimelineWidget()
        self._output = ipywidgets.HTML()
        super().__init__(self._panel, self._timeline, self._output)
        self._show_newest()
        self._panel.observe(self._show_newest, "values")

    @property
    def picture(self) -> Picture:
        """The picture of the run that is shown."""
        return self._picture

    @property
    def text(self) -> str:
        """The call, and the picture of its run in plain characters."""
        return f"{self.code}\n\n{self.picture.text}"

    def _show_newest(self, _change: Any = None) -> None:
        with self._lock:
            sent = self._panel.values
            if sent != self._panel.shown:
                with _collecting_later():
                    self._show(sent)

    def _show(self, sent: dict[str, Any]) -> None:
        values = {control.name: control.read(sent[control.name]) for control in self._controls}
        limit = values.get(self._limited_by)
        limit = limit if isinstance(limit, int) and not isinstance(limit, bool) else None
        self.code = _call(self._fn, values)
        self.run = run(self._fn(**values), echo=False, real_limit=REAL_LIMIT)
        self._picture = Picture([self.run], [self._title], limit=limit)
        self._timeline.drawings = self._picture.drawings
        self._output.value = _outputs(self.run)
        with self._panel.hold_sync():
            self._panel.code = self.code
            self._panel.shown = sent


@contextlib.contextmanager
def _collecting_later() -> Iterator[None]:
    """Let the garbage collector wait until the picture is out.

    The many objects of a run make it look through all that the kernel holds, every second move,
    and that takes longer than the drawing.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _call(fn: Function, values: dict[str, Any]) -> str:
    arguments = (f"{k}={getattr(v, '__name__', None) or repr(v)}" for k, v in values.items())
    return f"{_name(fn)}({', '.join(arguments)})"


# -- what the run left behind besides its picture ------------------------------------------


def _outputs(done: Run) -> str:
    """The exception, the warnings and the printed text of a run, as HTML."""
    parts = [_failure(done.exception)] if done.exception is not None else []
    parts += [f"<p>Python warns: {html.escape(words)}</p>" for words in done.warnings]
    if done.printed.strip():
        text = html.escape(_capped(done.printed))
        parts.append(f'<pre tabindex="0" role="region" aria-label="Printed output">{text}</pre>')
    return f'<div class="al al-outputs">{"".join(parts)}</div>' if parts else ""


def _failure(error: BaseException) -> str:
    said = "The run was stopped" if isinstance(error, ClockError) else "The run raised"
    name, message = type(error).__name__, str(error)
    if isinstance(error, TimeLimit):
        message += f". A move may take {REAL_LIMIT:g} s of real time"
    words = html.escape(f": {message}" if message else "")
    return f'<p class="al-failure">{said}: <b>{html.escape(name)}</b>{words}</p>'


def _capped(printed: str) -> str:
    lines = printed.rstrip().splitlines()
    if len(lines) > MOST_LINES:
        lines[MOST_LINES:] = [f"... and {count(len(lines) - MOST_LINES, 'more line')}"]
    return "\n".join(line[:MOST_COLUMNS] for line in lines)
