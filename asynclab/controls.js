/* The controls of lab.explore: native inputs that say what they are and what they hold.
 *
 * Moving one sets the model's `values`. ipywidgets has at most one message on its way and then
 * sends the newest values, so fast typing does not pile up. The kernel answers with `shown`.
 */

const PATIENCE = 500; // milliseconds until a missing answer is worth a sentence
const BUSY = "The kernel is busy. The picture follows as soon as it is free.";
const LOST = "Not connected to a kernel any more: run the cell again to move the controls.";

/** An id that no other view on the page has; each widget loads this module for itself. */
const newId = () => `al-${Math.random().toString(36).slice(2)}`;

/** Without this, JupyterLab takes arrow keys and Space for notebook commands: its rules match the
 *  focused node itself, so the mark has to be there, and not only on a node around it. */
function keepKeys(frame) {
  for (const node of frame.querySelectorAll("input, select, button, [tabindex]")) {
    node.dataset.lmSuppressShortcuts = "true";
  }
}

const element = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
};

/** How a number reads beside its slider: with the digits of its step. */
const written = (value, { step, unit }) => {
  const digits = (String(step).split(".")[1] || "").length;
  return `${Number(value).toFixed(digits)}${unit ? ` ${unit}` : ""}`;
};

/* Each kind of control: its input, how a value gets into it and out of it. */
const KINDS = {
  slider: {
    input: ({ low, high, step }) => element("input", { type: "range", min: low, max: high, step }),
    read: (input) => Number(input.value),
    show: (input, value, control, output) => {
      input.value = String(value);
      output.textContent = written(value, control);
      input.setAttribute("aria-valuetext", output.textContent);
    },
  },
  choice: {
    input: ({ choices, unit }) =>
      element("select", {}, ...choices.map((words, i) => element("option", { value: i }, unit ? `${words} ${unit}` : words))),
    read: (input) => Number(input.value),
    show: (input, value) => { input.value = String(value); },
  },
  checkbox: {
    input: () => element("input", { type: "checkbox" }),
    read: (input) => input.checked,
    show: (input, value) => { input.checked = value; },
  },
};

/** One row: label, input, read-out. */
function createRow(control, id, moved) {
  const kind = KINDS[control.kind];
  const input = kind.input(control);
  input.id = id;
  const output = element("output", { for: id });
  const label = element("label", { for: id }, control.name.replaceAll("_", " "));
  input.addEventListener("input", () => moved(control.name, kind.read(input)));
  return { nodes: [label, input, output], input, show: (value) => kind.show(input, value, control, output) };
}

/** The call as code, with a button that copies it, or selects it where copying is not allowed. */
function createCode() {
  const code = element("code", { tabindex: "0", "aria-label": "The call with these values" });
  const button = element("button", { type: "button" }, "Copy as code");
  const done = (words) => {
    button.textContent = words;
    setTimeout(() => { button.textContent = "Copy as code"; }, 2000);
  };
  const select = () => {
    getSelection().selectAllChildren(code);
    done("Selected: now copy it");
  };
  button.addEventListener("click", () => {
    if (!navigator.clipboard) return select();
    return navigator.clipboard.writeText(code.textContent).then(() => done("Copied"), select);
  });
  return { node: element("div", { class: "al-code" }, code, button), code };
}

/** anywidget's entry point: puts the controls into `el`, returns the clean-up. */
function render({ model, el }) {
  const id = newId();
  const frame = element("div", { class: "al" });
  const grid = element("div", { class: "al-controls", role: "group", "aria-label": "Controls" });
  const status = element("p", { class: "al-status", role: "status" });
  const { node: codeBox, code } = createCode();
  const rows = Object.fromEntries(
    model.get("controls").map((control, i) => [control.name, createRow(control, `${id}-${i}`, moved)]),
  );
  for (const row of Object.values(rows)) grid.append(...row.nodes);
  frame.append(grid, codeBox, status);
  keepKeys(frame);
  el.append(frame);

  let impatience = 0;
  const isLost = () => Boolean(el.closest(".jupyter-widgets-disconnected"));
  const isBehind = () =>
    Object.entries(model.get("values")).some(([name, value]) => model.get("shown")[name] !== value);

  function moved(name, value) {
    model.set("values", { ...model.get("values"), [name]: value });
    model.save_changes();
  }

  function showValues() {
    for (const [name, value] of Object.entries(model.get("values"))) rows[name].show(value);
    showProgress();
  }

  function showProgress() {
    clearTimeout(impatience);
    frame.dataset.behind = String(isBehind());
    code.textContent = model.get("code");
    const words = isLost() ? LOST : "";
    if (status.textContent !== words) status.textContent = words;
    for (const row of Object.values(rows)) row.input.disabled = isLost();
    if (isBehind() && !isLost()) impatience = setTimeout(() => { status.textContent = BUSY; }, PATIENCE);
  }

  const events = {
    "change:values": showValues,
    "change:shown": showProgress,
    comm_live_update: showProgress,
  };
  for (const [event, callback] of Object.entries(events)) model.on(event, callback);
  showValues();

  return () => {
    clearTimeout(impatience);
    for (const [event, callback] of Object.entries(events)) model.off(event, callback);
    frame.remove();
  };
}

export default { render };
