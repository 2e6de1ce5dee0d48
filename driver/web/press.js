// SPDX-License-Identifier: GPL-3.0-or-later
// The press test: what is chosen before, what is shown while it runs, and its keys.
import {ask, command, now} from "/station.js";
import {alarm, amount, beep, button, by, el, field, guarded, number, openFlow, refusedWords, show, t} from "/parts.js";
import {cueWords} from "/cues.js";
import {free, keep, notesNow} from "/measure.js";
import {typedNotes} from "/notes.js";
import {consented, freshScreening, screeningWords} from "/person.js";
import {zoneWords} from "/soles.js";

const go = (name) => document.dispatchEvent(new CustomEvent("go", {detail: name}));
let lastTool = "stud"; // a practice has one
let running = null; // the name of the recording that is led
let pressed = null; // the person it is of, whoever is opened meanwhile

// A test that nobody leads any more (the station is silent) holds no page.
export const isPressing = () => running !== null && !now.silentSince;

// --- Before -----------------------------------------------------------------------------------------

const routes = ["zones", "strips", "spine", "chosen", "short"];
const tools = ["stud", "stud-free", "stud-sprung", "mat", "plate"]; // analysis/press/tools.json
const whole = {mat: "press.mat_how", plate: "press.plate_how"}; // they load a whole foot: there are no places to choose
const needsNames = (route) => route === "chosen" || route === "short";

export async function showPress() {
  if (running) {
    build();
    return;
  }
  const isOpen = openFlow();
  await freshScreening();
  if (!isOpen())
    return;
  const isVirtual = now.state && now.state.plate && now.state.plate.is_virtual;
  const judged = now.screening && now.screening.judged.screening.press_allowed;
  const may = judged ? judged.left || judged.right : isVirtual;
  const route = el("select", {id: "route"}, routes.map((name) => el("option", {value: name}, t("route." + name))));
  const chosen = el("input", {id: "chosen", maxlength: 300, autocomplete: "off", placeholder: "P07, P16"});
  const tool = el("select", {id: "tool"}, tools.map((name) => el("option", {value: name, selected: name === lastTool}, t("tool." + name))));
  const minutes = el("select", {id: "minutes"}, [2, 5, 10, 15, 20].map((n) => el("option", {value: n, selected: n === 10}, amount(n, "min"))));
  const noStanding = () => (now.screening ? now.screening.judged.screening.no_standing : null);
  const places = [field("press.route", route), field("press.chosen", chosen)], how = el("p", {class: "note", id: "tool_how"}), before = el("p", {class: "say"});
  const showTool = () => {
    const isWhole = tool.value in whole;
    places.forEach((one) => { one.hidden = isWhole; });
    how.textContent = isWhole ? t(whole[tool.value]) : "";
    before.textContent = t(tool.value === "plate" ? "press.before_plate" : tool.value === "mat" ? "press.before_mat" : "press.before");
  };
  tool.addEventListener("change", () => {
    lastTool = tool.value; // the form may be built anew meanwhile
    showTool();
  });
  showTool();
  const itself = el("input", {type: "checkbox", id: "auto"});
  const start = guarded(async () => {
    const person = now.person;
    await freshScreening();
    const wanted = {tool: tool.value, minutes_max: Number(minutes.value), client: person ? person.client : ""};
    if (tool.value === "plate" && noStanding()) // before anybody is asked onto the plate
      throw new Error(noStanding());
    if (!(tool.value in whole))
      wanted.route = route.value;
    if (person && (person.sex === "female" || person.sex === "male"))
      wanted.sex = person.sex;
    if (needsNames(wanted.route))
      wanted.chosen = chosen.value.split(",").map((name) => name.trim()).filter(Boolean);
    if (now.screening)
      wanted.screening = now.screening.answers;
    if (now.notes.length)
      wanted.notes = typedNotes();
    if (now.frame && now.frame.force_n > 50 && !isVirtual) // it is zeroed first
      throw new Error(t("zero.loaded"));
    if (isVirtual && itself.checked)
      wanted.auto = true;
    if (!await consented("recording", person)) {
      await showPress();
      return;
    }
    await free(); // after a test that was ended just now
    running = (await command("press", wanted)).recording;
    pressed = person;
    build();
  });
  show(el("h2", {}, t("way.press")),
    el("p", {class: may ? "" : "stopped", id: "may"}, judged ? screeningWords() : isVirtual ? t("press.virtual") : t("press.screen_first")),
    noStanding() ? el("p", {class: "stopped", id: "no_standing"}, noStanding()) : null,
    before, notesNow(),
    el("div", {class: "form"}, field("press.tool", tool), how, places, field("press.minutes", minutes),
      isVirtual ? el("label", {class: "tick"}, itself, el("span", {}, t("press.auto"))) : null),
    el("div", {class: "row"},
      may ? button("press.start", {class: "big go", "data-first": true, id: "press_start"}, start)
          : button("way.person", {class: "big go", "data-first": true}, () => go("person"))),
    keysTable());
}

