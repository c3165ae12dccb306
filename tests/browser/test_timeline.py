"""The timeline in a real Chromium: facts of the document, not pixels."""

import itertools
import json
import random

import pytest

from asynclab.picture.words import seconds

TEXTS = """
() => [...document.querySelectorAll('.tl-panel')].flatMap((panel, i) =>
  [...panel.querySelectorAll('.tl-svg text')]
    .filter(node => getComputedStyle(node).visibility !== 'hidden')
    .map(node => {
      const {left, right, top, bottom} = node.getBoundingClientRect();
      const frame = panel.getBoundingClientRect();
      const inside = left >= frame.left - 1 && right <= frame.right + 1;
      return {panel: i, text: node.textContent, left, right, top, bottom, inside};
    }))
"""

# -- helpers ---------------------------------------------------------------------------------


def scrub_to(page, stop):
    page.locator(".tl-range").evaluate(
        "(node, stop) => { node.value = stop; node.dispatchEvent(new Event('input')) }", stop
    )
    page.wait_for_function("n => document.querySelector('.tl').dataset.stop === n", arg=str(stop))


def boxes(page):
    """The state boxes: number of tasks in each, and the labels that are shown."""
    found = page.locator(".tl-box").evaluate_all(
        """nodes => nodes.map(node => [node.dataset.box, Number(node.dataset.count),
             [...node.querySelectorAll('.tl-chip > span')].map(chip => chip.textContent)])"""
    )
    return {name: (count, labels) for name, count, labels in found}


def open_table(page):
    page.locator("summary").click()
    page.wait_for_selector("table")


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def spoken(page, words):
    """Waits until the live region says these words, and returns all that it says."""
    page.wait_for_function(
        "words => document.querySelector('.tl-live').textContent.includes(words)", arg=words
    )
    return page.locator(".tl-live").text_content()


def redraw(page, drawings):
    before = page.locator(".tl").first.get_attribute("data-painted")
    page.evaluate("drawings => window.model.set('drawings', drawings)", drawings)
    page.wait_for_function(
        "before => document.querySelector('.tl').dataset.painted > before", arg=before
    )


def colour(page, selector, name):
    style = "(node, name) => getComputedStyle(node)[name]"
    return page.locator(selector).first.evaluate(style, name)


def rgb(code):
    return "rgb({}, {}, {})".format(*(int(code[i : i + 2], 16) for i in (1, 3, 5)))


# -- what it shows ---------------------------------------------------------------------------


def test_headline_numbers_are_exact(stage):
    page = stage("bounded")
    assert page.locator(".tl-title").text_content() == "10 calls, Semaphore(3)"
    assert page.locator("[data-fact=total]").text_content() == "1.704 s"
    assert page.locator(".tl-head .tl-facts").text_content() == (
        "1.704 s · 11 tasks · at most 3 in flight"
    )


def test_legend_names_only_what_is_drawn(stage):
    names = stage("bounded").locator(".tl-legend li").all_text_contents()
    assert names == [
        "running on the loop",
        "waiting for I/O",
        "queued for a permit",
        "awaiting other tasks",
        "✓finished",
    ]


def test_legend_leaves_out_what_is_too_short_to_be_seen(stage, drawings):
    [drawing] = json.loads(json.dumps(drawings("bounded")))
    state, _, end, *rest = drawing["tasks"][1]["spans"].pop()
    middle = end + drawing["end"] / 400
    drawing["tasks"][1]["spans"] += [["ready", end, middle, *rest], [state, middle, end, *rest]]
    page = stage([drawing])
    assert "ready" not in page.locator(".tl-legend").text_content()
    page.get_by_label("Horizontal axis").select_option("steps")
    assert "ready" in page.locator(".tl-legend").text_content()


def test_every_state_is_one_path(stage):
    page = stage("bounded")
    states = [path.get_attribute("data-state") for path in page.locator("path[data-state]").all()]
    assert sorted(states) == ["awaiting", "io", "queued", "running"]


