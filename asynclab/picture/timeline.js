/* The timeline: draws what an event loop really did, and plays it back.
 *
 * Input is the widget model's `drawings`, the JSON of a list made by picture/layout.py. One
 * drawing is a timeline; several are panels stacked on one scale.
 *
 * There are two horizontal scales. On the clock axis, x is seconds. On the steps axis, x is a
 * *position*: every turn of the loop is one unit wide, and so is every pause in which the loop
 * had nothing to do. A turn or a pause is called a *moment*. Positions order what the clock
 * cannot (on the virtual clock a hundred turns may share one instant), so playback, too, counts
 * in positions.
 *
 * What is null in the input may be undefined: the kernel of the browser edition knows no null.
 *
 * Sections: words and numbers, model, geometry, drawing, state boxes, table, playback,
 * accessibility, widget.
 */

/* ---- words and numbers ----------------------------------------------------------------------- */

// In the order in which they are painted: what comes last lies on top.
const STATES = {
  awaiting: "awaiting other tasks",
  other: "waiting for something else",
  sleep: "sleeping (timer)",
  io: "waiting for I/O",
  queued: "queued for a permit",
  ready: "ready, waiting its turn",
  running: "running on the loop",
};
const LEGEND_ORDER = ["running", "ready", "sleep", "io", "queued", "awaiting", "other"];
const TEXTURED = new Set(["sleep", "queued"]);
const TEXTURED_WHEN_DENSE = new Set([...TEXTURED, "ready"]); // where outlines would not be seen

const OUTCOMES = {
  finished: { word: "finished", sign: "✓" },
  raised: { word: "raised", sign: "✕" },
  cancelled: { word: "cancelled", sign: "⊘" },
  pending: { word: "still waiting at the end", sign: "▸" },
  lost: { word: "lost", sign: "?" },
};

const LANE_CHOICES = {
  created: "as created",
  finish: "by finish",
  longest: "longest first",
  failures: "only failures",
};

const TINY = 1e-9;

