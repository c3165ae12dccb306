"""The picture without a widget: characters, table, SVG, PNG, files, and what a notebook shows."""

import asyncio
import base64
import html
import json
import re
import struct
import sys
import time
import xml.etree.ElementTree as ET

import pytest

from asynclab.picture import Picture, compare, timeline

SVG = "{http://www.w3.org/2000/svg}"


async def call(delay, fails=False):
    await asyncio.sleep(delay)
    if fails:
        raise ConnectionError("no answer")


async def sequential():
    for _ in range(3):
        await call(0.1)


async def concurrent():
    await asyncio.gather(*(call(0.1) for _ in range(3)))


async def bounded():
    semaphore = asyncio.Semaphore(2)

    async def one(delay):
        async with semaphore:
            await asyncio.sleep(delay)

    await asyncio.gather(one(0.3), one(0.2), one(0.4))


async def failing_gather():
    with pytest.raises(ConnectionError):
        await asyncio.gather(call(0.2), call(0.3, fails=True), call(0.6))
    await asyncio.sleep(0.7)


async def failing_group():
    try:
        async with asyncio.TaskGroup() as group:
            for delay, fails in ((0.2, False), (0.3, True), (0.6, False)):
                group.create_task(call(delay, fails))
    except* ConnectionError:
        await asyncio.sleep(0.1)


async def blocking():
    async def poll(delay):
        await asyncio.sleep(delay)

    async def rude():
        await asyncio.sleep(0.2)
        time.sleep(0.6)

    await asyncio.gather(poll(0.1), poll(0.4), rude())