def test_the_limit_is_a_dashed_line(stage):
    page = stage("bounded")
    assert page.locator(".tl-limit-word").text_content() == "limit 3"
    assert colour(page, ".tl-limit", "strokeDasharray") == "5px, 3px"


def test_a_failure_has_its_name_and_an_arrow_to_the_receiver(stage):
    page = stage("failure")
    words = page.locator(".tl-end-raised").text_content()
    assert words == "0.50 s ConnectionError: call 2 was refused"
    arrow = page.locator(".tl-arrow")
    assert arrow.count() == 1
    labels = [task.text_content() for task in page.locator(".tl-name:not(.tl-dim)").all()]
    assert labels[int(arrow.get_attribute("data-from"))] == "call(2)"
    assert labels[int(arrow.get_attribute("data-to"))] == "group_with_failure"


def test_a_cancellation_says_who_and_when(stage):
    page = stage("failure")
    words = page.locator(".tl-end-cancelled").all_text_contents()
    assert words == ["0.50 s cancelled by TaskGroup, after call(2) failed"] * 3


def test_a_cancel_request_that_took_time_has_its_own_mark(stage):
    page = stage("cancelling")
    assert page.locator(".tl-cancel").count() == 1
    assert "▾cancel requested" in page.locator(".tl-legend li").all_text_contents()


def test_a_blocked_loop_is_a_labelled_band_with_the_harm_it_did(stage):
    page = stage("blocked")
    assert page.locator(".tl-band").count() == page.locator(".tl-blocked").count() == 1
    label = page.locator(".tl-alarm-word").text_content()
    assert label.startswith("blocked 0.30 s by rude, line ")
    assert page.locator(".tl-harm").all_text_contents() == [
        "0.25 s late", "0.19 s late", "0.29 s late", "0.26 s late",
    ]  # fmt: skip
    assert "loop blocked 0.30 s" in page.locator(".tl-head").text_content()


def test_a_label_of_a_blocked_loop_stands_over_no_other_blocked_interval(stage, drawings):
    [drawing] = json.loads(json.dumps(drawings("blocked")))
    [blocked] = drawing["blocked"]
    times = [0.1, 0.3, 0.5, 0.7]
    drawing["blocked"] = [
        {**blocked, "start": start, "end": end} for start, end in itertools.pairwise(times)
    ]
    page = stage([drawing])
    labels = page.locator(".tl-alarm-word").evaluate_all(
        "nodes => nodes.map(n => [n.textContent, n.getBBox().x, n.getBBox().width])"
    )
    panel = page.locator(".tl-panel")
    left, right, domain = (
        float(panel.get_attribute(f"data-{name}")) for name in ("left", "right", "domain")
    )
    x = [left + (right - left) * time / domain for time in times]
    assert [text.split(" by ")[0] for text, *_ in labels] == ["blocked 0.20 s"] * 3
    for (_, start, width), low, high in zip(labels, [0, *x[1:3]], [*x[1:3], 1060], strict=True):
        assert low - 1 <= start
        assert start + width <= high + 1


def test_panels_of_a_comparison_share_one_scale(stage):
    page = stage("compared")
    scales = page.locator(".tl-panel").evaluate_all(
        "nodes => nodes.map(n => [n.dataset.left, n.dataset.right, n.dataset.domain])"
    )
    assert len(scales) == 2
    assert scales[0] == scales[1]
    assert float(scales[0][2]) == 2.0
    ends = page.locator(".tl-endline").evaluate_all("nodes => nodes.map(n => n.getBBox().x)")
    left, right = map(float, scales[0][:2])
    assert [round((end - left) / (right - left) * 2, 2) for end in ends] == [2.0, 0.4]
    assert page.locator(".tl-title").text_content() == (
        "gather: 5.0x faster (0.40 s instead of 2.00 s)"
    )


def test_nothing_is_called_faster_when_something_failed(stage):
    assert stage("failures").locator(".tl-title").text_content() == ""


def test_no_drawing_says_what_to_do(stage):
    assert stage([]).locator(".tl-plots").text_content() == "Nothing to show yet: run the code."