const escapeHtml = (text) =>
  String(text).replace(
    /[&<>"]/g,
    (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c],
  );

const round = (value) => Math.round(value * 100) / 100;
const clamp = (value, low, high) => Math.max(low, Math.min(high, value));
const sum = (values) => values.reduce((a, b) => a + b, 0);
const count = (n, noun) => `${n} ${noun}${n === 1 ? "" : "s"}`;

const isWhole = (x) => Math.abs(x - Math.round(x)) < 1e-6 * Math.max(1, x);

/** A time in words, as words.py writes it: "0 s", "50 ms", "0.30 s", "1.125 s", "12.5 s".
 *
 * What is exact to the millisecond is written exactly; what was measured has two decimals.
 */
export function seconds(t) {
  if (t < 5e-7) return "0 s";
  if (t < 0.0995) return `${Number((t * 1000).toPrecision(isWhole(t * 10000) ? 3 : 2))} ms`;
  const least = t < 10 ? 2 : 1;
  if (!isWhole(t * 1000)) return `${t.toFixed(least)} s`;
  const decimals = Math.max(least, 3 - t.toFixed(3).match(/0*$/)[0].length);
  return `${t.toFixed(decimals)} s`;
}

/** Index of the first item for which `test` holds, in a list sorted by it; its length if none. */
function firstIndex(items, test, low = 0) {
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (test(items[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}

/* ---- model: what the pictures and the state boxes need to know, without pixels --------------- */

// On the real clock the loop itself needs some microseconds between turns: that is no pause.
const SHORTEST_PAUSE = { virtual: TINY, real: 5e-4 };

/** Everything derived from one drawing.
 *
 * `moments[p]` is what the loop did at position p: a turn of `task`, or a pause (task -1).
 * `tasks[i].segments` are the task's states without gaps, each with its times (start, end) and
 * its positions (from, to).
 */
export function prepare(drawing) {
  const { moments, slots } = layMoments(drawing);
  const wake = (time, low) => positionOfTime(moments, time, low);
  const tasks = drawing.tasks.map((task) => ({
    ...task,
    segments: segmentsOf(task, slots, wake, drawing.clock === "virtual"),
  }));
  const outcomes = Object.fromEntries(Object.keys(OUTCOMES).map((o) => [o, 0]));
  const states = new Set(["running"]);
  for (const task of tasks) {
    outcomes[task.outcome] += 1;
    for (const s of task.segments) if (s.to > s.from || s.end > s.start) states.add(s.state);
  }
  const peak = drawing.flight ? drawing.flight.peak : 0;
  return { drawing, tasks, moments, outcomes, states, peak };
}

function layMoments({ tasks, blocked, clock, end, steps }) {
  const runs = [];
  tasks.forEach((task, index) => {
    for (const [state, start, stop, step] of task.spans) {
      if (state === "running") runs.push({ task: index, start, end: stop, step });
    }
  });
  runs.sort((a, b) => a.step - b.step);

  const moments = [];
  const slots = []; // slots[step]: the position of that step
  let time = 0;
  const pauseUntil = (until, step) => {
    if (until - time <= SHORTEST_PAUSE[clock]) return;
    // A plain callback can hold the loop, too: then the gap between two tasks was no rest.
    const culprit = blocked.find((b) => b.task < 0 && b.start < until && b.end > time);
    moments.push({ task: -1, start: time, end: until, step, by: culprit ? culprit.by : "" });
  };
  for (const run of runs) {
    pauseUntil(run.start, run.step);
    while (slots.length <= run.step) slots.push(moments.length);
    moments.push(run);
    time = Math.max(time, run.end);
  }
  pauseUntil(end, steps);
  while (slots.length <= steps) slots.push(moments.length);
  return { moments, slots };
}

/** The first position, not before `low`, at which the clock shows at least `time`. */
function positionOfTime(moments, time, low) {
  const index = firstIndex(moments, (m) => m.end >= time - TINY, Math.floor(low));
  const moment = moments[index];
  if (!moment || moment.start >= time - TINY) return Math.max(low, index);
  if (moment.end <= time + TINY) return index + 1;
  return Math.max(low, index + (time - moment.start) / (moment.end - moment.start));
}

function segmentsOf(task, slots, wake, virtual) {
  const slot = (step) => slots[Math.min(step, slots.length - 1)];
  const segments = [];
  let at = slot(task.created_step);
  const add = (state, start, end, to, detail = "") => {
    const last = segments[segments.length - 1];
    if (state === "ready" && last && last.state === "ready") Object.assign(last, { end, to });
    else segments.push({ state, start, end, from: at, to, detail });
    at = to;
  };
  for (const [state, start, end, firstStep, lastStep, detail] of task.spans) {
    if (state === "running") {
      const turn = Math.max(at, slot(firstStep));
      // Awake at this instant, but others had their turns first.
      if (turn > at) add("ready", start, start, turn);
      add("running", start, end, turn + 1);
    } else if (state === "ready") {
      add("ready", start, end, Math.max(at, slot(lastStep)));
    } else {
      // A timer wakes its task when the clock gets there. Any other waker (a cancel, too) acted in
      // some step of the same virtual instant, and the clock cannot tell in which.
      const cut = task.cancels.some(([time]) => Math.abs(time - end) < TINY);
      const timed = !virtual || (!cut && (state === "sleep" || state === "io"));
      const until = timed ? wake(end, at) : Infinity;
      add(state, start, end, Math.max(at, Math.min(until, slot(lastStep))), detail);
    }
  }
  return segments;
}

/** Clock time at a position (fractions lie inside a moment). */
export function timeAt(model, position) {
  const moment = model.moments[Math.floor(position)];
  if (!moment) return model.drawing.end;
  return moment.start + (moment.end - moment.start) * (position - Math.floor(position));
}

/** The last position at which the clock does not yet show more than `time`. */
export function positionAt(model, time) {
  const index = firstIndex(model.moments, (m) => m.start > time + TINY) - 1;
  if (index < 0) return 0;
  const { start, end } = model.moments[index];
  const last = index === model.moments.length - 1;
  if (last && time >= end - TINY) return index + 1;
  return index + (end > start ? Math.min(0.999, (time - start) / (end - start)) : 0);
}

function segmentAt(task, position) {
  const { segments } = task;
  const index = firstIndex(segments, (s) => s.to > position);
  return index < segments.length && segments[index].from <= position ? segments[index] : null;
}

const ended = (task, position) => {
  const last = task.segments[task.segments.length - 1];
  return task.ended != null && (!last || last.to <= position);
};

/** What every task is doing at a position: indexes of tasks, in the order of their queue. */
export function stateAt(model, position) {
  const found = { ready: [], timers: [], queued: [], awaiting: [] };
  const state = { time: timeAt(model, position), moment: null, running: -1, done: 0, ...found };
  state.moment = model.moments[Math.floor(position)] || null;
  const boxOf = { ready: "ready", sleep: "timers", io: "timers", queued: "queued" };
  const segments = new Map();
  model.tasks.forEach((task, index) => {
    const segment = segmentAt(task, position);
    if (!segment) {
      if (ended(task, position)) state.done += 1;
    } else if (segment.state === "running") state.running = index;
    else {
      segments.set(index, segment);
      state[boxOf[segment.state] || "awaiting"].push(index);
    }
  });
  const sortBy = (list, key) =>
    list.sort((a, b) => key(segments.get(a)) - key(segments.get(b)) || a - b);
  sortBy(state.ready, (s) => s.to);
  sortBy(state.timers, (s) => s.end);
  sortBy(state.queued, (s) => s.from);
  sortBy(state.awaiting, (s) => s.from);
  state.remaining = (index) => Math.max(0, segments.get(index).end - state.time);
  return state;
}

/** Seconds that a task spent in each state. */
function timeByState(task) {
  const spent = {};
  for (const s of task.segments) spent[s.state] = (spent[s.state] || 0) + s.end - s.start;
  return spent;
}

/** Cancel requests that did not end the task at once. */
function openCancels({ cancels, ended: end }) {
  return cancels.filter(([time]) => end == null || end - time > 1e-3);
}

const lifeOf = (task, drawing) => (task.ended == null ? drawing.end : task.ended) - task.created;
const blockedTime = (drawing) => sum(drawing.blocked.map((b) => b.end - b.start));

/** Indexes of the tasks that get a lane, from top to bottom. */
export function laneOrder(model, choice) {
  const { tasks, drawing } = model;
  const order = tasks.map((_, i) => i);
  const finish = (i) => (tasks[i].ended == null ? Infinity : tasks[i].ended);
  const compare = (a, b) => (a === b ? 0 : a < b ? -1 : 1); // Infinity - Infinity is no number
  if (choice === "finish") return order.sort((a, b) => compare(finish(a), finish(b)) || a - b);
  if (choice === "longest") {
    return order.sort((a, b) => lifeOf(tasks[b], drawing) - lifeOf(tasks[a], drawing) || a - b);
  }
  if (choice === "failures") return order.filter((i) => tasks[i].outcome !== "finished");
  return order;
}

/* ---- geometry: where things are -------------------------------------------------------------- */

const AXIS_HEIGHT = 24;
const FLAG_HEIGHT = 17; // the row above the loop lane in which blocked intervals are named
const LOOP_HEIGHT = 12;
const STRIP_HEIGHT = 42;
const GLYPH_ROOM = 21; // from the end of a bar to the text behind its glyph
const MARGIN = 6;
const DENSE_HEIGHT = 420; // of all lanes together, when there is no room for names

/** Used where there is no canvas to ask. */
const roughWidth = (text) => text.length * 6.6;

const rowHeight = (n) =>
  n <= 8 ? 26 : n <= 14 ? 22 : n <= 24 ? 18 : n <= 40 ? 14 : n <= 60 ? 8 : DENSE_HEIGHT / n;

/** The longest beginning of a text that fits, with an ellipsis if something is missing. */
function shorten(text, room, measure) {
  if (measure(text) <= room) return text;
  const fits = (n) => measure(`${text.slice(0, n)}…`) <= room;
  let n = Math.min(text.length - 1, Math.floor((text.length * room) / measure(text)) + 1);
  while (n > 0 && !fits(n)) n -= 1;
  return n > 1 ? `${text.slice(0, n)}…` : "";
}

/** A name with its middle left out, if it is too long: the ends are what tells names apart. */
function abridge(name, room, measure) {
  const shape = (n) => `${name.slice(0, Math.ceil(n / 2))}…${name.slice(-Math.floor(n / 2))}`;
  let n = name.length;
  if (measure(name) <= room) return name;
  while (n > 4 && measure(shape(n)) > room) n -= 1;
  return shape(n);
}

/** The first of some wordings, from long to short, that fits; the last one is cut if none does. */
function fitting(wordings, room, measure) {
  const last = wordings[wordings.length - 1];
  return wordings.find((w) => measure(w) <= room) ?? shorten(last, room, measure);
}

/** What stands behind the end of a lane, from long to short. */
function endWordings(task, axis) {
  const at = axis === "clock" && task.ended != null ? seconds(task.ended) : "";
  const join = (...parts) => parts.filter(Boolean).join(" ");
  if (task.outcome === "raised") {
    const name = task.error.split(":")[0];
    return [join(at, task.error), join(at, name), name];
  }
  if (task.outcome === "cancelled") {
    const by = task.cancels
      .filter(([, , tookEffect]) => tookEffect)
      .map(([, who]) => who)
      .pop();
    const who = by ? [`cancelled by ${by}`, `by ${by}`, `by ${by.split(",")[0]}`] : [];
    return [...who.map((words) => join(at, words)), at];
  }
  if (task.outcome === "finished") return [at];
  if (task.outcome === "lost") return ["lost: nobody kept it", "lost"];
  const { detail } = task.segments[task.segments.length - 1] || { detail: "" };
  return detail ? [`still waiting for ${detail}`, "still waiting"] : ["still waiting", "waiting"];
}

/** The wording for which the scale makes room: not the longest, not the barest. */
function plainWording(task, axis) {
  const wordings = endWordings(task, axis);
  return wordings[Math.max(0, wordings.length - 2)];
}

/** Positions and sizes of all panels, on one scale.
 *
 * `measure(text)` gives the width of a text in pixels. The right margin is as wide as the words
 * behind the bars need, within reason; `fitting` shortens what is still too long.
 */
export function layOut(models, { width, axis, lanes, measure = roughWidth }) {
  const domain =
    axis === "steps"
      ? Math.max(1, ...models.map((m) => m.moments.length))
      : Math.max(...models.map((m) => m.drawing.end)) || 1;
  const orders = models.map((model) => laneOrder(model, lanes));
  const named = orders.map((order) => rowHeight(order.length) >= 12);
  const left = leftMargin(models, orders, named, width, measure);
  const right = rightEdge(models, orders, named, { left, width, axis, domain, measure });
  const shared = { width, axis, domain, left, right, measure };
  shared.flightTop = Math.max(...models.map((m) => Math.max(m.peak, m.drawing.limit || 0)));
  return models.map((model, i) => layPanel(model, orders[i], named[i], shared));
}

/** Where a lane ends, on the axis. */
function endOf({ tasks, drawing }, index, axis) {
  const { segments, ended: end } = tasks[index];
  const last = segments[segments.length - 1];
  if (axis === "steps") return last ? last.to : 0;
  return end ?? drawing.end;
}

function leftMargin(models, orders, named, width, measure) {
  const labels = ["event loop"];
  models.forEach((model, i) => {
    if (named[i]) labels.push(...orders[i].map((task) => model.tasks[task].label));
  });
  const widest = Math.max(...labels.map((label) => measure(label)));
  return Math.min(widest + 16, 240, Math.max(84, width * 0.3));
}

function rightEdge(models, orders, named, { left, width, axis, domain, measure }) {
  const widest = width - MARGIN - GLYPH_ROOM;
  let edge = widest - measure("limit 100");
  models.forEach((model, i) => {
    if (!named[i]) return;
    for (const index of orders[i]) {
      const at = endOf(model, index, axis);
      const room = widest - measure(plainWording(model.tasks[index], axis)) - left;
      if (at > 0) edge = Math.min(edge, left + (room * domain) / at);
    }
  });
  return Math.max(edge, left + (widest - left) * 0.66);
}

function layPanel(model, order, named, shared) {
  const { axis, domain, left, right } = shared;
  const row = rowHeight(order.length);
  const scale = (value) => left + ((right - left) * value) / domain;
  const flags = model.drawing.blocked.length ? FLAG_HEIGHT : 0;
  const loop = AXIS_HEIGHT + 4 + flags;
  const top = loop + LOOP_HEIGHT + (named ? 10 : 16);
  const bottom = top + (order.length ? order.length * row : 26);
  const hasStrip = axis === "clock" && model.peak > 0;
  const strip = bottom + 14;
  return {
    ...shared,
    model,
    order,
    row,
    named,
    dense: row < 7,
    scale,
    startOf: axis === "steps" ? (s) => scale(s.from) : (s) => scale(s.start),
    endOf: axis === "steps" ? (s) => scale(s.to) : (s) => scale(s.end),
    y: { loop, top, bottom, strip: hasStrip ? strip : null },
    height: (hasStrip ? strip + STRIP_HEIGHT : bottom) + 8,
  };
}

/** A step for axis marks: 1, 2 or 5 times a power of ten. */
export function niceStep(span, marks) {
  const raw = span / Math.max(1, marks);
  const power = 10 ** Math.floor(Math.log10(raw));
  return power * [1, 2, 5, 10].find((m) => m * power >= raw - TINY);
}

/* ---- drawing: a panel as one SVG string ------------------------------------------------------ */

/** Path data with its numbers rounded: d`M${x} ${y}h${width}`. */
const d = (words, ...numbers) => words.reduce((all, word, i) => all + round(numbers[i - 1]) + word);
const box = (x, y, w, h) => d`M${x} ${y}h${w}v${h}h${-w}z`;
const path = (name, shape, more = "") =>
  shape ? `<path class="${name}" d="${shape}"${more}/>` : "";
const texture = (id, name) => ` style="fill:url(#${id}-${name})"`;
function text(name, x, y, words, anchor = "start") {
  if (!words) return "";
  const place = `x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"`;
  return `<text class="${name}" ${place}>${escapeHtml(words)}</text>`;
}

/** The picture of one panel. `id` must be unique on the page: patterns are found by it. */
export function draw(panel, id) {
  const { width, height, model, row, named, dense } = panel;
  const size = dense ? " tl-dense" : named && row < 18 ? " tl-small" : "";
  const layers = [
    zebra(panel),
    axisMarks(panel),
    pauses(panel),
    endLine(panel),
    blockedBands(panel, id),
    loopLane(panel),
    blockedTurns(panel, id),
    bars(panel, id),
    arrows(panel),
    laneNames(panel),
    endMarks(panel),
    cancelRequests(panel),
    harm(panel),
    flightStrip(panel),
  ];
  return (
    `<svg class="tl-svg${size}" width="${width}" height="${round(height)}" ` +
    `viewBox="0 0 ${width} ${round(height)}" role="img" aria-labelledby="${id}-title">` +
    `<title id="${id}-title">${escapeHtml(model.drawing.summary)}</title>` +
    `${patterns(id)}${layers.join("")}</svg>`
  );
}

function patterns(id) {
  const pattern = (name, size, turn, marks) =>
    `<pattern id="${id}-${name}" width="${size}" height="${size}" patternUnits="userSpaceOnUse" ` +
    `patternTransform="rotate(${turn})">${marks}</pattern>`;
  const dot = (x, y) => `<circle class="tl-dots" cx="${x}" cy="${y}" r=".8"/>`;
  return (
    `<defs>${pattern("queued", 6, 45, '<path class="tl-hatch" d="M0 0V6"/>')}` +
    `${pattern("ready", 4, 0, '<path class="tl-rules" d="M0 0V4"/>')}` +
    `${pattern("sleep", 5, 0, dot(1.5, 1.5) + dot(4, 4))}` +
    `${pattern("blocked", 7, -45, '<path class="tl-band-hatch" d="M0 0V7"/>')}` +
    `${pattern("alarm", 6, -45, '<path class="tl-alarm-hatch" d="M0 0V6"/>')}</defs>`
  );
}

function zebra({ order, named, row, width, y }) {
  if (!named) return "";
  const stripes = order.map((_, i) => (i % 2 ? "" : box(0, y.top + i * row, width, row)));
  return path("tl-zebra", stripes.join(""));
}

function axisMarks(panel) {
  const { axis, domain, left, right, height, scale, measure } = panel;
  const marks = axis === "steps" ? stepMarks(panel) : clockMarks(domain, right - left);
  let grid = "";
  const unit = axis === "steps" ? "steps" : "seconds";
  let words = text("tl-mark tl-axis", left - 18, AXIS_HEIGHT - 9, unit, "end");
  let free = left - 16;
  for (const [value, label] of marks) {
    const x = scale(value);
    grid += d`M${x} ${AXIS_HEIGHT - 4}V${height - 8}`;
    const half = measure(label) / 2;
    if (x - half < free) continue;
    words += text("tl-mark tl-axis", x, AXIS_HEIGHT - 9, label, "middle");
    free = x + half + 8;
  }
  return path("tl-grid", grid) + words;
}

function clockMarks(domain, room) {
  const step = niceStep(domain, Math.max(3.5, room / 62));
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + TINY));
  const marks = [];
  for (let i = 0; i * step <= domain * (1 + TINY); i += 1) {
    marks.push([i * step, (i * step).toFixed(decimals)]);
  }
  return marks;
}

/** A mark says how many steps have run up to there. */
function stepMarks({ model, domain, left, right }) {
  const turns = [];
  model.moments.forEach((m, position) => {
    if (m.task >= 0) turns.push(position + 1);
  });
  const step = Math.max(1, niceStep(domain, Math.max(3.5, (right - left) / 62)));
  const marks = [[0, "0"]];
  for (let n = step; n <= turns.length; n += step) marks.push([turns[n - 1], String(n)]);
  return marks;
}

/** On the steps axis: the moments in which the loop had nothing to do. */
function pauses({ axis, model, scale, y, measure }) {
  const width = scale(1) - scale(0);
  if (axis !== "steps" || width < 4) return "";
  let gaps = "";
  let words = "";
  model.moments.forEach((moment, position) => {
    if (moment.task >= 0) return;
    gaps += box(scale(position), y.loop - 2, width, y.bottom - y.loop + 2);
    const label = seconds(moment.end - moment.start);
    if (0.8 * measure(label) < width) {
      // these words are smaller
      words += text("tl-pause-word", scale(position) + width / 2, y.loop + 10, label, "middle");
    }
  });
  return path("tl-pause", gaps) + words;
}

/** Where a blocked interval lies: [left, right] in pixels. */
function blockedEdges({ axis, model, scale }, { start, end }) {
  if (axis === "clock") return [scale(start), Math.max(scale(start) + 3, scale(end))];
  const moment = firstIndex(model.moments, (m) => m.end > start + TINY);
  return [scale(moment), scale(moment + 1)];
}

function blockedBands(panel, id) {
  const { model, y, width, measure } = panel;
  let band = "";
  let words = "";
  let free = 0;
  const edges = model.drawing.blocked.map((blocked) => blockedEdges(panel, blocked));
  model.drawing.blocked.forEach((blocked, i) => {
    const [x0, x1] = edges[i];
    band += box(x0, y.loop - 2, x1 - x0, y.bottom - y.loop + 2);
    const took = `blocked ${seconds(blocked.end - blocked.start)}`;
    const place = blocked.line ? `, line ${blocked.line}` : "";
    // Above its neighbour, a label would be taken for the neighbour's.
    const from = Math.max(free, edges[i - 1]?.[1] ?? 0);
    const to = edges[i + 1]?.[0] ?? width - MARGIN;
    const wordings = [`${took} by ${blocked.by}${place}`, took];
    const label = wordings.find((w) => measure(w) <= to - from);
    if (!label) return;
    const half = measure(label) / 2;
    const x = clamp((x0 + x1) / 2, from + half, to - half);
    words += text("tl-alarm-word", x, y.loop - 7, label, "middle");
    free = x + half + 10;
  });
  return path("tl-band", band) + path("tl-band-texture", band, texture(id, "blocked")) + words;
}

/** The loop's own lane is red where it was blocked, over the turn that did it. */
function blockedTurns(panel, id) {
  const parts = panel.model.drawing.blocked.map((blocked) => {
    const [x0, x1] = blockedEdges(panel, blocked);
    // One pixel less: what follows at once is seen to be another one.
    return box(x0, panel.y.loop - 1, Math.max(2, x1 - x0 - 1), LOOP_HEIGHT + 2);
  });
  return (
    path("tl-blocked", parts.join("")) + path("tl-texture", parts.join(""), texture(id, "alarm"))
  );
}

function loopLane(panel) {
  const { model, left, right, scale, axis, y, measure } = panel;
  const turns = model.moments
    .map((moment, position) => ({ ...moment, from: position, to: position + 1 }))
    .filter((turn) => turn.task >= 0);
  const crowded = turns.length > (right - left) / 3;
  const end = axis === "steps" ? scale(model.moments.length) : scale(model.drawing.end);
  const name = fitting(["event loop", "loop"], left - 12, measure);
  return (
    text("tl-name tl-dim", left - 10, y.loop + 10, name, "end") +
    path("tl-base", d`M${left} ${y.loop + LOOP_HEIGHT / 2}H${end}`) +
    path("tl-loop", crowded ? turnDensity(panel, turns) : turnBars(panel, turns))
  );
}

function turnBars({ startOf, endOf, y }, turns) {
  const bar = (turn) => {
    const x = startOf(turn);
    const width = endOf(turn) - x;
    return width < 2
      ? box(x - (2 - width) / 2, y.loop, 2, LOOP_HEIGHT)
      : box(x, y.loop, width, LOOP_HEIGHT);
  };
  return turns.map(bar).join("");
}

/** Too many turns to draw each: columns of two pixels, the higher the more turns. */
function turnDensity({ left, right, startOf, y }, turns) {
  const columns = new Float64Array(Math.ceil((right - left) / 2) + 1);
  for (const turn of turns) {
    const column = Math.floor((startOf(turn) - left) / 2);
    columns[clamp(column, 0, columns.length - 1)] += 1;
  }
  const most = Math.max(...columns);
  let shape = "";
  columns.forEach((n, i) => {
    const height = Math.max(2, LOOP_HEIGHT * Math.sqrt(n / most));
    if (n) shape += box(left + 2 * i, y.loop + LOOP_HEIGHT - height, 2, height);
  });
  return shape;
}

/** The lanes: one path for each state, whatever the number of tasks. */
function bars(panel, id) {
  const { model, order, row, dense, named, axis, startOf, endOf, y, measure } = panel;
  const padding = dense ? 0 : row >= 22 ? 3 : 1;
  const full = row - 2 * padding;
  const waiting = dense ? row : Math.max(3, full * (named && row < 22 ? 0.85 : 0.66)); // holds words
  const thinnest = dense ? 1.2 : row < 14 ? 2 : 3;
  // On the steps axis a wait ends inside of the band that says how late its task was.
  const bands = axis === "steps" ? model.drawing.blocked.map((b) => blockedEdges(panel, b)[0]) : [];
  const shapes = Object.fromEntries(Object.keys(STATES).map((state) => [state, ""]));
  let words = "";
  order.forEach((index, lane) => {
    const top = y.top + lane * row;
    const middle = top + row / 2;
    for (const segment of model.tasks[index].segments) {
      const x = startOf(segment);
      const width = endOf(segment) - x;
      if (segment.state === "running") {
        const wide = Math.max(width, thinnest);
        const shift = axis === "clock" && width < thinnest ? (thinnest - width) / 2 : 0;
        shapes.running += box(x - shift, top + padding, wide, full);
      } else if (width < 0.35) continue;
      else if (segment.state === "awaiting" && !dense)
        shapes.awaiting += box(x, middle - 1, width, 2);
      else shapes[segment.state] += box(x, middle - waiting / 2, width, waiting);
      if (segment.state === "io" && named) {
        const until = Math.min(x + width, ...bands.filter((band) => band > x));
        words += ioWord(segment.detail, x, until - x, middle, measure);
      }
    }
  });
  const textured = dense ? TEXTURED_WHEN_DENSE : TEXTURED;
  const layers = Object.keys(STATES).map((state) => {
    const marks = textured.has(state) ? path("tl-texture", shapes[state], texture(id, state)) : "";
    return path(`tl-${state}`, shapes[state], ` data-state="${state}"`) + marks;
  });
  return layers.join("") + words;
}

function ioWord(detail, x, width, middle, measure) {
  if (!detail) return "";
  const wordings = [detail, detail.replace(/^[A-Z]+ /, "")];
  const word = wordings.find((w) => measure(w) < width - 12);
  return word ? text("tl-io-word", x + width / 2, middle + 4, word, "middle") : "";
}

function laneNames({ model, order, row, named, left, y, measure }) {
  if (!order.length) return text("tl-name tl-dim", left, y.top + 17, "No task failed.");
  if (!named) return laneNumbers(order.length, row, left, y.top);
  const names = order.map((index, lane) => {
    const name = abridge(model.tasks[index].label, left - 12, measure);
    return text("tl-name", left - 10, y.top + (lane + 0.5) * row + 4, name, "end");
  });
  return names.join("");
}

function laneNumbers(n, row, left, top) {
  const step = niceStep(n, Math.min(8, (n * row) / 28));
  let words = "";
  for (let number = 0; number <= n; number += step) {
    const lane = Math.max(0, number - 1);
    words += text(
      "tl-name tl-dim",
      left - 10,
      top + (lane + 0.5) * row + 4,
      `lane ${lane + 1}`,
      "end",
    );
  }
  return words;
}

/** Around (x, y), `r` to each side. */
const GLYPHS = {
  finished: (x, y, r) => d`M${x - r} ${y}l${r * 0.75} ${r * 0.8} ${r * 1.2} ${-r * 1.7}`,
  raised: (x, y, r) => d`M${x - r} ${y - r}l${2 * r} ${2 * r}m0 ${-2 * r}l${-2 * r} ${2 * r}`,
  cancelled: (x, y, r) =>
    d`M${x - r} ${y}a${r} ${r} 0 1 1 ${2 * r} 0a${r} ${r} 0 1 1 ${-2 * r} 0` +
    d`M${x - r * 0.7} ${y + r * 0.7}l${r * 1.4} ${-r * 1.4}`,
  pending: (x, y, r) => d`M${x - r * 0.6} ${y - r}l${r * 1.3} ${r} ${-r * 1.3} ${r}z`,
  lost: (x, y, r) => d`M${x - r} ${y - r / 2}a${r} ${r} 0 1 1 ${r} ${r}v${r / 2}m0 ${r * 0.7}v.1`,
};

/** The glyph of each outcome and, where lanes have names, the words behind it. */
function endMarks(panel) {
  const { model, order, row, named, axis, width, y, measure } = panel;
  const shapes = Object.fromEntries(Object.keys(GLYPHS).map((outcome) => [outcome, ""]));
  const size = clamp(row / 4, 3, 4.5);
  let words = "";
  order.forEach((index, lane) => {
    const { outcome } = model.tasks[index];
    if (!named && outcome === "finished") return;
    const x = panel.scale(endOf(model, index, axis));
    const middle = y.top + (lane + 0.5) * row;
    shapes[outcome] += GLYPHS[outcome](x + (named ? 11 : 5), middle, size);
    if (!named) return;
    const word = fitting(
      endWordings(model.tasks[index], axis),
      width - x - GLYPH_ROOM - 2,
      measure,
    );
    words += text(`tl-end tl-end-${outcome}`, x + GLYPH_ROOM, middle + 4, word);
  });
  const marks = Object.keys(GLYPHS).map(
    (o) =>
      path("tl-halo", shapes[o]) +
      path(`tl-glyph tl-glyph-${o}`, shapes[o], ` data-outcome="${o}"`),
  );
  return marks.join("") + words;
}

/** A cancel request is a mark of its own where the task did not end at once. */
function cancelRequests({ model, order, row, named, axis, scale, y }) {
  if (!named || axis === "steps") return "";
  let accepted = "";
  let refused = "";
  order.forEach((index, lane) => {
    for (const [time, , tookEffect] of openCancels(model.tasks[index])) {
      const mark = d`M${scale(time) - 4} ${y.top + lane * row + 1}h8l-4 6z`;
      if (tookEffect) accepted += mark;
      else refused += mark;
    }
  });
  return path("tl-cancel", accepted) + path("tl-cancel tl-cancel-refused", refused);
}

/** From the task that raised to the task that received the exception. */
function arrows(panel) {
  const { model, order, row, named, y } = panel;
  if (!named) return "";
  const laneOf = new Map(order.map((index, lane) => [index, lane]));
  const arrow = (index) => {
    const { outcome, received_by: receiver } = model.tasks[index];
    if (outcome !== "raised" || !laneOf.has(receiver)) return "";
    const from = y.top + (laneOf.get(index) + 0.5) * row;
    const to = y.top + (laneOf.get(receiver) + 0.5) * row;
    const up = to < from ? 1 : -1;
    const x = panel.scale(endOf(model, index, panel.axis)) + 0.5;
    const line = d`M${x} ${from}V${to + up * 4}m-4 ${5 * up}l4 ${-5 * up} 4 ${5 * up}`;
    return path("tl-arrow", line, ` data-from="${index}" data-to="${receiver}"`);
  };
  return order.map(arrow).join("");
}

/** How late a blocked loop made each task that was ready to go on. */
function harm(panel) {
  const { model, order, row, named, y, measure } = panel;
  if (!named) return "";
  const laneOf = new Map(order.map((index, lane) => [index, lane]));
  let words = "";
  for (const blocked of model.drawing.blocked) {
    const [x0, x1] = blockedEdges(panel, blocked);
    for (const [index, late] of blocked.harm) {
      if (!laneOf.has(index)) continue;
      const wordings = [`${seconds(late)} late`, seconds(late)];
      const word = wordings.find((w) => measure(w) < x1 - x0 - 8);
      const middle = y.top + (laneOf.get(index) + 0.5) * row;
      words += text("tl-harm", x1 - 7, middle + 4, word, "end");
    }
  }
  return words;
}

function endLine({ axis, model, scale, y }) {
  if (axis === "steps") return "";
  return path("tl-endline", d`M${scale(model.drawing.end)} ${AXIS_HEIGHT - 2}V${y.bottom}`);
}

/** How many calls were in flight at each time, with the limit as a dashed line. */
function flightStrip({ model, scale, left, right, y, flightTop, measure }) {
  if (y.strip === null) return "";
  const { flight, limit, end } = model.drawing;
  const base = y.strip + STRIP_HEIGHT;
  const level = (n) => base - ((STRIP_HEIGHT - 6) * n) / flightTop;
  const changes = flight.points.map(([time, n]) => d`H${scale(time)}V${level(n)}`);
  const line = d`M${scale(0)} ${base}` + changes.join("") + d`H${scale(end)}`;
  const name = fitting(["in flight", "flight"], left - 12, measure);
  const [words, style] = limit
    ? [`limit ${limit}`, "tl-limit-word"]
    : [`peak ${flight.peak}`, "tl-mark"];
  return (
    path(`tl-flight-area tl-flight-${flight.kind}`, line + d`V${base}z`) +
    path(`tl-flight tl-flight-${flight.kind}`, line) +
    path("tl-base", d`M${left} ${base}H${right}`) +
    (limit ? path("tl-limit", d`M${left} ${level(limit)}H${right}`) : "") +
    text(style, right + 6, level(limit ?? flight.peak) + 4, words) +
    text("tl-name tl-dim", left - 10, y.strip + STRIP_HEIGHT / 2 + 4, name, "end")
  );
}

/* ---- words around the picture ---------------------------------------------------------------- */

/** The headline numbers of one panel. */
function facts(model) {
  const { drawing, tasks, outcomes } = model;
  const bad = (words) => `<span class="tl-bad">${words}</span>`;
  const bold = (words) => `<b>${escapeHtml(words)}</b>`;
  const all = [
    `<strong data-fact="total">${seconds(drawing.end)}</strong>`,
    count(tasks.length, "task"),
    outcomes.raised ? bad(`✕ ${outcomes.raised} raised`) : "",
    outcomes.cancelled ? `⊘ ${outcomes.cancelled} cancelled` : "",
    outcomes.pending ? `▸ ${outcomes.pending} still waiting` : "",
    outcomes.lost ? `? ${outcomes.lost} lost` : "",
    model.peak ? `<span data-fact="peak">at most ${model.peak} in flight</span>` : "",
    drawing.blocked.length ? bad(`loop blocked ${seconds(blockedTime(drawing))}`) : "",
    drawing.never_awaited.length ? bold(`never awaited: ${drawing.never_awaited.join(", ")}`) : "",
    drawing.stopped ? bold(`stopped by ${drawing.stopped}`) : "",
  ];
  const whole = (fact) => `<span class="tl-fact">${fact}</span>`;
  return all.filter(Boolean).map(whole).join(" · ");
}

const captionOf = (model, more = "") =>
  `<p class="tl-caption"><b>${escapeHtml(model.drawing.title)}</b>${more}</p>`;

function legend(models, axis) {
  const states = new Set(models.flatMap((m) => [...m.states]));
  if (axis === "clock") keepWhatTakesTime(states, models);
  const item = (swatch, label) => `<li>${swatch}${label}</li>`;
  const items = LEGEND_ORDER.filter((state) => states.has(state)).map((state) =>
    item(`<i class="tl-swatch tl-swatch-${state}"></i>`, STATES[state]),
  );
  if (models.some((m) => m.drawing.blocked.length)) {
    items.push(item('<i class="tl-swatch tl-swatch-blocked"></i>', "loop blocked"));
  }
  if (axis === "clock" && models.some((m) => m.tasks.some((task) => openCancels(task).length))) {
    items.push(item('<b class="tl-sign" aria-hidden="true">▾</b>', "cancel requested"));
  }
  for (const [outcome, { word, sign }] of Object.entries(OUTCOMES)) {
    if (models.some((m) => m.outcomes[outcome])) {
      items.push(
        item(`<b class="tl-sign tl-sign-${outcome}" aria-hidden="true">${sign}</b>`, word),
      );
    }
  }
  return items.join("");
}

/** On the clock axis a short state is hidden by the turns beside it. */
function keepWhatTakesTime(states, models) {
  const seen = new Set(["running"]);
  for (const model of models) {
    for (const task of model.tasks) {
      for (const s of task.segments)
        if (s.end - s.start > model.drawing.end / 300) seen.add(s.state);
    }
  }
  for (const state of states) if (!seen.has(state)) states.delete(state);
}

/** One sentence on a task: the drawing's own story. */
const storyOf = (task) => task.story || `${task.label}: ${OUTCOMES[task.outcome].word}.`;

/** What the loop does at a moment, as a sentence for the ear. */
function momentSentence(model, position) {
  const state = stateAt(model, position);
  const { drawing, tasks } = model;
  const doing = state.moment ? loopWords(state.moment, tasks) : "the run is over";
  const counts = [
    `${state.ready.length} ready`,
    `${state.timers.length} on timers or I/O`,
    state.queued.length ? `${state.queued.length} queued for a permit` : "",
    state.awaiting.length ? `${state.awaiting.length} awaiting` : "",
    `${state.done} of ${tasks.length} done`,
  ];
  const where = state.moment ? whereWords(drawing, state.moment) : "End";
  return `${where}, ${seconds(state.time)}: ${doing}; ${counts.filter(Boolean).join(", ")}.`;
}

function loopWords(moment, tasks) {
  if (moment.task >= 0) return `running ${tasks[moment.task].label}`;
  return moment.by ? `blocked by ${moment.by}` : `idle until ${seconds(moment.end)}`;
}

function whereWords({ steps }, { task, step }) {
  return task >= 0 ? `Step ${step + 1} of ${steps}` : `After step ${step} of ${steps}`;
}

/** The story of a task: in words, what it does at a time (if one is given), and sums. */
function tipOf(model, index, time) {
  const task = model.tasks[index];
  const swatch = (state) => `<i class="tl-swatch tl-swatch-${state}"></i>${STATES[state]}`;
  const line = (words, value) => `<span>${words}</span><b>${seconds(value)}</b>`;
  const spent = Object.entries(timeByState(task)).filter(([, value]) => value > 1e-6);
  const { word } = OUTCOMES[task.outcome];
  return (
    `<p><b>${escapeHtml(task.label)}</b> <span class="tl-outcome-${task.outcome}">${word}</span></p>` +
    `<p class="tl-story">${escapeHtml(storyOf(task))}</p>${nowOf(task, time)}` +
    `<div class="tl-sums">${spent.map(([state, value]) => line(swatch(state), value)).join("")}` +
    `${line("whole life", lifeOf(task, model.drawing))}</div>`
  );
}

function nowOf(task, time) {
  const now = time === null ? null : task.segments.find((s) => s.start <= time && time < s.end);
  if (!now) return "";
  const detail = now.detail ? `, ${escapeHtml(now.detail)}` : "";
  const words = `At ${seconds(time)}: <b>${STATES[now.state]}</b>${detail}`;
  return `<p>${words}, ${seconds(now.end - now.start)} in all.</p>`;
}

/* ---- state boxes ----------------------------------------------------------------------------- */

const MOST_CHIPS = 4; // fixed, so that the boxes keep their height while one scrubs

/** What every task is doing at a position, as boxes. */
export function stateBoxes(model, position) {
  const state = stateAt(model, position);
  const { tasks, states } = model;
  const chip = (index, note = "") => {
    const words = `<span>${escapeHtml(tasks[index].label)}</span>${note && ` <small>${note}</small>`}`;
    return `<span class="tl-chip" data-task="${index}">${words}</span>`;
  };
  const chips = (list, note) => {
    const shown = list.slice(0, MOST_CHIPS).map((index) => chip(index, note && note(index)));
    const rest = list.length - MOST_CHIPS;
    if (rest > 0) shown.push(`<span class="tl-more">and ${rest} more</span>`);
    return shown.join("") || '<span class="tl-more">empty</span>';
  };
  const stateBox = (name, title, n, content) =>
    `<div class="tl-box tl-box-${name}" data-box="${name}" data-count="${n}">` +
    `<dt>${title}</dt><dd>${content}</dd></div>`;
  const listBox = (name, title, list, note) =>
    stateBox(name, `${title} <b>${list.length}</b>`, list.length, chips(list, note));
  const rows = [
    stateBox(
      "running",
      "Loop is running",
      state.running < 0 ? 0 : 1,
      runningChip(state, tasks, chip),
    ),
    listBox("ready", "Ready queue", state.ready),
    listBox("timers", "Timers and I/O", state.timers, (i) => `in ${seconds(state.remaining(i))}`),
  ];
  if (states.has("queued")) rows.push(listBox("queued", "Permit queue", state.queued));
  if (states.has("awaiting") || states.has("other"))
    rows.push(listBox("awaiting", "Awaiting", state.awaiting));
  const done = `<span class="tl-big">${state.done}</span> of ${tasks.length}`;
  rows.push(stateBox("done", "Done", state.done, done));
  const lines = Math.min(tasks.length, MOST_CHIPS + 1);
  return `<dl style="--tl-lines:${lines}">${rows.join("")}</dl>`;
}

function runningChip(state, tasks, chip) {
  if (state.running >= 0) return chip(state.running);
  if (!state.moment) return '<span class="tl-more">the run is over</span>';
  if (state.moment.by)
    return `<span class="tl-bad">blocked by ${escapeHtml(state.moment.by)}</span>`;
  return `<span class="tl-more">idle until ${seconds(state.moment.end)}</span>`;
}

/* ---- table ----------------------------------------------------------------------------------- */

const MOST_ROWS = 200;

/** The drawing as a table: what the picture shows, for those who cannot or would not look at it. */
export function table(model) {
  const { drawing, tasks } = model;
  const spent = tasks.map(timeByState);
  const columns = LEGEND_ORDER.filter((state) => spent.some((times) => times[state] > 0));
  const order = tasks.map((_, i) => i);
  if (tasks.length > MOST_ROWS) {
    const failed = (i) => (tasks[i].outcome === "finished" ? 1 : 0);
    order.sort((a, b) => failed(a) - failed(b) || a - b);
  }
  const note = tasks.length > MOST_ROWS ? ` The first ${MOST_ROWS} tasks, failures first.` : "";
  const heads = [
    "task",
    "outcome",
    "created",
    "ended",
    ...columns.map((c) => STATES[c]),
    "what happened",
  ];
  const rows = order
    .slice(0, MOST_ROWS)
    .map((index) => tableRow(tasks[index], spent[index], columns));
  return tableOf(drawing.summary + note, heads, rows) + blockedTable(drawing);
}

function tableRow(task, spent, columns) {
  const cells = [
    OUTCOMES[task.outcome].word + (task.error ? `: ${escapeHtml(task.error)}` : ""),
    seconds(task.created),
    task.ended == null ? "not yet" : seconds(task.ended),
    ...columns.map((state) => (spent[state] ? seconds(spent[state]) : "")),
    escapeHtml(storyOf(task)),
  ];
  return tableLine(escapeHtml(task.label), cells);
}

const tableLine = (head, cells) =>
  `<tr><th scope="row">${head}</th>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;

function tableOf(caption, heads, lines) {
  const head = heads.map((words) => `<th scope="col">${words}</th>`).join("");
  return (
    `<table><caption>${escapeHtml(caption)}</caption><thead><tr>${head}</tr></thead>` +
    `<tbody>${lines.join("")}</tbody></table>`
  );
}

function blockedTable({ blocked, tasks }) {
  if (!blocked.length) return "";
  const late = ([index, time]) => `${escapeHtml(tasks[index].label)} ${seconds(time)} late`;
  const lines = blocked.map((b) =>
    tableLine(escapeHtml(b.by), [
      b.line || "",
      seconds(b.start),
      seconds(b.end - b.start),
      b.harm.map(late).join(", ") || "nobody waited",
    ]),
  );
  const heads = ["blocked by", "line", "from", "for", "harm"];
  return tableOf("The loop was blocked: nobody else could run.", heads, lines);
}

/* ---- playback -------------------------------------------------------------------------------- */

/** The places at which playback can stop, as a list of clock times.
 *
 * One panel, or the steps axis: stop p is position p. Several panels on the clock axis: each
 * time at which something changes in any of them.
 */
export function stopsOf(models, axis) {
  if (models.length === 1 || axis === "steps") {
    const longest = models.reduce((a, b) => (b.moments.length > a.moments.length ? b : a));
    return [...longest.moments.map((m) => m.start), longest.drawing.end];
  }
  const times = models.flatMap((m) => [...m.moments.map((moment) => moment.start), m.drawing.end]);
  times.sort((a, b) => a - b);
  return times.filter((time, i) => i === 0 || time > times[i - 1] + TINY);
}

/** Runs `show(fraction)` from a start to 1 in `length` seconds; without motion, in single steps. */
function createPlayer({ show, step, changed, motionless }) {
  let frame = 0;
  let timer = 0;
  const playing = () => Boolean(frame || timer);
  function stop() {
    if (!playing()) return;
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    frame = timer = 0;
    changed();
  }
  function glide(from, length) {
    const began = performance.now();
    const tick = (now) => {
      const fraction = Math.min(1, from + Math.max(0, now - began) / 1000 / length);
      show(fraction);
      if (fraction >= 1) stop();
      else frame = requestAnimationFrame(tick);
    };
    frame = requestAnimationFrame(tick);
  }
  function hop() {
    timer = setTimeout(() => (step() ? hop() : stop()), 1000);
  }
  function play(from, length) {
    stop();
    if (motionless()) hop();
    else glide(from, length);
    changed();
  }
  return { play, stop, playing };
}

/* ---- accessibility --------------------------------------------------------------------------- */

const SPEAK_EVERY = 400; // milliseconds: a live region that changes faster is never heard out

/** A function that puts text into a live region, at most every SPEAK_EVERY; the last text wins. */
function createSpeaker(region) {
  let timer = 0;
  let next = "";
  const flush = () => {
    timer = 0;
    region.textContent = next;
  };
  const speak = (words) => {
    next = words;
    if (!timer) timer = setTimeout(flush, SPEAK_EVERY);
  };
  speak.stop = () => clearTimeout(timer);
  return speak;
}

/** Is the page around a node dark? JupyterLab, VS Code and Colab say so; elsewhere, look. */
export function isDark(node) {
  const { body, documentElement: html } = document;
  if (body.dataset.jpThemeLight) return body.dataset.jpThemeLight === "false";
  const code = body.dataset.vscodeThemeKind;
  if (code) return /dark|(?<!light-)high-contrast$/.test(code);
  if (html.getAttribute("theme")) return html.getAttribute("theme") === "dark";
  for (let at = node; at; at = at.parentElement) {
    const parts = getComputedStyle(at).backgroundColor.match(/[\d.]+/g) || [0, 0, 0, 0];
    const [r, g, b, alpha = 1] = parts.map(Number);
    if (alpha > 0.5) return 0.299 * r + 0.587 * g + 0.114 * b < 128;
  }
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

const hasHighContrast = () =>
  /high.contrast/i.test(document.body.dataset.jpThemeName || "") ||
  /high-contrast/.test(document.body.dataset.vscodeThemeKind || "");

/** Keeps `data-theme` and `data-contrast` of a node right while the page's theme changes. */
function followTheme(root, node) {
  const update = () => {
    node.dataset.theme = isDark(root) ? "dark" : "light";
    node.dataset.contrast = hasHighContrast() ? "high" : "normal";
  };
  update();
  const observer = new MutationObserver(update);
  const attributes = [
    "data-jp-theme-light",
    "data-jp-theme-name",
    "data-vscode-theme-kind",
    "theme",
    "class",
  ];
  for (const element of [document.body, document.documentElement]) {
    observer.observe(element, { attributes: true, attributeFilter: attributes });
  }
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", update);
  return () => {
    observer.disconnect();
    scheme.removeEventListener("change", update);
  };
}

/* ---- widget ---------------------------------------------------------------------------------- */

const ICONS = {
  first: "M3 2v10M12 2 5 7l7 5z",
  previous: "M10 2 4 7l6 5z",
  play: "M4 2l8 5-8 5z",
  pause: "M4 2v10M10 2v10",
  next: "M4 2l6 5-6 5z",
  last: "M11 2v10M2 2l7 5-7 5z",
  close: "M3 3l8 8M11 3l-8 8",
};
const icon = (name) =>
  `<svg viewBox="0 0 14 14" width="14" height="14" aria-hidden="true"><path d="${ICONS[name]}"/></svg>`;
const button = (name, label) =>
  `<button type="button" class="tl-button" data-do="${name}" aria-label="${label}"
    title="${label}">${icon(name)}</button>`;
const select = (name, label, choices) =>
  `<label class="tl-choice"><span>${name}</span>
    <select data-choice="${name}" aria-label="${label}">${Object.entries(choices)
      .map(([value, words]) => `<option value="${value}">${words}</option>`)
      .join("")}</select></label>`;

const FRAME = `
  <div class="tl-head"><span class="tl-title"></span><span class="tl-facts"></span></div>
  <ul class="tl-legend" aria-label="Legend"></ul>
  <div class="tl-plots" tabindex="0" role="application" aria-roledescription="timeline"
    aria-keyshortcuts="ArrowUp ArrowDown ArrowLeft ArrowRight Home End Space Escape"></div>
  <div class="tl-controls" role="group" aria-label="Playback">
    <span class="tl-buttons">
      ${button("first", "To the start")}
      ${button("previous", "One step back")}
      ${button("play", "Play")}
      ${button("next", "One step forward")}
      ${button("last", "To the end")}
    </span>
    <input class="tl-range" type="range" min="0" step="1" aria-label="Moment">
    <output class="tl-where"></output>
    <span class="tl-choices">
      ${select("axis", "Horizontal axis", { clock: "clock time", steps: "loop steps" })}
      ${select("lanes", "Order of lanes", LANE_CHOICES)}
    </span>
  </div>
  <div class="tl-state" role="group" aria-label="State at this moment" hidden>
    ${button("close", "Whole picture")}
    <div class="tl-boxes"></div>
  </div>
  <details class="tl-table">
    <summary>Show as table</summary>
    <div class="tl-scroll" tabindex="0" role="region" aria-label="The timeline as a table"></div>
  </details>
  <div class="tl-tip" hidden></div>
  <div class="tl-live" role="status" aria-live="polite"></div>`;

const KEYS_HELP = "Up and down: tasks. Left and right: steps. Space: play. Escape: whole picture.";
const NARROWEST = 280;
const HALF_FLAG = 34;

/** Parts of the frame by short names. */
function buildFrame(root) {
  const frame = document.createElement("div");
  frame.className = "tl";
  frame.innerHTML = FRAME;
  // Without this, Lumino takes keys for notebook commands ("d d" deletes the cell). It must stand
  // on every element that can have the focus: JupyterLab's selectors look at that one first.
  for (const element of [
    frame,
    ...frame.querySelectorAll("button, input, select, summary, [tabindex]"),
  ]) {
    element.dataset.lmSuppressShortcuts = "true";
  }
  root.append(frame);
  const part = (name) => frame.querySelector(`.tl-${name}`);
  return {
    frame,
    title: part("title"),
    facts: part("facts"),
    legend: part("legend"),
    plots: part("plots"),
    range: part("range"),
    where: part("where"),
    state: part("state"),
    boxes: part("boxes"),
    table: part("table"),
    rows: part("scroll"),
    tip: part("tip"),
    live: part("live"),
    choice: (name) => frame.querySelector(`[data-choice=${name}]`),
    button: (name) => frame.querySelector(`[data-do=${name}]`),
  };
}

/** The words of the axis, which make way for the playhead's flag: node, middle, half width. */
function axisWords(panel) {
  const nodes = [...panel.querySelectorAll(".tl-axis")];
  return nodes.map((node) => {
    const x = Number(node.getAttribute("x"));
    return node.getAttribute("text-anchor") === "end"
      ? { node, x: x - 24, half: 24 }
      : { node, x, half: 14 };
  });
}

/** Measures texts in the font that the picture really uses. */
function createMeasure(node) {
  const context = document.createElement("canvas").getContext("2d");
  // The widest that is used: some words are semibold.
  context.font = `600 12px ${getComputedStyle(node).fontFamily}`;
  return (words) => context.measureText(words).width;
}

/** anywidget's entry point: draws the model's drawings into `el`, returns the clean-up. */
function render({ model: widget, el: root }) {
  // Each widget has loaded this module for itself: a counter would give all the same id.
  const id = `tl${Math.random().toString(36).slice(2)}`;
  const parts = buildFrame(root);
  const { frame, plots, range } = parts;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const speak = createSpeaker(parts.live);

  let models = [];
  let panels = []; // {...geometry, element, veil, head, focus}
  let stops = [0];
  let axis = "clock";
  let lanes = "created";
  let cursor = null; // index into stops, with fractions; null shows the whole picture
  let focused = { panel: 0, lane: -1 };
  let drawnWidth = 0;
  let redraw = 0;

  const player = createPlayer({
    motionless: () => calm.matches,
    show: (fraction) => moveTo(cursorOf(fraction)),
    step: () => {
      moveTo(Math.min(lastStop(), Math.floor(cursor) + 1));
      return cursor < lastStop();
    },
    changed: showPlaying,
  });

  /* -- data in, picture out -- */

  function load() {
    const began = performance.now();
    player.stop();
    models = JSON.parse(widget.get("drawings")).map(prepare);
    cursor = null;
    focused = { panel: 0, lane: -1 };
    if (models.length && models.every((m) => m.drawing.end === 0)) axis = "steps";
    drawAll(began);
  }

  function drawAll(began = performance.now()) {
    drawnWidth = root.clientWidth;
    frame.classList.toggle("tl-empty", !models.length);
    if (models.length) drawPanels();
    else plots.textContent = "Nothing to show yet: run the code.";
    frame.dataset.axis = axis;
    frame.dataset.lanes = lanes;
    frame.dataset.milliseconds = (performance.now() - began).toFixed(2);
    frame.dataset.drawn = String(Number(frame.dataset.drawn || 0) + 1);
    const number = frame.dataset.drawn;
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        frame.dataset.painted = number;
      }),
    );
  }

  function drawPanels() {
    const width = Math.max(NARROWEST, Math.floor(drawnWidth || 800) - 4);
    const several = models.length > 1;
    frame.classList.toggle("tl-narrow", width < 560);
    panels = layOut(models, { width, axis, lanes, measure: createMeasure(frame) });
    plots.innerHTML = panels.map((panel, i) => panelHtml(panel, i, several)).join("");
    [...plots.querySelectorAll(".tl-panel")].forEach((element, i) => {
      const find = (name) => element.querySelector(`.tl-${name}`);
      const marks = axisWords(element);
      Object.assign(panels[i], {
        element,
        veil: find("veil"),
        head: find("playhead"),
        focus: find("focus"),
        marks,
      });
    });
    plots.setAttribute(
      "aria-label",
      `${models.map((m) => m.drawing.summary).join(" ")} ${KEYS_HELP}`,
    );
    parts.title.textContent = several ? widget.get("headline") || "" : models[0].drawing.title;
    parts.facts.innerHTML = several ? "" : facts(models[0]);
    parts.legend.innerHTML = legend(models, axis);
    parts.choice("axis").value = axis;
    parts.choice("lanes").value = lanes;
    parts.choice("lanes").closest("label").hidden = models.every((m) => m.tasks.length < 4);
    stops = stopsOf(models, axis);
    range.max = String(lastStop());
    if (parts.table.open) fillTable();
    showCursor();
  }

  function panelHtml(panel, i, several) {
    const { model, left, right, domain, y } = panel;
    const caption = several
      ? captionOf(model, ` <span class="tl-facts">${facts(model)}</span>`)
      : "";
    const bottom = round(panel.height - 6);
    const scale = `data-left="${round(left)}" data-right="${round(right)}" data-domain="${domain}"`;
    return (
      `${caption}<div class="tl-panel" ${scale}>` +
      draw(panel, `${id}-${i}`) +
      `<div class="tl-veil" style="top:${AXIS_HEIGHT - 4}px;height:${bottom - AXIS_HEIGHT + 4}px"></div>` +
      `<div class="tl-focus" style="height:${Math.max(6, panel.row)}px;top:${y.top}px" hidden></div>` +
      `<div class="tl-playhead" style="height:${bottom}px" hidden><span class="tl-flag"></span></div></div>`
    );
  }

  function fillTable() {
    parts.rows.innerHTML = models.map(table).join("");
  }

  /* -- where we are in time -- */

  const lastStop = () => stops.length - 1;
  const stopTime = (at) => {
    const i = Math.min(lastStop(), Math.floor(at));
    const next = stops[Math.min(lastStop(), i + 1)];
    return stops[i] + (next - stops[i]) * (at - i);
  };
  const byPosition = () => models.length === 1 || axis === "steps";
  const positionIn = (model) =>
    byPosition() ? Math.min(cursor, model.moments.length) : positionAt(model, stopTime(cursor));

  /** The cursor at a clock time. */
  function cursorAt(time) {
    if (byPosition()) return positionAt(models[0], time);
    const i = Math.max(0, firstIndex(stops, (t) => t > time + TINY) - 1);
    const gap = (stops[i + 1] ?? stops[i]) - stops[i];
    return i + (gap ? Math.min(0.999, (time - stops[i]) / gap) : 0);
  }

  const lastTime = () => Math.max(...models.map((m) => m.drawing.end));
  const cursorOf = (fraction) =>
    fraction >= 1
      ? lastStop()
      : axis === "steps"
        ? fraction * lastStop()
        : cursorAt(fraction * lastTime());
  const fractionOf = (at) =>
    axis === "steps" ? at / lastStop() : stopTime(at) / (lastTime() || 1);

  function moveTo(at) {
    cursor = at === null ? null : clamp(at, 0, lastStop());
    showCursor();
  }

  function scrubTo(at) {
    player.stop();
    moveTo(at);
    speakCursor();
  }

  function stepBy(change) {
    if (cursor === null) return scrubTo(change > 0 ? 0 : lastStop());
    return scrubTo(change > 0 ? Math.floor(cursor) + 1 : Math.ceil(cursor) - 1);
  }

  function togglePlay() {
    if (player.playing()) {
      player.stop();
      speakCursor();
      return;
    }
    if (cursor === null || cursor >= lastStop()) moveTo(0);
    const length = axis === "steps" ? clamp(lastStop() * 0.35, 6, 30) : 6;
    player.play(fractionOf(cursor), length);
  }

  /* -- showing the cursor: moves overlays, never redraws the picture -- */

  function showCursor() {
    const scrubbing = cursor !== null;
    frame.classList.toggle("tl-scrubbing", scrubbing);
    frame.dataset.stop = scrubbing ? String(Math.floor(cursor)) : "";
    for (const panel of panels) showPlayhead(panel, scrubbing);
    parts.state.hidden = !scrubbing;
    range.value = String(scrubbing ? Math.floor(cursor) : lastStop());
    const words = scrubbing ? cursorSentence() : "Whole picture";
    range.setAttribute("aria-valuetext", words);
    parts.where.textContent = scrubbing ? readout() : "whole picture";
    if (scrubbing) showState();
  }

  function showPlayhead({ model, scale, width, veil, head, marks }, scrubbing) {
    head.hidden = veil.hidden = !scrubbing;
    if (!scrubbing) return makeWay(marks, -Infinity);
    const position = positionIn(model);
    const time = timeAt(model, position);
    veil.hidden = position >= model.moments.length;
    // A whole position is a turn: show it whole.
    const turned = Number.isInteger(position) ? position + 1 : position;
    const x = axis === "steps" ? scale(Math.min(turned, model.moments.length)) : scale(time);
    veil.style.transform = `translateX(${round(x)}px)`;
    head.style.transform = `translateX(${round(x)}px)`;
    const flag = head.firstChild;
    flag.textContent = `${time.toFixed(3)} s`;
    const flagAt = clamp(x, HALF_FLAG, width - HALF_FLAG);
    flag.style.transform = `translateX(calc(-50% + ${round(flagAt - x)}px))`;
    makeWay(marks, flagAt);
  }

  /** Words of the axis that the flag would half cover are not shown. */
  function makeWay(marks, flagAt) {
    for (const { node, x, half } of marks) {
      const visibility = Math.abs(x - flagAt) < HALF_FLAG + half ? "hidden" : "visible";
      if (node.style.visibility !== visibility) node.style.visibility = visibility;
    }
  }

  function showState() {
    const html = models
      .map((model) => {
        const caption = models.length > 1 ? captionOf(model) : "";
        return caption + stateBoxes(model, positionIn(model));
      })
      .join("");
    if (html !== showState.shown) parts.boxes.innerHTML = html;
    showState.shown = html;
  }

  function readout() {
    if (!byPosition()) return `${stopTime(cursor).toFixed(3)} s`;
    const longest = models.reduce((a, b) => (b.moments.length > a.moments.length ? b : a));
    const moment = longest.moments[Math.floor(cursor)];
    const { steps } = longest.drawing;
    if (!moment) return "end";
    return moment.task >= 0
      ? `step ${moment.step + 1} of ${steps}`
      : `idle, ${moment.step} of ${steps}`;
  }

  const cursorSentence = () =>
    models
      .map(
        (m) => (models.length > 1 ? `${m.drawing.title}: ` : "") + momentSentence(m, positionIn(m)),
      )
      .join(" ");

  function speakCursor() {
    if (document.activeElement !== range)
      speak(cursor === null ? "Whole picture." : cursorSentence());
  }

  function showPlaying() {
    const playing = player.playing();
    frame.dataset.playing = String(playing);
    const label = playing ? "Pause" : "Play";
    const node = parts.button("play");
    node.innerHTML = icon(playing ? "pause" : "play");
    node.setAttribute("aria-label", label);
    node.title = label;
  }

  /* -- lanes tell their story -- */

  function focusLane(panelIndex, lane) {
    for (const panel of panels) panel.focus.hidden = true;
    focused = { panel: panelIndex, lane };
    const panel = panels[panelIndex];
    if (!panel || lane < 0) {
      parts.tip.hidden = true;
      return;
    }
    const top = panel.y.top + lane * panel.row - (panel.row < 6 ? 3 - panel.row / 2 : 0);
    panel.focus.style.top = `${round(top)}px`;
    panel.focus.hidden = false;
  }

  function moveLane(change) {
    let { panel, lane } = focused;
    lane += change;
    while (lane < 0 && panel > 0) {
      panel -= 1;
      lane += panels[panel].order.length;
    }
    while (panel < panels.length - 1 && lane >= panels[panel].order.length) {
      lane -= panels[panel].order.length;
      panel += 1;
    }
    const lanesHere = panels[panel].order.length;
    if (!lanesHere) return;
    focusLane(panel, clamp(lane, 0, lanesHere - 1));
    const { model, order, y, row, left, element } = panels[focused.panel];
    speak(storyOf(model.tasks[order[focused.lane]]));
    const corner = element.getBoundingClientRect();
    const middle = corner.top + y.top + (focused.lane + 0.5) * row;
    showTip(panels[focused.panel], order[focused.lane], corner.left + left, middle, row / 2 + 4);
  }

  function showTip(panel, index, x, y, distance, time = null) {
    const { tip } = parts;
    tip.innerHTML = tipOf(panel.model, index, time);
    tip.dataset.task = String(index);
    tip.hidden = false;
    const around = frame.getBoundingClientRect();
    const below = y - around.top + distance;
    const above = y - around.top - distance - tip.offsetHeight;
    const room = frame.clientHeight - tip.offsetHeight;
    const rightmost = Math.max(4, frame.clientWidth - tip.offsetWidth - 4);
    tip.style.left = `${round(clamp(x - around.left + 14, 4, rightmost))}px`;
    tip.style.top = `${round(below <= room || above < 0 ? below : above)}px`;
  }

  /* -- pointer and keys -- */

  /** What lies under the pointer: panel, lane (or -1) and value on the axis. */
  function under(event) {
    for (const [index, panel] of panels.entries()) {
      const corner = panel.element.getBoundingClientRect();
      const [x, y] = [event.clientX - corner.left, event.clientY - corner.top];
      if (x < 0 || y < 0 || x > corner.width || y > corner.height) continue;
      const lane = Math.floor((y - panel.y.top) / panel.row);
      const share = clamp((x - panel.left) / (panel.right - panel.left), 0, 1);
      const hit = lane >= 0 && lane < panel.order.length ? lane : -1;
      return { index, panel, x, lane: hit, value: share * panel.domain };
    }
    return null;
  }

  const leaveLane = () => focusLane(0, -1);
  const scrubUnder = ({ value }) => scrubTo(axis === "steps" ? value : cursorAt(value));
  let dragging = false;

  function onPointerMove(event) {
    const spot = under(event);
    if (dragging) {
      if (spot) scrubUnder(spot);
      return;
    }
    if (!spot || spot.lane < 0) return leaveLane();
    focusLane(spot.index, spot.lane);
    const time = axis === "clock" ? spot.value : null;
    showTip(spot.panel, spot.panel.order[spot.lane], event.clientX, event.clientY, 14, time);
  }

  function onPointerDown(event) {
    const spot = under(event);
    if (!spot || event.button !== 0 || spot.x < spot.panel.left - 6) return;
    dragging = true;
    parts.tip.hidden = true;
    plots.setPointerCapture(event.pointerId);
    scrubUnder(spot);
  }

  const plotKeys = {
    ArrowDown: () => moveLane(1),
    ArrowUp: () => moveLane(-1),
    PageDown: () => moveLane(10),
    PageUp: () => moveLane(-10),
    ArrowRight: () => stepBy(1),
    ArrowLeft: () => stepBy(-1),
    Home: () => scrubTo(0),
    End: () => scrubTo(lastStop()),
    " ": togglePlay,
  };

  function onKey(event) {
    if (!models.length || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      leaveLane();
      if (cursor !== null) scrubTo(null);
    } else if (event.target === plots && plotKeys[event.key]) plotKeys[event.key]();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  const buttons = {
    first: () => scrubTo(0),
    previous: () => stepBy(-1),
    play: togglePlay,
    next: () => stepBy(1),
    last: () => scrubTo(lastStop()),
    close: () => {
      scrubTo(null);
      plots.focus(); // the button is gone
    },
  };

  frame.addEventListener("click", (event) => {
    const pressed = event.target.closest("[data-do]");
    if (pressed && models.length) buttons[pressed.dataset.do]();
  });
  frame.addEventListener("keydown", onKey);
  range.addEventListener("input", () => scrubTo(Number(range.value)));
  parts.choice("axis").addEventListener("change", (event) => {
    player.stop();
    axis = event.target.value;
    if (models.length > 1) cursor = null; // its stops are other ones now
    drawAll();
  });
  parts.choice("lanes").addEventListener("change", (event) => {
    lanes = event.target.value;
    drawAll();
  });
  parts.table.addEventListener("toggle", () => parts.table.open && fillTable());
  plots.addEventListener("pointermove", onPointerMove);
  plots.addEventListener("pointerdown", onPointerDown);
  plots.addEventListener("pointerup", () => {
    dragging = false;
  });
  plots.addEventListener("pointercancel", () => {
    dragging = false;
  });
  plots.addEventListener("pointerleave", leaveLane);
  plots.addEventListener("blur", leaveLane);

  /* -- life -- */

  const onDrawings = () => {
    // Many changes before the next frame (a slider on the move) are one redraw.
    cancelAnimationFrame(redraw);
    redraw = requestAnimationFrame(() => {
      load();
      speak(models.map((m) => m.drawing.summary).join(" "));
    });
  };
  const onAxis = () => {
    axis = widget.get("axis") || "clock";
    drawAll();
  };
  widget.on("change:drawings", onDrawings);
  widget.on("change:axis", onAxis);
  const sizes = new ResizeObserver(() => {
    if (root.clientWidth && Math.abs(root.clientWidth - drawnWidth) > 3) drawAll();
  });
  sizes.observe(root);
  const forgetTheme = followTheme(root, frame);
  axis = widget.get("axis") || "clock";
  load();

  return () => {
    player.stop();
    speak.stop();
    cancelAnimationFrame(redraw);
    sizes.disconnect();
    forgetTheme();
    widget.off("change:drawings", onDrawings);
    widget.off("change:axis", onAxis);
    frame.remove();
  };
}

export default { render };
