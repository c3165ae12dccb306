/* The first page: plays a picture, fetches Python ahead of the first notebook, and shows which
 * notebooks the learner has changed.
 */

import timeline from "./timeline.js";

const course = JSON.parse(document.getElementById("course").textContent);
const megabytes = (bytes) => (bytes / 1e6).toFixed(0);

/* ---- the picture --------------------------------------------------------------------------- */

/** As much of a widget's model as a view that nobody changes needs. */
function fixedModel(state) {
  return { get: (name) => state[name], set() {}, save_changes() {}, on() {}, off() {} };
}

function showPicture() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => {
    document.body.dataset.jpThemeLight = String(!dark.matches);
  };
  follow();
  dark.addEventListener("change", follow);
  const place = document.getElementById("picture");
  place.replaceChildren();
  timeline.render({ model: fixedModel({ axis: "clock", ...course.picture }), el: place });
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) {
    place.querySelector("[data-do=play]")?.click();
  }
}

/* ---- Python, ahead of time ------------------------------------------------------------------- */

/** Fetch what a kernel will ask for, so that it finds it in the browser's cache. */
async function fetchPython() {
  const line = document.getElementById("python");
  const bar = document.getElementById("bar");
  const total = course.files.reduce((sum, [, size]) => sum + size, 0);
  const waiting = [...course.files];
  let arrived = 0;
  const show = () => {
    bar.max = total;
    bar.value = arrived;
    bar.hidden = false;
    line.textContent = `Python is on its way: ${megabytes(arrived)} of ${megabytes(total)} MB.`;
  };
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const answer = await fetch(next[0]);
      if (!answer.ok) throw new Error(`${next[0]}: ${answer.status}`);
      for (const reader = answer.body.getReader(); ; ) {
        const { done, value } = await reader.read();
        if (done) break;
        arrived += value.length;
        show();
      }
    }
  };
  try {
    await Promise.all([worker(), worker(), worker()]);
    line.textContent = "Python is here: the first cell runs a few seconds after you start.";
  } catch {
    line.textContent = "Python could not be fetched: reload this page when the network is back.";
  }
  bar.hidden = true;
}

/* ---- the learner's copies -------------------------------------------------------------------- */

// JupyterLite keeps what the learner saves under this name, and opens it before the course's copy.
const STORAGE = `JupyterLite Storage - ${new URL(".", location.href).pathname}`;
const SEEN = `asynclab versions ${new URL(".", location.href).pathname}`;

export const settled = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** The learner's files, as `work(store)` needs them; nothing where there are none yet. */
export async function withFiles(mode, work) {
  const known = await indexedDB.databases();
  if (!known.some(({ name }) => name === STORAGE)) return undefined;
  const database = await settled(indexedDB.open(STORAGE));
  try {
    if (!database.objectStoreNames.contains("files")) return undefined;
    return await work(database.transaction("files", mode).objectStore("files"));
  } finally {
    database.close();
  }
}

const changed = async () =>
  ((await withFiles("readonly", (store) => settled(store.getAllKeys()))) || []).filter((path) =>
    path.endsWith(".ipynb"),
  );

/** Give the learner's copy another name, so that the course's copy opens again. */
async function setAside(path) {
  const keys = new Set(await changed());
  const named = (n) => path.replace(/\.ipynb$/, ` (mine${n > 1 ? ` ${n}` : ""}).ipynb`);
  let n = 1;
  while (keys.has(named(n))) n += 1;
  await withFiles("readwrite", async (store) => {
    const file = await settled(store.get(path));
    const kept = { ...file, path: named(n), name: named(n).split("/").pop() };
    await settled(store.put(kept, named(n)));
    await settled(store.delete(path));
  });
  return named(n);
}

/** The version of each notebook that the learner began with. */
function versionsBegun(copies) {
  const begun = JSON.parse(localStorage.getItem(SEEN) || "{}");
  for (const [path, version] of Object.entries(course.versions)) {
    if (!copies.includes(path) || !begun[path]) begun[path] = version;
  }
  localStorage.setItem(SEEN, JSON.stringify(begun));
  return begun;
}

function element(name, properties, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
}

function row(path, begun) {
  const link = element("a", { href: `notebooks/index.html?path=${encodeURIComponent(path)}` }, path);
  if (!(path in course.versions)) return element("li", {}, link);
  const button = element("button", { type: "button" }, "Take the course's copy");
  button.setAttribute("aria-label", `Take the course's copy of ${path}`);
  button.addEventListener("click", async () => {
    const kept = await setAside(path);
    document.getElementById("said").textContent =
      `${path} is the course's copy again. Yours is ${kept}.`;
    await showCopies();
  });
  const item = element("li", {}, link, button);
  if (begun[path] !== course.versions[path]) {
    const news = "The course has a newer version of this notebook than the one that you began with.";
    item.append(element("span", { className: "news" }, news));
  }
  return item;
}

async function showCopies() {
  const copies = (await changed()).sort();
  const begun = versionsBegun(copies);
  document.getElementById("copies").replaceChildren(...copies.map((path) => row(path, begun)));
  document.getElementById("none").hidden = copies.length > 0;
}

showPicture();
showCopies();
// Somebody who counts bytes has not asked for Python yet.
if (!navigator.connection?.saveData) fetchPython();
// Coming back from a notebook, the page is shown as it was left.
addEventListener("pageshow", (event) => event.persisted && showCopies());