def test_names_of_the_learner_are_text_and_not_markup(stage, drawings):
    drawing = json.loads(json.dumps(drawings("bounded")[0]).replace("fetch(1)", "<img src=x>"))
    page = stage([drawing])
    page.locator(".tl-plots").focus()
    press(page, "Home", "ArrowDown", "ArrowDown")
    open_table(page)
    assert page.locator(".tl img").count() == 0
    assert "<img src=x>" in page.locator(".tl-tip").text_content()
    assert "<img src=x>" in page.locator("table").text_content()


def test_long_names_that_begin_alike_can_be_told_apart(stage, drawings):
    text = json.dumps(drawings("bounded")[0]).replace("fetch(", "fetch_and_typeset_the_page_of(")
    names = stage([json.loads(text)], width=700).locator(".tl-name:not(.tl-dim)")
    main, *shown = names.all_text_contents()
    assert main == drawings("bounded")[0]["tasks"][0]["label"]
    assert all(name.startswith("fetch_") and "…" in name for name in shown)
    assert len(set(shown)) == 10


def test_durations_are_written_as_in_python(stage):
    page = stage("bounded")
    source = random.Random(7)
    times = [0.0, 1e-7, 0.05, 0.0994, 0.1, 0.3, 1.704, 9.999, 9.9996, 10.0, 12.5, 100.0, 360.25]
    times += [source.uniform(0, 10 ** source.uniform(-5, 3)) for _ in range(300)]
    times += [round(t, 3) for t in times]
    words = page.evaluate(
        "async times => times.map((await import('/picture/timeline.js')).seconds)", times
    )
    assert words == [seconds(t) for t in times]


# -- playback --------------------------------------------------------------------------------


def test_scrubbing_shows_the_states_at_three_moments(stage):
    page = stage("bounded")

    scrub_to(page, 4)  # main and three calls have had their first step
    assert boxes(page) == {
        "running": (1, ["fetch(4)"]),
        "ready": (6, ["fetch(5)", "fetch(6)", "fetch(7)", "fetch(8)"]),
        "timers": (3, ["fetch(1)", "fetch(2)", "fetch(3)"]),
        "queued": (0, []),
        "awaiting": (1, ["bounded(10)"]),
        "done": (0, []),
    }

    scrub_to(page, 11)  # three are in flight, the others queue, the loop has nothing to do
    assert boxes(page) == {
        "running": (0, []),
        "ready": (0, []),
        "timers": (3, ["fetch(1)", "fetch(2)", "fetch(3)"]),
        "queued": (7, ["fetch(4)", "fetch(5)", "fetch(6)", "fetch(7)"]),
        "awaiting": (1, ["bounded(10)"]),
        "done": (0, []),
    }
    assert "idle until 0.408 s" in page.locator("[data-box=running]").text_content()

    page.get_by_label("To the end").click()
    assert {name: count for name, (count, _) in boxes(page).items()} == {
        "running": 0, "ready": 0, "timers": 0, "queued": 0, "awaiting": 0, "done": 11,
    }  # fmt: skip


def test_scrubbing_a_comparison_shows_both_runs_at_one_time(stage):
    page = stage("compared")
    page.locator(".tl-plots").focus()
    press(page, "Home", "ArrowRight")  # the first time at which something changes: 0.40 s
    assert page.locator(".tl-flag").all_text_contents() == ["0.400 s", "0.400 s"]
    done = page.locator("[data-box=done]").evaluate_all("nodes => nodes.map(n => n.dataset.count)")
    assert done == ["0", "6"]


def test_no_control_moves_when_scrubbing_begins(stage):
    page = stage("bounded")
    places = "nodes => nodes.map(n => n.getBoundingClientRect().toJSON())"
    controls = page.locator(".tl-controls :is(button, input, select)")
    before = controls.evaluate_all(places)
    scrub_to(page, 4)
    assert controls.evaluate_all(places) == before


