/* The lines of an arrangement: each can be used or left out, moved and indented, by buttons alone.
 *
 * The model's `order` is what the learner would write, as in "3 1> 4>>". Every move sets it, and
 * the check cell below judges it; "Check" asks for the same check in place.
 */

const DEEPEST = 6; // levels of indentation
const INDENT = "    ";

/** "3 1>" as [[3, 0], [1, 1]]; what is no number of a line is left out. */
function read(order, count) {
  const steps = order.split(/\s+/).map((step) => /^(\d+)(>*)$/.exec(step)).filter(Boolean);
  const seen = new Set();
  return steps
    .map(([, number, marks]) => [Number(number), Math.min(marks.length, DEEPEST)])
    .filter(([number]) => number >= 1 && number <= count && !seen.has(number) && seen.add(number));
}

const write = (steps) => steps.map(([number, level]) => number + ">".repeat(level)).join(" ");

/** One line: its buttons, its number and its code. */
function createRow(number, piece, pressed) {
  const row = element("li");
  const buttons = {};
  const add = (action, sign, words) => {
    const button = element("button", { type: "button", "aria-label": `${words}: ${piece}`, title: words }, sign);
    button.addEventListener("click", () => pressed(number, action));
    buttons[action] = button;
    row.append(button);
  };
  add("up", "↑", "Move up");
  add("down", "↓", "Move down");
  add("out", "←", "Indent less");
  add("in", "→", "Indent more");
  add("use", "", "");
  buttons.use.className = "al-use";
  const code = element("code", {}, piece);
  row.append(element("span", { class: "al-number-of" }, String(number)), code);

  function show(level) {
    const used = level !== null;
    for (const action of ["up", "down", "out", "in"]) buttons[action].hidden = !used;
    buttons.use.textContent = used ? "Leave out" : "Use";
    buttons.use.title = used ? "Leave this line out" : "Use this line";
    buttons.use.setAttribute("aria-label", `${buttons.use.textContent}: ${piece}`);
    code.textContent = INDENT.repeat(used ? level : 0) + piece;
  }
  return { row, buttons, show };
}

/** anywidget's entry point: puts the lines into `el`, returns the clean-up. */
function render({ model, el }) {
  const pieces = model.get("pieces");
  const used = element("ol", { "aria-label": "Your function", "data-empty": "No line yet: use the first one." });
  const left = element("ol", { "aria-label": "Lines left out", "data-empty": "None." });
  const order = element("code", { tabindex: "0", "aria-label": "The order, to copy into the cell" });
  const checkButton = element("button", { type: "button", class: "al-commit" }, "Check");
  const status = createStatus(el, "check");
  const live = element("p", { class: "al-live", role: "status" });
  const foot = element("div", { class: "al-foot" }, checkButton, element("span", { class: "al-code" }, "Keep it in the cell:", order));
  const frame = element("div", { class: "al al-bench", role: "group", "aria-label": `Arrange ${model.get("name")}` });
  frame.append(element("h4", {}, "Your function"), used, element("h4", {}, "Lines left out"), left, foot, status.node, live);
  const rows = pieces.map((piece, i) => createRow(i + 1, piece, press));
  let steps = read(model.get("order"), pieces.length);

  const CHANGES = {
    up: (at) => swap(at, at - 1),
    down: (at) => swap(at, at + 1),
    in: (at) => { steps[at][1] = Math.min(steps[at][1] + 1, DEEPEST); },
    out: (at) => { steps[at][1] = Math.max(steps[at][1] - 1, 0); },
    use: (at, number) => {
      if (at >= 0) steps.splice(at, 1);
      else steps.push([number, steps.length ? Math.max(steps.at(-1)[1], 1) : 0]);
    },
  };

  function swap(one, other) {
    if (other >= 0 && other < steps.length) [steps[one], steps[other]] = [steps[other], steps[one]];
  }

  const place = (number) => steps.findIndex(([each]) => each === number);

  function press(number, action) {
    CHANGES[action](place(number), number);
    model.set("order", write(steps));
    model.save_changes();
    show();
    rows[number - 1].buttons[action].focus(); // a node that moves loses it
    live.textContent = where(number);
  }

  function where(number) {
    const at = place(number);
    if (at < 0) return `Line ${number} is left out.`;
    const level = steps[at][1];
    const depth = level ? `indented ${level === 1 ? "once" : `${level} times`}` : "not indented";
    return `Line ${number}: place ${at + 1} of ${steps.length}, ${depth}.`;
  }

  function show() {
    const levels = new Map(steps);
    rows.forEach(({ show: showRow }, i) => showRow(levels.has(i + 1) ? levels.get(i + 1) : null));
    // Nodes that stay in place are not moved: what moves loses the focus, and a reader its line.
    arrange(used, steps.map(([number]) => rows[number - 1].row));
    arrange(left, rows.filter((_, i) => !levels.has(i + 1)).map(({ row }) => row));
    order.textContent = `"${write(steps)}"`;
    showConnection();
  }

  function arrange(list, wanted) {
    wanted.forEach((row, i) => { if (list.children[i] !== row) list.insertBefore(row, list.children[i] || null); });
  }

  function showConnection() {
    status.rest();
    for (const button of frame.querySelectorAll("button")) button.disabled = status.isLost();
  }

  function changed() {
    if (model.get("order") === write(steps)) return;
    steps = read(model.get("order"), pieces.length);
    show();
  }

  function told() {
    showConnection();
    live.textContent = model.get("said");
  }

  checkButton.addEventListener("click", () => {
    model.set("said", "");
    model.set("checks", model.get("checks") + 1);
    model.save_changes();
    status.wait();
  });
  const stopListening = listen(model, {
    "change:order": changed,
    "change:said": told,
    comm_live_update: showConnection,
  });
  show();
  keepKeys(frame);
  el.append(frame);

  return () => {
    stopListening();
    status.rest();
    frame.remove();
  };
}

export default { render };