def many(calls):
    async def main():
        semaphore = asyncio.Semaphore(10)

        async def one(n):
            async with semaphore:
                await call(0.1, fails=n == calls // 2)

        await asyncio.gather(*(one(n) for n in range(calls)), return_exceptions=True)

    return main


def words_of(svg):
    """All lines of text of an SVG document, in the order in which they are drawn."""
    return [element.text for element in ET.fromstring(svg).iter(f"{SVG}text")]


# -- characters ----------------------------------------------------------------------------


def test_chart_of_a_comparison():
    expected = """\
concurrent: 3.0x faster (0.10 s instead of 0.30 s)

sequential
1 task in 0.30 s: finished.

seconds     0.00     0.05     0.10     0.15     0.20     0.25     0.30
event loop  |                 |                 |                 |
sequential  |.................|.................|.................|   0.30 s finished

concurrent
4 tasks in 0.10 s: all finished; at most 3 in flight.

seconds     0.00     0.05     0.10     0.15     0.20     0.25     0.30
event loop  |                 |
concurrent  |-----------------|                                       0.10 s finished
call(0.1)   |.................|                                       0.10 s finished
call(0.1)   |.................|                                       0.10 s finished
call(0.1)   |.................|                                       0.10 s finished
in flight   3_________________                                       at most 3

| runs for an instant   . sleeps   - awaits tasks"""
    assert compare(sequential, concurrent).text == expected


def test_chart_of_a_semaphore():
    expected = """\
bounded
4 tasks in 0.60 s: all finished; at most 2 in flight (limit 2).

seconds     0.0      0.1      0.2      0.3      0.4      0.5      0.6
event loop  |                 |        |                          |
bounded     |-----------------------------------------------------|   0.60 s finished
one(0.3)    |..........................|                              0.30 s finished
one(0.2)    |.................|                                       0.20 s finished
one(0.4)    |/////////////////|...................................|   0.60 s finished
in flight   2__________________________1__________________________   at most 2 (limit 2)

| runs for an instant   . sleeps   / queues for a permit   - awaits tasks"""
    assert compare(bounded, limit=2).text == expected


def test_chart_of_a_failure_in_gather_and_in_a_group():
    expected = """\
gather
4 tasks in 1.00 s: 3 finished, 1 raised; at most 3 in flight.

seconds         0.0    0.2    0.4    0.6    0.8    1.0
event loop      |      |   |         |             |
failing_gather  |----------|.......................|   1.00 s finished
call(0.2)       |......|                               0.20 s finished
call(0.3)       |..........X                           0.30 s raised ConnectionError
call(0.6)       |....................|                 0.60 s finished
in flight       3______2_____________1_____________   at most 3

* call(0.3): raised ConnectionError: no answer at 0.30 s; failing_gather received it

TaskGroup
4 tasks in 0.40 s: 2 finished, 1 raised, 1 cancelled; at most 3 in flight.

seconds         0.0    0.2    0.4    0.6    0.8    1.0
event loop      |      |   |  |
failing_group   |----------|..|                        0.40 s finished
call(0.2)       |......|                               0.20 s finished
call(0.3)       |..........X                           0.30 s raised ConnectionError
call(0.6)       |..........C                           0.30 s cancelled
in flight       3______2___1__                        at most 3

* call(0.3): raised ConnectionError: no answer at 0.30 s; failing_group received it
* call(0.6): cancelled at 0.30 s by TaskGroup, after call(0.3) failed

| runs for an instant   . sleeps   - awaits tasks   X raised   C cancelled"""
    assert compare(failing_gather, failing_group, titles=["gather", "TaskGroup"]).text == expected


def test_chart_of_a_blocked_loop():
    line = blocking.__code__.co_firstlineno + 6
    expected = f"""\
blocking
4 tasks in 0.80 s: all finished; loop blocked for 0.60 s.

seconds     0.0          0.2          0.4          0.6          0.8
event loop  |      |     !!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!
blocking    |---------------------------------------------------|   0.80 s finished
poll(0.1)   |......|                                                0.10 s finished
poll(0.4)   |.........................oooooooooooooooooooooooooo|   0.80 s finished
rude        |............########################################   0.80 s finished

* loop blocked for 0.60 s by rude (line {line}), from 0.20 s to 0.80 s: 1 task late by up to
  0.40 s

| runs for an instant   # runs   . sleeps   - awaits tasks   o ready, waits its turn
! loop blocked"""
    assert compare(blocking).text == expected


def test_chart_of_many_tasks_shows_the_first_and_every_failure():
    lines = compare(many(1000)).text.splitlines()
    assert max(map(len, lines)) <= 88
    assert sum(line.startswith("one(") for line in lines) == 24
    failed = next(line for line in lines if line.startswith("one(500)"))
    assert failed.endswith("5.10 s raised ConnectionError")
    assert "... and 976 more tasks: all finished" in lines


def test_chart_is_never_wider_than_88_columns():
    async def main():
        name = "a name that somebody made much too long for any chart"
        await asyncio.gather(asyncio.create_task(call(0.1, fails=True), name=name))

    picture = compare(main, titles=["title " * 40], limit=1000)
    assert max(map(len, picture.text.splitlines())) <= 88


@pytest.mark.parametrize("delay", [0.00003, 0.0007, 0.937, 12.5, 86_400])
def test_numbers_of_the_axis_stand_apart(delay):
    axis = next(line for line in chart(delay).splitlines() if line.startswith("seconds"))
    numbers = axis.split()[1:]
    assert len(numbers) >= 3
    assert [float(n) for n in numbers] == sorted(float(n) for n in numbers)


def chart(delay):
    return compare(call(delay)).text


def test_chart_of_a_run_without_time():
    async def main():
        pass

    assert "main        |                   " in compare(main).text


def test_chart_is_the_same_twice():
    assert compare(many(100)).text == compare(many(100)).text


# -- table ---------------------------------------------------------------------------------


def test_table_has_caption_headings_and_a_row_for_each_task():
    (table,) = ET.fromstring(f"<div>{compare(failing_group).html}</div>").iter("table")
    caption = table.find("caption").text
    assert caption.startswith("failing_group: 4 tasks in 0.40 s: 2 finished, 1 raised")
    heads = [(head.text, head.get("scope")) for head in table.find("thead").iter("th")]
    assert heads == [
        (column, "col") for column in ("task", "started", "ended", "outcome", "what happened")
    ]
    rows = table.findall("tbody/tr")
    assert [row.find("th").get("scope") for row in rows] == ["row"] * 4
    assert [cell.text for cell in rows[2].findall("td")][:3] == ["0 s", "0.30 s", "raised"]


def test_table_says_who_was_late_because_of_a_blocked_loop():
    assert "0.20 s to 0.80 s: poll(0.4) 0.40 s late</li>" in compare(blocking).html


def test_table_of_many_tasks_starts_with_the_failure():
    table = compare(many(1000)).html
    assert table.count("<tr>") == 201
    assert '<tbody><tr><th scope="row">one(500)</th>' in table
    assert "<p>and 801 more tasks</p>" in table


def test_words_of_the_learner_are_escaped():
    async def main():
        raise ValueError("<script>&'\"")

    picture = compare(main, titles=["<b>"])
    assert "<script>" not in picture.html + picture.svg()
    assert "<b>" not in picture.html + picture.svg()
    assert any("<script>&'\"" in words for words in words_of(picture.svg()))


# -- SVG -----------------------------------------------------------------------------------


def test_svg_has_title_and_description():
    root = ET.fromstring(compare(sequential, concurrent).svg())
    assert root.get("role") == "img"
    title = "concurrent: 3.0x faster (0.10 s instead of 0.30 s)"
    assert root.find(f"{SVG}title").text == title
    assert "concurrent: 4 tasks in 0.10 s: all finished" in root.find(f"{SVG}desc").text


def test_svg_says_what_the_run_did():
    words = words_of(compare(failing_gather, failing_group).svg())
    assert {"failing_group", "0.40 s", "4 tasks", "1 raised", "1 cancelled"} <= set(words)
    assert "0.30 s ConnectionError: no answer" in words
    assert "0.30 s by TaskGroup, after call(0.3) failed" in words
    assert "peak 3" in words


def test_svg_explains_only_what_it_shows():
    words = set(words_of(compare(sequential).svg()))
    assert {"running on the loop", "sleeping (timer)", "finished"} <= words
    others = {"queued for a permit", "waiting for I/O", "loop blocked", "raised", "cancelled"}
    assert not others & words
    assert "asked to cancel" not in words_of(compare(failing_group).svg())


def test_svg_shows_the_blocked_loop_and_the_harm():
    words = words_of(compare(blocking).svg())
    assert {"loop blocked 0.60 s", "blocked 0.60 s by rude", "0.40 s late"} <= set(words)


def test_svg_shows_the_limit():
    words = words_of(compare(bounded, limit=2).svg())
    assert "limit 2" in words


def test_svg_panels_share_one_scale():
    words = words_of(compare(sequential, concurrent).svg())
    assert words.count("0.30") == words.count("0.00") == 2


def test_a_low_peak_has_its_number_too():
    svg = compare(bounded, many(30)).svg()
    assert {"peak 2", "peak 10"} <= set(words_of(svg))


def test_strips_in_flight_share_one_scale():
    svg = compare(sequential, concurrent, limit=3).svg()
    heights = [e.get("y") for e in ET.fromstring(svg).iter(f"{SVG}text") if e.text == "limit 3"]
    peak = next(e for e in ET.fromstring(svg).iter(f"{SVG}text") if e.text == "peak 1")
    assert float(peak.get("y")) - float(heights[0]) == pytest.approx(36 * 2 / 3)


def test_arrow_leads_to_the_task_that_received_the_exception():
    red = re.compile(r"<path d='M([\d.]+) ([\d.]+)V([\d.]+)M[^']*' fill='none' stroke='#c1121f'")
    (arrow,) = red.findall(compare(failing_group).svg())
    _, start, end = map(float, arrow)
    lanes = {w: y for w, y in text_heights(compare(failing_group).svg()).items() if "(" in w}
    assert end < start < lanes["call(0.3)"]


def text_heights(svg):
    return {e.text: float(e.get("y")) for e in ET.fromstring(svg).iter(f"{SVG}text")}


def test_no_text_leaves_the_picture():
    from asynclab.picture.lettering import width

    for main in (failing_gather, failing_group, blocking, bounded, many(30), many(200)):
        for element in ET.fromstring(compare(main, limit=3).svg()).iter(f"{SVG}text"):
            x, size = float(element.get("x")), float(element.get("font-size"))
            bold = element.get("font-weight") == "bold"
            assert x >= 0
            assert x + width(element.text, size, bold=bold) <= 880


def test_svg_of_a_thousand_tasks_is_small_and_quick():
    picture = compare(many(1000))
    assert len(picture.drawings[0]["tasks"]) == 1001
    started = time.process_time()
    svg = picture.svg()
    assert time.process_time() - started < 1  # it takes 0.03 s on a small machine
    assert len(svg) < 300_000
    assert ET.fromstring(svg).findall(f"{SVG}path") != []


# -- PNG -----------------------------------------------------------------------------------


def test_png_is_the_same_twice_and_small():
    picture = compare(many(9), limit=3)
    image = picture.png()
    assert image == compare(many(9), limit=3).png()
    assert len(image) < 60_000
    wide, high = struct.unpack(">II", image[16:24])
    assert (image[:8], wide) == (b"\x89PNG\r\n\x1a\n", 1320)
    assert high == pytest.approx(1.5 * svg_height(picture), abs=1)


def svg_height(picture):
    return float(ET.fromstring(picture.svg()).get("height"))


def test_png_draws_its_letters_with_the_bundled_font(monkeypatch, tmp_path):
    from asynclab.picture import raster

    whole = compare(sequential).png()
    monkeypatch.setattr(raster, "FONT_FILES", ())
    assert compare(sequential).png() != whole


def test_without_a_renderer_there_is_an_svg_instead(monkeypatch):
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    picture = compare(sequential)
    data, _ = picture._repr_mimebundle_()
    assert picture.png() is None
    assert data["image/svg+xml"] == picture.svg()
    assert "image/png" not in data


# -- what a notebook shows, and files -------------------------------------------------------


def test_bundle_has_characters_an_image_and_no_html():
    picture = compare(sequential, concurrent)
    data, metadata = picture._repr_mimebundle_()
    assert data["text/plain"] == picture.text == repr(picture)
    assert base64.b64decode(data["image/png"]) == picture.png()
    assert metadata["image/png"] == {"width": 880}
    assert not {"text/html", "image/svg+xml"} & set(data)
    assert json.loads(json.dumps(data)) == data


def test_bundle_without_widgets_is_static(monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    monkeypatch.delitem(sys.modules, "asynclab.picture.widget", raising=False)
    data, _ = compare(sequential)._repr_mimebundle_()
    assert set(data) == {"text/plain", "image/png"}


def test_bundle_with_widgets_is_interactive_too():
    pytest.importorskip("anywidget")
    data, _ = compare(sequential)._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["text/plain"].startswith("sequential\n")


@pytest.mark.parametrize("suffix", [".png", ".svg", ".html", ".txt"])
def test_save_writes_what_the_name_asks_for(tmp_path, suffix):
    picture = compare(bounded)
    written = picture.save(tmp_path / f"picture{suffix}").read_bytes()
    page = written.decode() if suffix == ".html" else ""
    expected = {
        ".png": picture.png(),
        ".svg": picture.svg().encode(),
        ".txt": (picture.text + "\n").encode(),
        ".html": written if picture.svg() in page and picture.html in page else b"",
    }
    assert written == expected[suffix]


def test_save_refuses_another_suffix(tmp_path):
    message = "picture.jpg: end the name in one of .png, .svg, .html, .txt"
    with pytest.raises(ValueError, match=re.escape(message)):
        compare(sequential).save(tmp_path / "picture.jpg")


# -- the two functions ---------------------------------------------------------------------


def test_timeline_runs_on_the_running_loop():
    async def cell():
        return await timeline(call(0.01), title="one call", limit=2)

    picture = asyncio.run(cell())
    assert picture.trace.clock == "real"
    assert picture.drawings[0]["title"] == "one call"
    assert picture.elapsed >= 0.01
    assert (picture.result, picture.exception) == (None, None)


def test_a_failing_main_has_its_picture():
    picture = asyncio.run(timeline(call(0, fails=True)))
    assert isinstance(picture.exception, ConnectionError)
    assert picture.drawings[0]["title"] == "call"
    assert "raised ConnectionError: no answer" in picture.text
    with pytest.raises(ConnectionError):
        _ = picture.result


def test_compare_takes_functions_and_coroutines():
    picture = compare(sequential, call(0.2), titles=["loop", "one"])
    assert [d["title"] for d in picture.drawings] == ["loop", "one"]
    assert [trace.elapsed for trace in picture.traces] == [0.3, 0.2]


def test_a_comparison_has_no_single_trace():
    picture = compare(sequential, concurrent)
    with pytest.raises(ValueError, match=r"compares 2 runs: take one from \.runs"):
        _ = picture.trace


def test_compare_needs_runs_and_a_title_for_each():
    with pytest.raises(ValueError, match="nothing to compare"):
        compare()
    with pytest.raises(ValueError, match="1 titles for 2 runs: give one for each"):
        compare(sequential, concurrent, titles=["one"])


def test_a_picture_of_a_stopped_run_says_what_stopped_it():
    async def main():
        await asyncio.Event().wait()

    picture = compare(main)
    assert "1 task in 0 s: still waiting at the end; stopped by Deadlock." in picture.text
    assert {"stopped by Deadlock", "still waiting for an event"} <= set(words_of(picture.svg()))


def test_a_page_is_titled():
    picture = Picture(compare(sequential).runs, ["a & b"])
    assert f"<title>{html.escape('a & b')}</title>" in picture._page()