def test_the_whole_picture_comes_back(stage):
    page = stage("bounded")
    scrub_to(page, 12)
    page.get_by_label("Whole picture", exact=True).click()
    assert page.locator(".tl-state").is_hidden()
    assert page.locator(".tl-veil").is_hidden()
    assert page.evaluate("document.activeElement.className") == "tl-plots"


def test_scrubbing_moves_overlays_and_draws_nothing_again(stage):
    page = stage("bounded")
    svg = page.locator(".tl-svg").evaluate_handle("node => node")
    drawn = page.locator(".tl").get_attribute("data-drawn")
    heads = []
    for stop in (3, 14, 20):
        scrub_to(page, stop)
        heads.append(page.locator(".tl-playhead").evaluate("node => node.style.transform"))
    assert len(set(heads)) == 3
    assert page.locator(".tl").get_attribute("data-drawn") == drawn
    assert svg.evaluate("node => node.isConnected")


def test_one_task_runs_at_a_time_on_the_steps_axis(stage):
    page = stage("bounded", axis="steps")
    slots = page.locator("path[data-state=running]").evaluate(
        """node => node.getAttribute('d').split('M').slice(1).map(part => {
             const [x, , width] = part.match(/-?[\\d.]+/g).map(Number); return [x, x + width]; })"""
    )
    slots.sort()
    assert len(slots) == 29
    assert all(a[1] <= b[0] + 0.02 for a, b in itertools.pairwise(slots))
    widths = {round(right - left, 1) for left, right in slots}
    assert len(widths) == 1


def test_play_goes_to_the_end_and_can_be_paused(stage):
    page = stage("bounded")
    page.clock.install()
    page.get_by_label("Play", exact=True).click()
    page.clock.run_for(3000)
    page.get_by_label("Pause").click()
    half = int(page.locator(".tl").get_attribute("data-stop"))
    assert 11 < half < 36
    page.clock.run_for(3000)
    assert page.locator(".tl").get_attribute("data-stop") == str(half)
    page.get_by_label("Play", exact=True).click()
    page.clock.run_for(4000)
    assert page.locator(".tl").get_attribute("data-playing") == "false"
    assert page.locator("[data-box=done]").get_attribute("data-count") == "11"


def test_reduced_motion_plays_in_single_steps(stage):
    page = stage("bounded", reduced_motion="reduce")
    page.clock.install()
    page.get_by_label("Play", exact=True).click()
    stops = []
    for _ in range(3):
        page.clock.run_for(1000)
        stops.append(page.locator(".tl").get_attribute("data-stop"))
    assert stops == ["1", "2", "3"]


# -- lanes and stories -----------------------------------------------------------------------


def test_pointing_at_a_lane_tells_its_story(stage, drawings):
    page = stage("bounded")
    page.get_by_text("fetch(7)", exact=True).hover()
    story = drawings("bounded")[0]["tasks"][7]["story"]
    assert page.locator(".tl-story").text_content() == story
    assert "line" in story
    page.locator(".tl-title").hover()
    assert page.locator(".tl-tip").is_hidden()


def test_lane_choice(stage):
    page = stage("failure")

    def lanes(choice):
        page.get_by_label("Order of lanes").select_option(choice)
        return page.locator(".tl-name:not(.tl-dim)").all_text_contents()

    assert lanes("finish")[:3] == ["call(0)", "call(1)", "call(2)"]
    assert lanes("longest")[0] == "group_with_failure"
    assert lanes("failures") == ["call(2)", "call(3)", "call(4)", "call(5)"]
    assert lanes("created")[0] == "group_with_failure"


def test_only_failures_of_a_run_without_any(stage):
    page = stage("bounded")
    page.get_by_label("Order of lanes").select_option("failures")
    assert "No task failed." in page.locator(".tl-svg").text_content()


def test_table_has_a_row_for_every_task_and_the_blocked_loop(stage, drawings):
    page = stage("blocked")
    open_table(page)
    rows = page.locator("table").first.locator("tbody tr")
    assert rows.count() == 6
    assert drawings("blocked")[0]["tasks"][5]["story"] in rows.nth(5).text_content()
    harm = page.locator("table").nth(1).locator("tbody td").last.text_content()
    late = {"0.1": "0.25", "0.13": "0.19", "0.16": "0.29", "0.19": "0.26"}
    assert harm == ", ".join(f"poll({pause}) {time} s late" for pause, time in late.items())


