"""Hostile and broken answers, and the verdict that each has to get.

Each is the source of one answer cell. The right solution is ``{right}``: where it stands, the
answer is right whatever surrounds it.
"""

from papers import RIGHT

ENDLESS = "while True:\n    pass"

# what it does: (the answer cell, its verdict)
ANSWERS = {
    # time
    "endless loop": (ENDLESS, "timeout"),
    "waits for its own lock": ("import threading as t\nx = t.Lock()\nwith x, x: 0", "timeout"),
    "ignores SIGTERM": (
        (
            f"import signal\nfor n in range(1, 32):\n    try: signal.signal(n, signal.SIG_IGN)\n"
            f"    except OSError: pass\n{ENDLESS}"
        ),
        "timeout",
    ),
    "catches everything for ever": (
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        "timeout",
    ),
    "computes in C": ("x = 10 ** 10 ** 9", "timeout"),
    "blocks its answer": (
        "import time\nasync def member_desk(client, number):\n    time.sleep(60)\n    return []",
        "wrong",
    ),
    "waits for its own lock after a call": (
        (
            "import threading as t\nasync def member_desk(client, number):\n"
            "    await client.get(f'/users/{number}')\n    x = t.Lock()\n    with x, x: 0"
        ),
        "wrong",
    ),
    "asks for ever": (
        (
            "async def member_desk(client, number):\n"
            "    while True: await client.get(f'/users/{number}')"
        ),
        "wrong",
    ),
    "turns for ever": (
        (
            "import asyncio\nasync def member_desk(client, number):\n"
            "    while True: await asyncio.sleep(0)"
        ),
        "wrong",
    ),
    "endless answer": ("async def member_desk(client, number):\n    while True: pass", "wrong"),
    # the process
    "os._exit(0)": ("import os\nos._exit(0)", "crashed"),
    "os._exit in the answer": (
        "import os\nasync def member_desk(client, number):\n    os._exit(0)",
        "crashed",
    ),
    "kills itself": ("import os\nos.kill(os.getpid(), 9)", "crashed"),
    "aborts": ("import os\nos.abort()", "crashed"),
    "segfault": ("import ctypes\nctypes.string_at(0)", "crashed"),
    "sys.exit before the answer": (f"import sys\nsys.exit()\n{RIGHT}", "error"),
    "sys.exit after the answer": (f"{RIGHT}\nimport sys\nsys.exit()", "ok"),
    "closes every file": ("import os\nos.closerange(0, 256)", "crashed"),
    "closes every file and stays": (f"import os\nos.closerange(0, 256)\n{ENDLESS}", "crashed"),
    # memory and output
    "memory bomb": ("x = []\nwhile True:\n    x.append(bytearray(10_000_000))", "limit_memory"),
    "memory bomb to the last kB": (
        "x = []\nwhile True:\n    x.append(bytearray(1000))",
        "limit_memory",
    ),
    "memory that the answer keeps": (
        (
            "x = []\nasync def member_desk(client, number):\n"
            "    while True: x.append(bytearray(1000))"
        ),
        "limit_memory",
    ),
    "memory bomb in the answer": (
        "async def member_desk(client, number):\n    x = bytearray(10**10)",
        "limit_memory",
    ),
    "shared memory": ("import mmap\nx = mmap.mmap(-1, 1 << 30)", "limit_memory"),
    "memory that it may only read": (
        (
            "import ctypes\nc, n = ctypes.CDLL(None), 50_000_000 // 4096 * 4096\n"
            "c.mmap.restype, failed = ctypes.c_void_p, ctypes.c_void_p(-1).value\n"
            "while (x := c.mmap(None, n, 3, 0x22, -1, 0)) != failed:\n"
            "    ctypes.memset(x, 1, n)\n    c.mprotect(ctypes.c_void_p(x), n, 1)\n"
            "raise MemoryError"
        ),
        "limit_memory",
    ),
    "20,000 tasks": (
        (
            "import asyncio\nasync def member_desk(client, number):\n"
            "    await asyncio.gather(*(asyncio.sleep(1) for _ in range(20_000)))"
        ),
        "limit_output",
    ),
    "endless print": ("while True:\n    print('x' * 1000)", "limit_output"),
    "unlimited recursion": ("def f(): f()\nf()", "error"),
    "unlimited recursion in the answer": (
        "async def member_desk(client, number):\n    await member_desk(client, number)",
        "wrong",
    ),
    "5000 threads": (
        (
            "import threading\nwait = threading.Event()\n"
            "for _ in range(5000): threading.Thread(target=wait.wait, daemon=True).start()"
        ),
        "error",
    ),
    # other processes
    "fork bomb": ("import os\nwhile True:\n    os.fork()", "forbidden"),
    "quiet fork bomb": (
        "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
        "forbidden",
    ),
    "subprocess": ("import subprocess\nsubprocess.run(['true'])", "forbidden"),
    "os.system": (f"import os\nos.system('true')\n{RIGHT}", "forbidden"),
    "multiprocessing": (
        "import multiprocessing\nmultiprocessing.Process(target=print).start()",
        "forbidden",
    ),
    "kill -1": (f"import os\ntry: os.kill(-1, 9)\nexcept OSError: pass\n{RIGHT}", "forbidden"),
    "kills the parent": ("import os\nos.kill(os.getppid(), 9)", "forbidden"),
    # files
    "reads /etc/passwd": ("open('/etc/passwd').read()", "forbidden"),
    "reads the grader": (
        "import asynclab.grading.worker as w\nopen(w.__file__).read()",
        "forbidden",
    ),
    "reads the solutions": (
        (
            "import os, asynclab.exercises as e\n"
            "open(os.path.join(os.path.dirname(e.__file__), 'texts.json')).read()"
        ),
        "forbidden",
    ),
    "huge file": ("open('/tmp/huge', 'w').write('x' * 10**9)", "forbidden"),
    "solution from memory": (
        "from asynclab.checking.texts import texts\nexec(texts()['member_desk'].solution)",
        "error",
    ),
    "solved with what is in memory": (
        """import inspect
from asynclab.checking.desk import exercises
async def member_desk(client, number):
    service = client._transport.handler.__closure__[0].cell_contents
    contract, found = exercises()['member_desk'], {}
    ask = service.ask
    async def noting(item):
        found[item] = await ask(item)
        return found[item]
    service.ask = noting
    await contract.expected(service.case, service)
    class sight: good_answers = [found[item] for item in service.case.good]
    for judgement in contract.judgements:
        for value in inspect.getclosurevars(judgement).nonlocals.values():
            if callable(value): return value(sight)""",
        "wrong",
    ),
    # the network
    "outside network": (
        "import socket\nsocket.create_connection(('192.0.2.1', 80), timeout=1)",
        "forbidden",
    ),
    "its own server": (
        (
            "import socket\nserver = socket.create_server(('127.0.0.1', 0))\n"
            f"socket.create_connection(server.getsockname()).close()\n{RIGHT}"
        ),
        "ok",
    ),
    # the grader
    "forged result": (
        """import os\nos.write(3, b'{"kind": "seen", "result": 1}\\n')""",
        "tampered",
    ),
    "forged verdict": ("""import os\nos.write(3, b'{"verdict": "ok"}\\n')""", "tampered"),
    "brackets without end": (
        "import os\nwhile True:\n    os.write(3, b'[' * 60000)",
        "limit_output",
    ),
    "messages without end": (
        """import os\nwhile True:\n    os.write(3, b'{"kind":"ran"}\\n' * 4000)""",
        "tampered",
    ),
    "nothing but brackets": ("import os\nos.write(3, b'[' * 100000 + b'\\n')", "tampered"),
    # the language
    "monkeypatched asyncio": (
        f"""import asyncio, time
async def sleep(*a): return None
asyncio.sleep = asyncio.tasks.sleep = sleep
asyncio.gather = asyncio.create_task = asyncio.Semaphore = None
time.sleep = time.monotonic = time.perf_counter = lambda *a: 0.0
asyncio.set_event_loop_policy(None)
del asyncio.sleep
import asyncio.tasks
async def gather(*coros): return [await coro for coro in coros]
{RIGHT.replace("asyncio.gather", "gather")}""",
        "wrong",
    ),
    "stopped loop": (f"import asyncio\nasyncio.get_running_loop().stop()\n{RIGHT}", "ok"),
    "closed loop": (
        (
            "import asyncio\ntry: asyncio.get_running_loop().close()\n"
            f"except RuntimeError: pass\n{RIGHT}"
        ),
        "ok",
    ),
    "AST transformer": (
        f"get_ipython().ast_transformers.append(1)\n{RIGHT}",
        "error",
    ),
    "showtraceback": (f"get_ipython().showtraceback = lambda *a: None\n{RIGHT}", "error"),
    "replaced judge": (
        (
            "import asynclab.checking.engine as e, asynclab.grading.worker as w\n"
            "e.judge = w.objection = lambda *a: None\n"
            "async def member_desk(client, number): return []"
        ),
        "wrong",
    ),
    "equal to everything": (
        (
            "class Equal(list):\n    def __eq__(self, other): return True\n"
            "async def member_desk(client, number): return Equal()"
        ),
        "wrong",
    ),
    "half a character": ("async def member_desk(client, number): return '\\ud800'", "wrong"),
    "half a character in an error": ("raise ValueError('\\ud800')", "error"),
    "not a function": ("member_desk = 42", "wrong"),
    "syntax error": ("async def member_desk(client, number)\n    pass", "error"),
    "NUL byte": (f"{RIGHT}\x00", "error"),
    "deep nesting": ("x = " + "(" * 5000 + ")" * 5000, "error"),
    "deep minus": ("x = " + "-" * 200_000 + "1", "error"),
    # correct, and untidy
    "un-awaited coroutine in the cell": (f"import asyncio\n{RIGHT}\nasyncio.sleep(1)", "ok"),
    "asyncio.run in a cell": (f"import asyncio\nasyncio.run(asyncio.sleep(1))\n{RIGHT}", "error"),
    "checks itself": (f"{RIGHT}\nlab.check(member_desk)\nlab.hint('member_desk')", "ok"),
    "patches the loop": (f"import nest_asyncio\nnest_asyncio.apply()\n{RIGHT}", "ok"),
    "display": (f"display('here')\n{RIGHT}", "ok"),
    "input": (f"who = input('Who?')\n{RIGHT}", "error"),
    "stderr": (f"import sys\n{RIGHT}\nprint('careful', file=sys.stderr)", "ok"),
    "pending task": (f"import asyncio\n{RIGHT}\nt = asyncio.create_task(asyncio.sleep(9))", "ok"),
    "magic": (f"%load_ext autoreload\n{RIGHT}", "ok"),
    "IPython": (f"files = !ls\nasyncio.gather?\n?len\n{RIGHT}", "ok"),
    "top-level await": (f"import asyncio\nawait asyncio.sleep(0.1)\n{RIGHT}", "ok"),
}