const keysTable = () => el("p", {class: "note"}, ["go", "stop", "skip", "end", "scale"].flatMap((key) =>
  [el("kbd", {}, t("key." + key)), ` ${t("key." + key + "_does")}  `]));

// --- Running ------------------------------------------------------------------------------------------

const send = guarded((key) => command("key", {key}));

function build() {
  show(el("div", {class: "row"}, el("h2", {id: "press_phase"}), el("span", {id: "press_count", class: "note"})),
    el("p", {class: "say", id: "say", role: "status"}), el("p", {class: "tell", id: "tell"}),
    el("div", {class: "row"}, button("press.stop", {class: "stop", id: "press_stop"}, () => send("stop"))),
    el("div", {class: "row", id: "scale_keys", hidden: true}, [0, 1, 2, 3, 4].map((n) =>
      el("button", {type: "button", class: "big", onclick: () => send(String(n))}, el("kbd", {}, String(n)), " ", t("scale." + n)))),
    el("div", {id: "meters"}, el("p", {id: "ramp_words"}), el("canvas", {class: "meter", id: "ramp", width: 900, height: 90, role: "img", "aria-label": t("press.ramp")}),
      el("p", {id: "tip_words"}), el("canvas", {class: "meter", id: "tip", width: 900, height: 90, role: "img", "aria-label": t("press.tip")})),
    el("div", {class: "row"}, button("press.go", {class: "big go", id: "press_go", "data-first": true}, () => send("go")),
      button("press.skip", {class: "big"}, () => send("skip")),
      button("press.end", {class: "big", id: "press_end"}, guarded(() => command("stop")))),
    keysTable());
  pressNews();
}

export function pressKey(event) {
  const key = {" ": "go", Enter: "go", s: "stop", S: "stop", Escape: "stop", k: "skip", K: "skip", q: "end", Q: "end"}[event.key] ||
    (/^[0-4]$/.test(event.key) ? event.key : null);
  const isOther = event.target.tagName === "BUTTON" && event.target.id !== "press_go" && (event.key === " " || event.key === "Enter");
  if (!key || isOther || event.repeat)
    return;
  event.preventDefault();
  send(key);
}

// A bar from 0 to `top`, with the part that is wanted in green and the value as a thick line.
function drawMeter(canvas, value, top, low, high) {
  const pen = canvas.getContext("2d"), x = (v) => Math.min(1, Math.max(0, v / top)) * canvas.width;
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = "#9ed8a5";
  pen.fillRect(x(low), 0, x(high) - x(low), canvas.height);
  pen.fillStyle = "#1a1a1a";
  pen.font = "600 26px sans-serif";
  for (const mark of [low, high])
    if (mark > 0)
      pen.fillText(number(mark), Math.min(canvas.width - 60, x(mark) + 6), canvas.height - 8);
  if (value === null)
    return;
  pen.fillStyle = value > high ? "#b00000" : value < low ? "#8a5a00" : "#00601c";
  pen.fillRect(Math.min(canvas.width - 14, x(value)), 0, 14, canvas.height);
}

// Weight shifted over the bare plate: what the region bears of it, and from where on it does.
function showShift(cue) {
  const {region, region_share_percent: has, wanted_share_percent: wanted, held_s: held, hold_s: hold} = cue.standing, isOn = cue.step === "ramp" && wanted !== null;
  by("meters").hidden = !isOn;
  if (!isOn)
    return;
  by("ramp_words").textContent = t("press.shift_is", {region: t("region." + region), v: amount(has, "%"), wanted: amount(wanted, "%")});
  drawMeter(by("ramp"), has, 100, wanted, 100);
  by("tip_words").textContent = t("press.held", {v: amount(held, "s", 1), of: amount(hold, "s")});
  drawMeter(by("tip"), held, hold, 0, 0);
}