# -- keyboard, ear, eye ----------------------------------------------------------------------


def test_every_control_is_reached_and_used_by_keyboard_alone(stage):
    page = stage("bounded")
    reached = []
    for _ in range(10):
        press(page, "Tab")
        reached.append(
            page.evaluate(
                """() => { const { ariaLabel, textContent } = document.activeElement;
                     return ariaLabel?.slice(0, 14) || textContent.trim() }"""
            )
        )
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", f"focus on {reached[-1]!r} is not visible"
    assert reached == [
        "11 tasks in 1.", "To the start", "One step back", "Play", "One step forwa", "To the end",
        "Moment", "Horizontal axi", "Order of lanes", "Show as table",
    ]  # fmt: skip

    def stop():
        return page.locator(".tl").get_attribute("data-stop")

    press(page, "Enter")
    page.wait_for_selector("table")
    press(page, "Shift+Tab", "ArrowDown")
    assert page.locator(".tl").get_attribute("data-lanes") == "finish"
    press(page, "Shift+Tab", "ArrowDown")
    assert page.locator(".tl").get_attribute("data-axis") == "steps"
    press(page, "Shift+Tab", "Home", "ArrowRight", "ArrowRight")
    assert stop() == "2"
    press(page, "Shift+Tab", "Enter")
    assert stop() == "39"
    press(page, "Shift+Tab", "Shift+Tab", "Shift+Tab", "Enter")
    assert stop() == "38"
    press(page, "Tab", "Tab", "Enter")
    assert stop() == "39"
    press(page, "Shift+Tab", "Space")
    assert page.locator(".tl").get_attribute("data-playing") == "true"
    press(page, "Space", "Escape")
    assert page.locator(".tl").get_attribute("data-playing") == "false"
    assert page.locator(".tl-state").is_hidden()


def test_keys_of_the_picture(stage):
    page = stage("compared")
    frame = page.locator(".tl")
    page.locator(".tl-plots").focus()
    press(page, "Home")
    assert frame.get_attribute("data-stop") == "0"
    press(page, "End")
    assert frame.get_attribute("data-stop") == "5"
    press(page, "ArrowLeft")
    assert frame.get_attribute("data-stop") == "4"
    press(page, "Space")
    assert frame.get_attribute("data-playing") == "true"
    press(page, "Space")
    assert frame.get_attribute("data-playing") == "false"
    press(page, "ArrowDown", "ArrowDown", "ArrowDown")  # past the one lane of the first panel
    assert "fetch(1)" in page.locator(".tl-tip").text_content()
    press(page, "Escape")
    assert page.locator(".tl-tip").is_hidden()
    assert frame.get_attribute("data-stop") == ""


def test_keys_stay_inside_the_picture(stage):
    """The notebook must not take Space for scrolling, or an arrow for the next cell."""
    page = stage("bounded")
    page.evaluate("document.addEventListener('keydown', () => { window.leaked = true })")
    page.locator(".tl-plots").focus()
    press(page, "ArrowDown", "ArrowRight", "Space", "Escape")
    assert page.evaluate("window.leaked") is None
    assert page.locator(".tl").get_attribute("data-lm-suppress-shortcuts") == "true"


def test_the_live_region_speaks(stage, drawings):
    page = stage("bounded")
    assert page.locator(".tl-live").get_attribute("aria-live") == "polite"
    page.locator(".tl-plots").focus()
    press(page, "Home", "ArrowRight", "ArrowRight")
    assert spoken(page, "Step 3 of 29") == (
        "Step 3 of 29, 0 s: running fetch(2); "
        "8 ready, 1 on timers or I/O, 1 awaiting, 0 of 11 done."
    )
    press(page, "ArrowDown", "ArrowDown")
    spoken(page, drawings("bounded")[0]["tasks"][1]["story"])
    redraw(page, drawings("blocked"))
    spoken(page, drawings("blocked")[0]["summary"])


