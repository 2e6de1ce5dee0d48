// SPDX-License-Identifier: GPL-3.0-or-later
// What is asked of the station, and what it streams. Nothing else speaks to the network.
import {refusedWords, t} from "/parts.js";

const api = "/api/v1";

// The station says why it refused; where it has nothing to say (an answer of a proxy, a station that is not
// there), the page's own sentence does.
async function refusal(answer) {
  const found = await answer.json().catch(() => ({}));
  return new Error(refusedWords(found.code, found.problem) || t("problem.status", {n: answer.status}));
}

const reach = (path, options) => fetch(path, options).catch(() => { throw new Error(t("problem.no_answer")); });

export async function ask(path, body) {
  const options = body === undefined ? {} : {
    method: "POST",
    headers: {"X-Tenderfoot": "1", "Content-Type": "application/json"},
    body: JSON.stringify(body),
  };
  const answer = await reach(api + path, options);
  if (!answer.ok)
    throw await refusal(answer);
  return answer.json();
}

// A table or another text of the station's.
export async function askText(path) {
  const answer = await reach(api + path);
  if (!answer.ok)
    throw await refusal(answer);
  return answer.text();
}

export const address = (path) => api + path;

// The token stands behind '#' of the address, which no server and no log ever sees; it becomes a
// cookie that no script can read, and leaves the address line.
export async function login() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (!token)
    return;
  history.replaceState(null, "", location.pathname);
  const answer = await reach(api + "/login", {
    method: "POST",
    headers: {"X-Tenderfoot": "1", "X-Tenderfoot-Token": token, "Content-Type": "application/json"},
    body: "{}",
  });
  if (!answer.ok)
    throw await refusal(answer);
}

// What the page knows now. Flows read it; the stream writes it.
export const now = {plate: null, state: null, frame: null, feet: [], seen: null, zones: new Map(), person: null,
  screening: null, notes: [], result: null, frames: 0, silentSince: null}; // silentSince: ms, while the stream is broken

const listeners = new Set();
export const onNews = (listener) => (listeners.add(listener), () => listeners.delete(listener));
const tell = (what) => listeners.forEach((listener) => listener(what));

let source = null, again = 0;

// When this run of the station began, ms; a restarted one knows nothing of what the page waits for.
let begun = null;
const RESTART_MS = 3000; // two answers of one run never differ by so much

async function meetStation() {
  const {up_s: up} = await ask("/station"), at = Date.now() - 1000 * up, was = begun;
  begun = at;
  if (was !== null && at - was > RESTART_MS)
    tell("restarted");
}

// The browser gives a stream up for good when it is answered with an error (401 of a station with a new token,
// 503 of one that is full): so it is asked again here, whatever broke it.
const AGAIN_MS = 1000;
async function broken(plate, mine) {
  mine.close();
  now.silentSince = now.silentSince || Date.now();
  const answer = await fetch(`${api}/plates/${plate}`).catch(() => null);
  tell(answer && answer.status === 401 ? "locked" : "silent");
  if (answer && answer.status === 404) // a restarted station may have others
    tell("plates");
  clearTimeout(again);
  again = setTimeout(() => mine === source && listen(plate), AGAIN_MS); // neither left nor at rest meanwhile
}

function listen(plate) {
  if (source)
    source.close();
  const mine = source = new EventSource(`${api}/plates/${plate}/live`);
  source.addEventListener("state", (e) => { now.state = JSON.parse(e.data); tell("state"); });
  source.addEventListener("feet", (e) => { now.seen = JSON.parse(e.data); now.feet = now.seen.feet; tell("feet"); });
  source.addEventListener("frame", (e) => { now.frame = JSON.parse(e.data); now.frames++; tell("frame"); });
  source.onerror = () => mine === source && broken(plate, mine);
  source.onopen = () => {
    now.silentSince = null;
    tell("open");
    meetStation().catch(() => null); // it broke again: then onerror follows
  };
}

// A tab that nobody looks at gives its stream back: a station has few. Not while a flow of it waits for the station, nor
// while something is recorded: its tones are heard in a tab that is hidden too.
const REST_MS = 3000; // not at each look into another tab
let waiting = 0, resting = 0;
const isNeeded = () => waiting > 0 || Boolean(now.state && ["recording", "pressing"].includes(now.state.phase));

function rest() {
  if (isNeeded())
    resting = setTimeout(rest, REST_MS);
  else if (source) {
    source.close();
    source = null;
  }
}

function wake() {
  if (!source && now.plate)
    listen(now.plate);
}

document.addEventListener("visibilitychange", () => {
  clearTimeout(resting);
  if (document.hidden)
    resting = setTimeout(rest, REST_MS);
  else
    wake();
});

export function follow(plate) {
  clearTimeout(again);
  Object.assign(now, {plate, state: null, frame: null, feet: [], seen: null});
  listen(plate);
}

export const command = (what, body = {}) => ask(`/plates/${now.plate}/${what}`, body);

const SILENT_MS = 60000; // meanwhile the page says so, and any other step can be chosen

// Resolves with the state once it fits. Rejects when `stop` says so, when the station was started anew (it does
// not know of what is waited for), and when it has been silent for long: nobody waits for ever.
export function until(fits, stop = () => false) {
  return new Promise((resolve, reject) => {
    const end = (settle, value) => { waiting--; off(); clearInterval(clock); settle(value); };
    const look = (what) => {
      if (what === "restarted")
        end(reject, new Error(t("problem.restarted")));
      else if (stop())
        end(reject, new Error("stopped"));
      else if (now.silentSince && Date.now() - now.silentSince > SILENT_MS)
        end(reject, new Error(t("problem.silent", {n: SILENT_MS / 1000})));
      else if (now.state && !now.silentSince && fits(now.state))
        end(resolve, now.state);
    };
    waiting++;
    wake();
    const off = onNews((what) => (what === "state" || what === "restarted") && look(what));
    const clock = setInterval(look, 500); // also where no news come
    look();
  });
}
