// SPDX-License-Identifier: GPL-3.0-or-later
// The page's frame: plate, language, the way through a session, and keys that lead there.
import {ask, follow, login, now, onNews} from "/station.js";
import {languages, ownNames} from "/words.js";
import {alarm, beep, by, el, guarded, language, leaveFlow, number, refusedWords, speak, t} from "/parts.js";
import {buildLive, draw, drawScale, redraw, showNumbers, showSeen, topOfScale} from "/soles.js";
import {choosePerson, openPerson, showPeople} from "/person.js";
import {showStand, showSway, showWalk, showZero} from "/measure.js";
import {isPressing, leavePress, losePress, pressKey, pressNews, showPress} from "/press.js";
import {showResults} from "/results.js";
import {showNotes} from "/notes.js";
import {showPlan} from "/plan.js";

const ways = {person: showPeople, zero: showZero, stand: showStand, sway: showSway, press: showPress, walk: showWalk,
  notes: showNotes, results: showResults, plan: () => showPlan()};
let way = null;

export function go(name) {
  if (isPressing() && name !== "press")
    return;
  leavePress();
  leaveFlow();
  way = name;
  alarm("");
  scrollTo(0, 0);
  scaleOfWay();
  for (const tab of by("ways").children)
    tab.toggleAttribute("aria-current", tab.dataset.way === name);
  guarded(ways[name])();
}

// A step presses some three times as hard as a stand.
function scaleOfWay() {
  const recording = now.state && now.state.recording;
  topOfScale(recording ? recording.protocol === "walk" : way === "walk");
}

document.addEventListener("go", (e) => go(e.detail));

// --- Head and foot --------------------------------------------------------------------------------

function buildHead() {
  const tabs = Object.keys(ways).map((name, i) => el("button", {type: "button", "data-way": name, "aria-keyshortcuts": i + 1,
    onclick: () => go(name)}, el("kbd", {}, String(i + 1)), t("way." + name)));
  by("head").replaceChildren(
    el("h1", {}, "tenderfoot"),
    el("label", {}, el("span", {}, t("head.plate")), el("select", {id: "plates", onchange: (e) => follow(e.target.value)})),
    el("p", {id: "phase", role: "status"}),
    el("b", {id: "who"}),
    el("label", {}, el("span", {}, t("head.language")), el("select", {id: "language", onchange: guarded(async (e) => {
      await speak(e.target.value);
      await nameZones();
      build();
      go(way);
    })}, languages.map((code) => el("option", {value: code, selected: code === language, lang: code}, ownNames[code])))),
    el("nav", {id: "ways", "aria-label": t("head.ways")}, tabs));
  by("foot").replaceChildren(el("p", {}, t("foot.disclaimer")));
  listPlates();
}

async function nameZones() {
  for (const zone of (await ask(`/atlas?language=${language}`)).zones)
    now.zones.set(zone.id, zone);
}

function build() {
  document.documentElement.lang = language;
  buildHead();
  buildLive(by("live"));
}

// --- Plates: the list follows the station ------------------------------------------------------------

let plates = [];
const ASK_PLATES_MS = 3000;

function listPlates() {
  const select = by("plates"), said = [...select.options].map((one) => one.value);
  if (said.join() !== plates.join()) // a list that is open is not shut for nothing
    select.replaceChildren(...plates.map((id) => el("option", {value: id}, id)));
  select.value = now.plate || "";
}

async function askPlates() {
  plates = (await ask("/plates")).plates.map((plate) => plate.id);
  if (!plates.includes(now.plate) && (plates.length || now.plate)) {
    now.plate = plates[0] || null;
    if (now.plate)
      follow(now.plate);
  }
  listPlates();
  if (!plates.length || wasWithout)
    alarm(plates.length ? "" : t("alarm.no_plate"));
  wasWithout = !plates.length;
}

let wasWithout = false;
const mindPlates = () => document.hidden || askPlates().catch(() => null); // a station that is silent is told by the stream

// --- News ---------------------------------------------------------------------------------------

const DISK_MINUTES = 10; // warned so long before a recording has no room

export function trouble(state) {
  const recording = state.recording;
  if (state.problem)
    return refusedWords(state.problem_code, state.problem);
  if (recording && recording.is_waiting_for_plate)
    return t("alarm.plate_left", {s: number(recording.waiting_s)});
  if (recording && recording.disk_minutes_left !== null && recording.disk_minutes_left <= DISK_MINUTES)
    return t("alarm.disk_left", {n: Math.floor(recording.disk_minutes_left)});
  if (recording && recording.frames_skipped_by_disk)
    return t("alarm.skipped", {n: recording.frames_skipped_by_disk});
  return recording && recording.disk_behind_s > 1 ? t("alarm.disk", {s: number(recording.disk_behind_s)}) : "";
}

let wasLift = false, wasTrouble = "", wasSilent = false;

function showState() {
  const state = now.state, lift = Boolean(state.press && state.press.cue && state.press.cue.alarm);
  by("phase").textContent = t("phase." + state.phase, {plate: state.plate ? `${state.plate.model} ${state.plate.serial}` : state.id});
  by("who").textContent = now.person ? now.person.label : t("head.nobody");
  by("alarm").classList.toggle("lift", lift);
  if (lift && !wasLift)
    beep(1200, 1, 0.5);
  const said = lift ? t(state.press.tool_kind === "flat" ? "alarm.even" : "alarm.lift") : trouble(state);
  if (said || wasTrouble) // what a command said stays until the next one
    if (said !== wasTrouble)
      alarm(said);
  [wasLift, wasTrouble] = [lift, said];
}

function hear(what) {
  if (what === "silent" || what === "locked") {
    alarm(t("alarm." + what));
    wasSilent = true;
  } else if (what === "open") {
    if (wasSilent)
      alarm("");
    wasSilent = false;
    mindPlates();
  } else if (what === "plates")
    mindPlates();
  else if (what === "restarted")
    losePress();
  else if (what === "state") {
    showState();
    scaleOfWay();
    pressNews();
  }
  if (what === "frame" || what === "state")
    showNumbers();
  if (what === "feet" || what === "state")
    showSeen();
  redraw();
}

// --- Keys: digits lead through the session; during a press test they answer --------------------------

function keys(event) {
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== "checkbox";
  if (event.ctrlKey || event.altKey || event.metaKey || typing)
    return;
  if (isPressing()) {
    pressKey(event);
    return;
  }
  const local = by("flow").querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  const name = Object.keys(ways)[Number(event.key) - 1];
  if (local) {
    event.preventDefault();
    local.click();
  } else if (name && !by("flow").querySelector("[data-key]")) {
    event.preventDefault();
    go(name);
  }
}

function loop() {
  draw();
  requestAnimationFrame(loop);
}

async function begin() {
  await login();
  await speak(language);
  await nameZones();
  build();
  onNews(hear);
  document.addEventListener("keydown", keys);
  await askPlates();
  setInterval(mindPlates, ASK_PLATES_MS);
  drawScale();
  const client = sessionStorage.getItem("client"); // of a page that was loaded anew
  go("person");
  if (client)
    await openPerson(client).catch(() => choosePerson(null));
  loop();
}

begin().catch((problem) => alarm(problem.message));