def test_the_live_region_keeps_its_peace_under_a_storm_of_changes(stage):
    page = stage("bounded")
    page.evaluate(
        """() => { window.said = 0;
             new MutationObserver(() => { window.said += 1 }).observe(
               document.querySelector('.tl-live'), {childList: true, characterData: true}) }"""
    )
    page.locator(".tl-plots").focus()
    press(page, "Home", *["ArrowRight"] * 15)
    spoken(page, "Step 14 of 29")
    assert page.evaluate("window.said") < 8


@pytest.mark.parametrize(
    ("dark", "running", "ready", "sleep", "queued", "red"),
    [
        (False, "#003f73", "#7a3ea8", "#3d7ab0", "#9a6200", "#c1121f"),
        (True, "#9cd1ff", "#a970e8", "#5f9bd1", "#f0b541", "#ff7b72"),
    ],
)
def test_colours_follow_the_theme(stage, dark, running, ready, sleep, queued, red):
    page = stage("blocked", dark=dark)
    assert page.locator(".tl").get_attribute("data-theme") == ("dark" if dark else "light")
    assert colour(page, "path[data-state=running]", "fill") == rgb(running)
    assert colour(page, "path[data-state=ready]", "stroke") == rgb(ready)
    assert colour(page, "path[data-state=sleep]", "stroke") == rgb(sleep)
    assert colour(page, ".tl-blocked", "fill") == rgb(red)
    page = stage("bounded", dark=dark)
    assert colour(page, "path[data-state=queued]", "stroke") == rgb(queued)


def test_a_theme_can_change_while_the_picture_stands(stage):
    page = stage("bounded")
    page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    page.wait_for_function("document.querySelector('.tl').dataset.theme === 'dark'")
    page.evaluate("document.body.dataset.jpThemeName = 'JupyterLab Dark High Contrast'")
    page.wait_for_function("document.querySelector('.tl').dataset.contrast === 'high'")
    assert colour(page, ".tl-facts", "color") == colour(page, ".tl", "color")


def test_forced_colours_leave_forms_to_tell_states_apart(stage):
    page = stage("blocked", forced_colors="active")
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    text = colour(page, ".tl", "color")
    assert text != background
    assert colour(page, "path[data-state=running]", "fill") == text
    assert colour(page, "path[data-state=ready]", "fill") == background
    assert colour(page, "path[data-state=ready]", "stroke") == text
    assert "url(" in colour(page, ".tl-texture", "fill")


@pytest.mark.parametrize("axis", ["clock", "steps"])
@pytest.mark.parametrize(
    "name", ["bounded", "compared", "failures", "blocked", "late", "cancelling"]
)
def test_no_word_is_clipped_or_covers_another(stage, name, axis):
    page = stage(name, width=1060, axis=axis)
    for width in (1060, 700, 400):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function(
            "width => { const svg = document.querySelector('.tl-svg').clientWidth;"
            "           return svg < width && svg > width - 50 }",
            arg=width,
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        texts = page.evaluate(TEXTS)
        assert len(texts) >= 9
        assert [t["text"] for t in texts if not t["inside"]] == []
        assert list(overlapping(texts)) == []


def overlapping(texts):
    for a, b in itertools.combinations(texts, 2):
        wide = min(a["right"], b["right"]) - max(a["left"], b["left"])
        high = min(a["bottom"], b["bottom"]) - max(a["top"], b["top"])
        if a["panel"] == b["panel"] and wide > 1 and high > 4:
            yield a["text"], b["text"]


def test_controls_wrap_in_a_narrow_window(stage):
    page = stage("bounded", width=400)
    scrub_to(page, 12)
    controls = page.locator(".tl-controls :is(button, input, select, output)").evaluate_all(
        "nodes => nodes.map(n => n.getBoundingClientRect().toJSON())"
    )
    assert len(controls) == 9
    assert all(c["left"] >= 0 and c["right"] <= 400 for c in controls)
    for a, b in itertools.combinations(controls, 2):
        apart = a["right"] <= b["left"] or b["right"] <= a["left"]
        assert apart or a["bottom"] <= b["top"] or b["bottom"] <= a["top"]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["bounded", "failures", "blocked", "crowd"])