function showMeters(cue) {
  if (cue.standing && cue.standing.region_share_percent !== null) {
    showShift(cue);
    return;
  }
  const isRamp = cue.step === "ready" || cue.step === "ramp";
  by("meters").hidden = !isRamp && cue.step !== "lift";
  by("ramp_words").textContent = t("press.ramp_is", {v: amount(cue.ramp_kpa_s, "kPa/s"), low: amount(cue.ramp_low_kpa_s, "kPa/s"), high: amount(cue.ramp_high_kpa_s, "kPa/s")});
  drawMeter(by("ramp"), cue.ramp_kpa_s, 2 * cue.ramp_high_kpa_s, cue.ramp_low_kpa_s, cue.ramp_high_kpa_s);
  const ceiling = cue.ceiling_kpa || 1;
  by("tip_words").textContent = t("press.tip_is", {v: amount(cue.tip_kpa, "kPa"), top: amount(cue.ceiling_kpa, "kPa")});
  drawMeter(by("tip"), cue.tip_kpa, 1.1 * ceiling, 0, ceiling);
}

const sounds = {ramp: 520, lift: 990, scale: 700}; // Hz, at the beginning of a step
let lastStep = "";

function showCue(cue) {
  const place = cue.place ? ` · ${t("side." + cue.side)} · ${placeWords(cue.place.place)}` : cue.side ? ` · ${t("side." + cue.side)}` : "";
  by("press_phase").textContent = t((cue.standing && ["place", "lift"].includes(cue.step) ? "step_whole." : "step.") + cue.step) + place;
  by("say").textContent = cueWords(cue.say);
  by("tell").textContent = cue.tell ? t("press.tell", {what: cueWords(cue.tell)}) : cue.rest_s > 0.5 ? t("press.rest", {s: number(Math.ceil(cue.rest_s))}) : "";
  by("press_count").textContent = t("press.count", {done: number(cue.presses_done), left: number(cue.presses_left),
    minutes: cue.minutes_left === null ? "–" : number(Math.ceil(cue.minutes_left))}) +
    (cue.last_kpa === null ? "" : " · " + t(cue.last_answered ? "press.last" : "press.last_none", {v: amount(cue.last_kpa, "kPa")}));
  by("scale_keys").hidden = cue.step !== "scale";
  showMeters(cue);
  if (cue.step !== lastStep && sounds[cue.step])
    beep(sounds[cue.step]);
  lastStep = cue.step;
}

const placeWords = (id) => (now.zones.has(id) ? zoneWords(id) : id);

export function pressNews() {
  if (!running)
    return;
  const state = now.state, press = state.press;
  if (state.last && state.last.name === running) {
    ended(state.last);
    return;
  }
  if (!press)
    return;
  if (!by("say")) { // left while the station was silent: it goes on
    build();
    return;
  }
  if (press.cue) {
    showCue(press.cue);
    return;
  }
  by("meters").hidden = true;
  by("press_phase").textContent = t("press_phase." + press.phase);
  by("press_count").textContent = "";
  by("say").textContent = press.phase === "stand" && press.is_standing
    ? t("press.standing", {s: number(Math.max(0, Math.ceil(press.stand_s - press.stood_s)))})
    : t(press.phase === "sit" && press.tool_kind === "mat" ? "press_say.sit_mat" : "press_say." + press.phase);
  by("tell").textContent = [press.earlier, press.told].filter(Boolean).map(cueWords).join(" ");
}

const drop = (last) => (last.has_file ? ask(`/recordings/${last.name}/discard`, {}) : null);

function ended(last, person = pressed) {
  running = null;
  beep(660, 0.4);
  if (last.problem)
    alarm(refusedWords(last.problem_code, last.problem));
  show(el("h2", {}, t("press_phase.over")),
    el("p", {class: "say", id: "taken"}, last.has_file ? t("press.ended", {s: number(last.duration_s)}) : t("press.nothing")),
    el("div", {class: "row"},
      last.has_file ? button(person ? "measure.keep" : "measure.look", {class: "big go", "data-first": true, id: "keep"},
        guarded(() => keep(person, [last], () => ended(last, person))), {label: person ? person.label : ""}) : null,
      button("do.repeat", {class: "big", id: "repeat"}, guarded(async () => { await drop(last); go("press"); })),
      last.has_file ? button("do.discard", {class: "big danger", id: "drop"}, guarded(async () => { await drop(last); go("press"); })) : null));
}

// The station was started anew: nobody leads this test any more.
export function losePress() {
  if (!running)
    return;
  running = null;
  show(el("h2", {}, t("press.lost")), el("p", {class: "stopped", id: "press_lost"}, t("problem.restarted")),
    el("div", {class: "row"}, button("do.repeat", {class: "big go", "data-first": true}, () => go("press")),
      button("way.person", {class: "big"}, () => go("person"))));
}

// A flow that is left does not end a test: a test that runs keeps the page until it is over.
export function leavePress() {
  lastStep = "";
}
