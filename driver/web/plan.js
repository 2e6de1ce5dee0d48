// SPDX-License-Identifier: GPL-3.0-or-later
// The massage that the articles suggest after a press test, point by point, each counted down.
import {ask, now} from "/station.js";
import {beep, button, el, field, guarded, language, number, openFlow, show, t} from "/parts.js";
import {freshScreening} from "/person.js";
import {zoneWords} from "/soles.js";

const go = (name) => document.dispatchEvent(new CustomEvent("go", {detail: name}));

// What was looked at last, else the newest press test of the person.
async function pathOfPlan() {
  if (now.person) {
    const {sessions} = await ask(`/clients/${now.person.client}/sessions`);
    const newest = sessions.find((session) => session.protocol === "press");
    return newest ? "/sessions/" + newest.session : null;
  }
  return now.result;
}

const nameOf = (point) => `${t("side." + point.side)}: ${point.zones.map(zoneWords).join(", ")}`;
const minutes = (s) => `${number(Math.floor(s / 60))}:${String(Math.floor(s % 60)).padStart(2, "0")}`;

// With the wishes of a plan that was broken off.
export async function showPlan(path, wishes) {
  const isOpen = openFlow(), from = path || await pathOfPlan();
  await freshScreening(); // for the words of a refusal only
  if (!isOpen())
    return;
  if (!from) {
    show(el("h2", {}, t("way.plan")), el("p", {class: "say"}, t("plan.none")), button("way.press", {class: "big go", "data-first": true}, () => go("press")));
    return;
  }
  const short = el("input", {type: "checkbox", id: "plan_short", checked: Boolean(wishes && wishes.short), onchange: guarded(load)}), place = el("div", {id: "plan"});
  const relax = el("input", {type: "checkbox", id: "plan_relax", checked: Boolean(wishes && wishes.aim === "relax"), onchange: guarded(load)});
  const also = el("input", {id: "plan_also", maxlength: 200, autocomplete: "off", placeholder: "P07", value: wishes ? wishes.complaints.join(", ") : "", onchange: guarded(load)});
  async function load() { // by the newest screening of the person, which the station has
    const wanted = {short: short.checked, aim: relax.checked ? "relax" : "none", complaints: also.value.split(",").map((name) => name.trim()).filter(Boolean)};
    const plan = await ask(`${from}/plan?language=${language}`, wanted);
    place.replaceChildren(...(plan.allowed ? planned(plan, {from, wanted}) : refused(plan)));
  }
  show(el("h2", {}, t("way.plan")), el("label", {class: "row"}, short, el("span", {}, t("plan.short"))), el("label", {class: "row"}, relax, el("span", {}, t("plan.relax"))), el("div", {class: "form"}, field("plan.also", also)), place);
  await load();
  (place.querySelector("[data-first]") || short).focus();
}

const refused = (plan) => [el("p", {class: "stopped", id: "plan_refused"}, now.screening ? plan.allowed_reason : t("plan.screen_first")),
  button("way.person", {class: "big go", "data-first": true}, () => go("person"))];

function planned(plan, made) {
  const points = plan.points || [], row = (point, i) => el("li", {}, el("b", {}, `${number(i + 1)}. ${nameOf(point)}`), ` · ${minutes(point.duration_s)} · ${t("plan.turn." + point.direction)}`,
    point.painful ? ` · ${t("plan.gently")}` : "");
  return [el("p", {}, t("plan.what")), points.length ? el("ol", {class: "list", id: "points"}, points.map(row)) : el("p", {class: "say"}, t("plan.nothing")),
    points.length ? button("plan.begin", {class: "big go", id: "plan_begin", "data-first": true}, () => run(plan, made)) : null,
    el("details", {}, el("summary", {}, t("plan.words")), el("ul", {}, points.map((point) => el("li", {}, point.words)),
      (plan.steps || []).map((step) => el("li", {}, step.words)))),
    el("p", {class: "note"}, t("plan.note"))].filter(Boolean);
}

// The list of count-downs is the station's (turns of tenderfoot/plan/1, analysis/plan/README.md); the
// terminal leads through it in the same way. A rest is no work on the foot; of the session it is.
function run(plan, made) {
  const session = {plan, made, foot: {left: 0, right: 0}, spent: 0, of: plan.turns.reduce((sum, turn) => sum + turn.duration_s, 0)};
  turn(session, 0, 0);
}

function turn(session, i, rests) {
  const {plan} = session, one = plan.turns[i];
  if (!one) {
    beep(660, 0.5);
    show(el("h2", {}, t("plan.over")), el("p", {class: "say", id: "plan_over"}, t("plan.rest")), button("way.results", {class: "big go", "data-first": true}, () => go("results")));
    return;
  }
  if (one.point === null)
    step(session, i);
  else
    point(session, i, rests);
}