def test_axe_finds_nothing(stage, axe, name, dark):
    page = stage(name, dark=dark)
    open_table(page)
    scrub_to(page, 3)
    page.locator(".tl-plots").focus()
    press(page, "ArrowDown")
    page.add_script_tag(url=axe)
    found = page.evaluate("axe.run('#stage')")
    assert len(found["passes"]) > 10
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found["violations"]] == []


# -- many tasks ------------------------------------------------------------------------------


def test_a_thousand_tasks_need_no_node_each(stage):
    page = stage("crowd")
    assert "1001 tasks" in page.locator(".tl-head").text_content()
    assert page.locator(".tl-svg *").count() < 100
    assert page.locator("path[data-outcome=raised]").count() == 1
    page.get_by_label("Order of lanes").select_option("failures")
    assert page.locator(".tl-end-raised").count() == 5


def test_a_thousand_tasks_can_be_scrubbed_and_pointed_at(stage):
    page = stage("crowd", axis="steps")
    scrub_to(page, 600)
    counts = {name: count for name, (count, _) in boxes(page).items()}
    assert counts == {
        "running": 1, "ready": 400, "timers": 50, "queued": 549, "awaiting": 1, "done": 0,
    }  # fmt: skip
    page.locator(".tl-plots").focus()
    press(page, *["PageDown"] * 3)
    assert page.locator(".tl-tip").get_attribute("data-task") == "29"


# -- life ------------------------------------------------------------------------------------


def test_new_drawings_replace_the_picture(stage, drawings):
    page = stage("bounded")
    scrub_to(page, 5)
    redraw(page, drawings("blocked"))
    assert page.locator(".tl-svg").count() == 1
    assert page.locator("[data-fact=total]").text_content() == "1.02 s"
    assert page.locator(".tl-state").is_hidden()


def test_many_changes_before_the_next_frame_are_one_redraw(stage, drawings):
    page = stage("bounded")
    page.evaluate(
        "drawings => { for (let i = 0; i < 30; i += 1) window.model.set('drawings', drawings) }",
        drawings("blocked"),
    )
    page.wait_for_function("document.querySelector('.tl').dataset.painted === '2'")
    assert page.locator(".tl").get_attribute("data-drawn") == "2"


def test_two_views_of_one_model_play_apart(stage, drawings):
    page = stage("bounded")
    page.evaluate("window.addView()")
    page.locator(".tl-range").nth(1).press("Home")
    stops = page.locator(".tl").evaluate_all("nodes => nodes.map(n => n.dataset.stop)")
    assert stops == ["", "0"]
    ids = page.locator("pattern").evaluate_all("nodes => nodes.map(n => n.id)")
    assert len(ids) == len(set(ids))


def test_no_id_is_used_twice_though_each_widget_loads_the_module_anew(stage):
    page = stage("bounded")
    page.evaluate(
        """async () => {
             const source = await (await fetch("/picture/timeline.js")).text();
             const file = new Blob([source], { type: "text/javascript" });
             const { default: timeline } = await import(URL.createObjectURL(file));
             timeline.render({ model: window.model, el: document.getElementById("stage") });
           }"""
    )
    ids = page.locator("[id]").evaluate_all("nodes => nodes.map(n => n.id)")
    assert len(ids) > 10
    assert len(ids) == len(set(ids))


def test_a_removed_view_leaves_nothing_behind(stage):
    page = stage("bounded")
    page.get_by_label("Play", exact=True).click()
    page.evaluate("window.forget()")
    assert page.locator(".tl").count() == 0
    assert page.evaluate("window.model.listeners") == 0


def test_a_wider_window_is_filled(stage):
    page = stage("bounded", width=500)
    page.set_viewport_size({"width": 900, "height": 700})
    page.wait_for_function("document.querySelector('.tl-svg').clientWidth > 800")
