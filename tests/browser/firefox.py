"""Firefox, driven over WebDriver BiDi, the protocol that it speaks by itself."""

import itertools
import json
import re
import subprocess
import threading
import time

import websocket

START = 60  # seconds
STARTED = re.compile(r"WebDriver BiDi listening on (ws://\S+)")


class Firefox:
    """One window of a Firefox with a profile of its own.

    Args:
        program: the path of Firefox.
        profile: a folder of its own, which is made.
    """

    def __init__(self, program, profile):
        profile.mkdir()
        options = ["--headless", "--no-remote", "--remote-debugging-port=0", "--profile", profile]
        self._process = subprocess.Popen(
            [program, *options], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )
        url = self._address()
        self._socket = websocket.create_connection(f"{url}/session", suppress_origin=True)
        self._numbers = itertools.count(1)
        self._send("session.new", capabilities={})
        self._context = self._send("browsingContext.getTree")["contexts"][0]["context"]

    def _address(self):
        """Where it listens; a Firefox that does not say so in time is ended."""
        limit = threading.Timer(START, self._process.kill)
        limit.start()
        lines = iter(self._process.stderr.readline, "")
        url = next((found[1] for line in lines if (found := STARTED.search(line))), None)
        limit.cancel()
        assert url, f"Firefox did not start within {START} s"
        return url

    def _send(self, method, **params):
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while (answer := json.loads(self._socket.recv())).get("id") != number:
            pass  # an event, which nobody has asked for
        assert answer["type"] == "success", answer
        return answer["result"]

    def go(self, url):
        """Open a page."""
        self._send("browsingContext.navigate", context=self._context, url=url, wait="complete")

    def evaluate(self, expression):
        """The value of a JavaScript expression in the page, as JSON has it."""
        found = self._send(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({expression}) ?? null))()",
            target={"context": self._context},
            awaitPromise=True,
        )
        assert found["type"] == "success", found["exceptionDetails"]["text"]
        return json.loads(found["result"]["value"])

    def wait_for(self, expression, seconds):
        """Wait until an expression is true in the page."""
        end = time.monotonic() + seconds
        found = f"""new Promise((resolve) => {{
          const end = performance.now() + 5000;
          const look = () => {{
            const found = Boolean({expression});
            if (found || performance.now() > end) resolve(found); else setTimeout(look, 50);
          }};
          look();
        }})"""
        while not self.evaluate(found):
            assert time.monotonic() < end, f"not within {seconds} s: {expression}"

    def click(self, element):
        """Click into the middle of an element."""
        self.evaluate(f"{element}.scrollIntoView({{block: 'center'}})")
        place = self.evaluate(f"{element}.getBoundingClientRect().toJSON()")
        x, y = (place["left"] + place["right"]) / 2, (place["top"] + place["bottom"]) / 2
        self._act(
            "pointer",
            {"type": "pointerMove", "x": round(x), "y": round(y)},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        )

    def press(self, key):
        """Press a key on what has the focus."""
        self._act("key", {"type": "keyDown", "value": key}, {"type": "keyUp", "value": key})

    def _act(self, device, *actions):
        action = {"type": device, "id": device, "actions": actions}
        self._send("input.performActions", context=self._context, actions=[action])

    def close(self):
        """End it."""
        self._socket.close()
        self._process.terminate()
        self._process.wait(timeout=30)
        self._process.stderr.close()
