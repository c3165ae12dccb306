/* The controls of lab.explore: native inputs that say what they are and what they hold.
 *
 * Moving one sets the model's `values`. ipywidgets has at most one message on its way and then
 * sends the newest values, so fast typing does not pile up. The kernel answers with `shown`.
 */

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
  const status = createStatus(el, "picture");
  const { node: codeBox, code } = createCode();
  const rows = Object.fromEntries(
    model.get("controls").map((control, i) => [control.name, createRow(control, `${id}-${i}`, moved)]),
  );
  for (const row of Object.values(rows)) grid.append(...row.nodes);
  frame.append(grid, codeBox, status.node);
  keepKeys(frame);
  el.append(frame);

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
    frame.dataset.behind = String(isBehind());
    code.textContent = model.get("code");
    for (const row of Object.values(rows)) row.input.disabled = status.isLost();
    status.rest();
    if (isBehind()) status.wait();
  }

  const stopListening = listen(model, {
    "change:values": showValues,
    "change:shown": showProgress,
    comm_live_update: showProgress,
  });
  showValues();

  return () => {
    stopListening();
    status.rest();
    frame.remove();
  };
}

export default { render };