function step(session, i) {
  const {plan} = session, one = plan.turns[i], next = () => turn(session, i + 1, 0);
  const where = one.side ? t("side." + one.side) + ": " : "";
  countDown(session, {seconds: one.duration_s, title: where + t("plan.step." + plan.steps[one.step].phase), note: plan.steps[one.step].words, next});
}

function point(session, i, rests) {
  const {plan} = session, one = plan.turns[i], what = plan.points[one.point], next = () => turn(session, i + 1, 0);
  const say = (rests ? t("plan.again") + " " : "") + t("plan.turn." + what.direction) + (what.painful ? ", " + t("plan.gently") : "");
  countDown(session, {seconds: one.duration_s, foot: one.side, title: nameOf(what), say, note: what.words, count: t("plan.count", {i: one.point + 1, n: plan.points.length}),
    next: what.painful ? () => askPain(session, i, rests) : next, hurts: () => rest(session, i, rests)});
}

function askPain(session, i, rests) {
  countDown(session, {seconds: session.plan.pain_stays.asked_s, title: t("plan.stays_asked"), next: () => turn(session, i + 1, 0), done: "plan.stays_no", hurts: () => rest(session, i, rests)});
}

// After the rest the point begins again, as often and as late as the station's plan lets it.
function rest(session, i, rests) {
  const {plan} = session, one = plan.turns[i], [least, most] = plan.pain_stays.duration_s;
  const again = () => rests < plan.pain_stays.again_most && session.foot[one.side] <= one.again_until_s;
  countDown(session, {seconds: most, held: least, title: t("plan.resting"), say: t(again() ? "plan.then_again" : "plan.left_out"), note: plan.pain_stays.words,
    next: () => (again() ? turn(session, i, rests + 1) : turn(session, i + 1, 0))});
}

// What is done, how long still, and the clocks of foot and session. Space: done; at its end the next
// begins by itself. Time while it is held up counts for neither.
function countDown(session, what) {
  const end = {at: performance.now() + 1000 * what.seconds, left: 0};
  const digits = el("p", {class: "digits", role: "timer", id: "plan_left"}), clocks = el("p", {class: "note", id: "plan_clocks"});
  const bar = el("progress", {class: "progress", max: what.seconds, value: 0, "aria-label": t("plan.time")});
  const left = () => Math.max(0, (end.left || end.at - performance.now()) / 1000);
  const leave = (to) => () => {
    clearInterval(clock);
    session.spent += what.seconds - left();
    if (what.foot)
      session.foot[what.foot] += what.seconds - left();
    to();
  };
  const over = leave(what.next), ended = what.hurts && leave(what.hurts);
  const pause = () => {
    if (end.left) // on again
      Object.assign(end, {at: performance.now() + end.left, left: 0});
    else
      end.left = end.at - performance.now();
    hold.textContent = t(end.left ? "plan.on" : "plan.pause");
  };
  const tick = () => {
    if (!document.contains(digits)) { // another flow was chosen
      clearInterval(clock);
      return;
    }
    const spent = what.seconds - left();
    digits.textContent = minutes(Math.ceil(left()));
    bar.value = spent;
    const held = spent < (what.held || 0);
    if (done.disabled !== held) {
      done.disabled = held;
      (held ? hold : done).focus();
    }
    clocks.textContent = (what.foot ? t("plan.clock_foot", {side: t("side." + what.foot), spent: minutes(session.foot[what.foot] + spent), of: minutes(60 * session.plan.foot_limit_minutes)}) + " · " : "") +
      t("plan.clock_session", {spent: minutes(session.spent + spent), of: minutes(session.of)});
    if (left() <= 0)
      over();
  };
  const hold = button("plan.pause", {class: "big", id: "plan_pause"}, pause);
  const done = button(what.done || "plan.done", {class: "big go", "data-first": true, id: "plan_next"}, over);
  const stays = ended ? button("plan.stays", {class: "big", id: "plan_stays"}, ended) : null;
  show(...[what.count ? el("p", {class: "note"}, what.count) : null, el("h2", {}, what.title), what.say ? el("p", {class: "say"}, what.say) : null, digits, bar, clocks,
    el("div", {class: "row"}, ...[done, stays, hold, button("do.cancel", {class: "big", id: "plan_cancel"}, guarded(() => showPlan(session.made.from, session.made.wanted)))].filter(Boolean)),
    what.note ? el("p", {class: "note"}, what.note) : null].filter(Boolean));
  beep(520);
  const clock = setInterval(tick, 200);
  tick();
}
