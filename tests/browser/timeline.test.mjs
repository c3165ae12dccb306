/* The timeline's arithmetic, without a browser. Run by test_arithmetic.py. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

// As a data URL, because Node takes a .js file outside a package for CommonJS.
const source = readFileSync(new URL("../../asynclab/picture/timeline.js", import.meta.url));
const timeline = await import(`data:text/javascript;base64,${source.toString("base64")}`);
const { layOut, laneOrder, niceStep, positionAt, prepare, seconds, stateAt, stopsOf, timeAt } =
  timeline;

const task = (label, spans, more = {}) => ({
  label,
  spans,
  parent: 0,
  created: 0,
  created_step: 0,
  outcome: "finished",
  error: "",
  received_by: -1,
  cancels: [],
  ended: spans.at(-1)[2],
  ended_step: spans.at(-1)[4],
  story: "",
  ...more,
});

/** main starts a and b; both sleep until 1.0, and each needs one more step. */
const drawing = () => ({
  title: "two",
  clock: "virtual",
  end: 1,
  steps: 6,
  limit: null,
  summary: "",
  flight: null,
  blocked: [],
  never_awaited: [],
  stopped: "",
  tasks: [
    task("main", [
      ["running", 0, 0, 0, 1, ""],
      ["awaiting", 0, 1, 1, 5, "2 tasks"],
      ["running", 1, 1, 5, 6, ""],
    ]),
    task("a", [
      ["ready", 0, 0, 0, 1, ""],
      ["running", 0, 0, 1, 2, ""],
      ["sleep", 0, 1, 2, 3, ""],
      ["running", 1, 1, 3, 4, ""],
    ]),
    task("b", [
      ["ready", 0, 0, 0, 2, ""],
      ["running", 0, 0, 2, 3, ""],
      ["sleep", 0, 1, 3, 4, ""],
      ["running", 1, 1, 4, 5, ""],
    ]),
  ],
});

test("moments are turns and pauses, in order", () => {
  const { moments } = prepare(drawing());
  assert.deepEqual(
    moments.map((m) => m.task),
    [0, 1, 2, -1, 1, 2, 0],
  );
  assert.deepEqual([moments[3].start, moments[3].end], [0, 1]);
});

test("segments have no gaps, and a timer that is due is ready", () => {
  const { tasks } = prepare(drawing());
  for (const { segments } of tasks) {
    segments.slice(1).forEach((s, i) => assert.equal(s.from, segments[i].to));
  }
  assert.deepEqual(
    tasks[2].segments.map((s) => [s.state, s.from, s.to]),
    [
      ["ready", 0, 2],
      ["running", 2, 3],
      ["sleep", 3, 4],
      ["ready", 4, 5],
      ["running", 5, 6],
    ],
  );
});

test("stateAt says who runs, who is ready and who waits", () => {
  const model = prepare(drawing());
  const at = (position) => {
    const { running, ready, timers, awaiting, done } = stateAt(model, position);
    return { running, ready, timers, awaiting, done };
  };
  assert.deepEqual(at(0), { running: 0, ready: [1, 2], timers: [], awaiting: [], done: 0 });
  assert.deepEqual(at(3.5), { running: -1, ready: [], timers: [1, 2], awaiting: [0], done: 0 });
  assert.deepEqual(at(4), { running: 1, ready: [2], timers: [], awaiting: [0], done: 0 });
  assert.deepEqual(at(7), { running: -1, ready: [], timers: [], awaiting: [], done: 3 });
  assert.equal(stateAt(model, 3.25).remaining(1), 0.75);
});

test("a wait that was cut short by a cancel lasts until the task's own turn", () => {
  const cut = drawing();
  cut.tasks[2].cancels = [[1, "main", true]];
  const states = prepare(cut).tasks[2].segments.map((s) => s.state);
  assert.deepEqual(states, ["ready", "running", "sleep", "running"]);
});

test("a late timer is ready from the middle of the turn that blocked the loop", () => {
  const late = drawing();
  late.end = 3;
  late.tasks[1].spans = [
    ["ready", 0, 0, 0, 1, ""],
    ["running", 0, 2, 1, 2, ""],
    ["sleep", 2, 3, 2, 4, ""],
    ["running", 3, 3, 4, 5, ""],
  ];
  late.tasks[2].spans = [
    ["running", 0, 0, 0, 1, ""],
    ["sleep", 0, 1, 1, 2, ""],
    ["ready", 1, 2, 1, 2, ""],
    ["running", 2, 2, 2, 3, ""],
  ];
  late.tasks[0].spans = [
    ["awaiting", 0, 3, 0, 5, ""],
    ["running", 3, 3, 5, 6, ""],
  ];
  const { segments } = prepare(late).tasks[2];
  assert.deepEqual(
    segments.slice(1, 3).map((s) => [s.state, s.from, s.to]),
    [
      ["sleep", 1, 1.5],
      ["ready", 1.5, 2],
    ],
  );
});

test("time and position are each other's inverse", () => {
  const model = prepare(drawing());
  for (const time of [0.25, 0.5, 0.75]) assert.equal(timeAt(model, positionAt(model, time)), time);
  assert.equal(timeAt(model, positionAt(model, 1)), 1);
  assert.equal(positionAt(model, 0), 3, "the last moment of that instant");
});

test("several panels stop wherever something changes in any of them", () => {
  const slow = drawing();
  slow.end = 2;
  slow.tasks.forEach((t) =>
    t.spans.forEach((s) => {
      s[1] *= 2;
      s[2] *= 2;
    }),
  );
  const models = [prepare(drawing()), prepare(slow)];
  assert.deepEqual(stopsOf(models, "clock"), [0, 1, 2]);
  assert.deepEqual(stopsOf([models[0]], "clock"), [0, 0, 0, 0, 1, 1, 1, 1]);
  const [first, second] = layOut(models, { width: 800, axis: "clock", lanes: "created" });
  assert.equal(first.scale(1), second.scale(1));
  assert.equal(second.scale(2), second.right);
});

test("lanes in four orders", () => {
  const mixed = drawing();
  Object.assign(mixed.tasks[2], { ended: 0.5, outcome: "raised" });
  Object.assign(mixed.tasks[1], { ended: null, outcome: "pending", created: 0.8 });
  const model = prepare(mixed);
  const orders = ["created", "finish", "longest", "failures"].map((choice) =>
    laneOrder(model, choice),
  );
  assert.deepEqual(orders, [
    [0, 1, 2],
    [2, 0, 1],
    [0, 2, 1],
    [1, 2],
  ]);
});

test("names and words are cut rather than let out of the picture", () => {
  const long = drawing();
  long.tasks[1].label = "a_function_with_a_very_long_name_indeed(1)";
  const [panel] = layOut([prepare(long)], { width: 400, axis: "clock", lanes: "created" });
  assert.ok(panel.left < 130 && panel.right < 380);
});

test("axis marks are 1, 2 or 5 times a power of ten", () => {
  assert.deepEqual(
    [
      [1, 10],
      [1.7, 13],
      [7, 6],
      [0.04, 9],
    ].map(([span, n]) => Number(niceStep(span, n).toPrecision(6))),
    [0.1, 0.2, 2, 0.005],
  );
});

test("durations", () => {
  const words = [0, 0.0004, 0.035, 0.3, 1.704, 12.5, 1.23456, 123.456789].map(seconds);
  assert.deepEqual(words, [
    "0 s",
    "0.4 ms",
    "35 ms",
    "0.30 s",
    "1.704 s",
    "12.5 s",
    "1.23 s",
    "123.5 s",
  ]);
});
