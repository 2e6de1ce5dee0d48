// SPDX-License-Identifier: GPL-3.0-or-later
// Who stands on the plate: find, new with consent, screening, sessions, export, erase.
import {address, ask, now} from "/station.js";
import {alarm, button, by, day, el, field, guarded, has, language, number, openFlow, show, t, table, when} from "/parts.js";
import {keep} from "/measure.js";
import {showResult} from "/results.js";
import {zoneWords} from "/soles.js";

const go = (name) => document.dispatchEvent(new CustomEvent("go", {detail: name}));

export function choosePerson(person) {
  if (!now.person || !person || now.person.client !== person.client)
    Object.assign(now, {screening: null, notes: [], result: null});
  now.person = person;
  sessionStorage.setItem("client", person ? person.client : ""); // the id alone, until the browser's tab is closed
  by("who").textContent = person ? person.label : t("head.nobody");
}


// --- Find -----------------------------------------------------------------------------------------

const line = (person) => el("li", {}, el("button", {type: "button", onclick: guarded(() => openPerson(person.client))},
  el("b", {}, person.label), person.birth_year ? `, ${person.birth_year}` : "", " · ",
  t("person.sessions", {n: person.sessions}), person.last_session_utc ? ` · ${when(person.last_session_utc)}` : "",
  person.due_on ? ` · ${t("person.due_on", {day: day(person.due_on)})}` : ""));

export async function showPeople() {
  const list = el("ul", {class: "list", id: "people"});
  let asked = 0;
  const find = guarded(async () => {
    const mine = ++asked, {clients, due_people: people, due_recordings: n} = await ask("/clients/search", {search: search.value, due: due.checked, limit: 12});
    if (mine !== asked)
      return;
    dueAre.hidden = !people;
    dueAre.textContent = t("person.due_are", {n, people: t("person.due_people", {n: people})});
    dueTick.hidden = !clients.length && !search.value && !due.checked; // nobody is there yet
    list.replaceChildren(...clients.length ? clients.map(line) : [el("li", {class: "note"}, t(due.checked ? "person.none_due" : "person.none"))]);
  });
  const search = el("input", {id: "search", type: "search", maxlength: 100, autocomplete: "off", "data-first": true, oninput: find});
  const due = el("input", {type: "checkbox", id: "due", onchange: find}), dueTick = el("label", {class: "tick", hidden: true}, due, el("span", {}, t("person.due")));
  const dueAre = el("p", {class: "warn", id: "due_are", role: "status", hidden: true});
  show(el("h2", {}, t("person.title")),
    el("div", {class: "form"}, field("person.find", search), dueTick), dueAre, list,
    el("div", {class: "row"}, button("person.new", {class: "big go", id: "new_person"}, () => showNew(search.value)),
      button("person.nobody", {class: "big"}, () => { choosePerson(null); go("zero"); })));
  await find();
}

// --- New ------------------------------------------------------------------------------------------

const purposes = ["recording", "storing"];

// What is asked of somebody new and may be changed later; `facts` is what is known.
function factsForm(facts, more, save, cancel) {
  const name = el("input", {id: "label", required: true, maxlength: 100, autocomplete: "off", value: facts.label, "data-first": true});
  const year = el("input", {id: "birth_year", type: "number", min: 1900, max: new Date().getFullYear(), value: facts.birth_year});
  const sex = el("select", {id: "sex"}, ["", "female", "male", "other"].map((value) =>
    el("option", {value, selected: value === (facts.sex || "")}, t("sex." + (value || "unstated")))));
  const keep = el("input", {id: "keep_years", type: "number", min: 1, max: 100, value: facts.keep_years});
  const stated = () => ({label: name.value.trim(), birth_year: year.value ? Number(year.value) : null, sex: sex.value || null,
    keep_years: keep.value ? Number(keep.value) : null});
  return el("form", {class: "form", id: "person_form", onsubmit: guarded(async (event) => { event.preventDefault(); await save(stated()); })},
    field("person.label", name), field("person.year", year), field("person.sex", sex), field("person.keep_years", keep), more,
    el("div", {class: "row"}, el("button", {class: "big go", id: "save_person"}, t("do.save")), button("do.cancel", {class: "big"}, cancel)));
}

function showNew(label) {
  const ticks = purposes.map((purpose) => el("input", {type: "checkbox", id: "consent_" + purpose}));
  const save = async (facts) => {
    const {id} = await ask("/clients", Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null)));
    for (let i = 0; i < purposes.length; i++)
      if (ticks[i].checked)
        await ask(`/clients/${id}/consent`, {purpose: purposes[i], words: t("consent." + purposes[i])});
    await openPerson(id);
  };
  show(el("h2", {}, t("person.new")), factsForm({label},
    purposes.map((purpose, i) => el("label", {class: "tick"}, ticks[i], el("span", {}, t("consent." + purpose)))), save, () => go("person")));
}

function showEdit(person) {
  const back = () => openPerson(person.client);
  show(el("h2", {}, t("person.edit_of", {label: person.label})), factsForm(person, null, async (facts) => {
    await ask(`/clients/${person.client}/edit`, facts);
    await back();
  }, guarded(back)));
}

// --- Consent --------------------------------------------------------------------------------------

const agreed = (person, purpose) => person.consents.some((consent) => consent.purpose === purpose && !consent.withdrawn_utc);

// True when the person has agreed to `needed`, or does so now; nobody's recording needs no consent of anybody.
export async function consented(needed, person = now.person) {
  if (!person || agreed(person, needed))
    return true;
  const missing = purposes.filter((purpose) => !agreed(person, purpose));
  const ticks = missing.map((purpose) => el("input", {type: "checkbox", id: "consent_" + purpose, "data-first": purpose === needed, required: purpose === needed}));
  const given = await new Promise((done) => show(el("h2", {}, `${t("consent.title")}: ${person.label}`), el("p", {class: "say"}, t("consent.ask")),
    el("form", {class: "form", id: "consent_form", onsubmit: (e) => { e.preventDefault(); done(missing.filter((_, i) => ticks[i].checked)); }},
      missing.map((purpose, i) => el("label", {class: "tick"}, ticks[i], el("span", {}, t("consent." + purpose)))),
      el("div", {class: "row"}, el("button", {class: "big go", id: "consent_save"}, t("do.save")), button("do.cancel", {class: "big"}, () => done([]))))));
  for (const purpose of given)
    await ask(`/clients/${person.client}/consent`, {purpose, words: t("consent." + purpose)});
  Object.assign(person, await ask("/clients/" + person.client));
  return agreed(person, needed);
}

// Each purpose: agreed to since when, or not; given or withdrawn by a button.
function consentsOf(person) {
  const change = (purpose, withdraw) => guarded(async () => {
    await ask(`/clients/${person.client}/consent`, withdraw ? {purpose, withdraw} : {purpose, words: t("consent." + purpose)});
    await openPerson(person.client);
    by((withdraw ? "agree_" : "withdraw_") + purpose).focus();
  });
  const row = (purpose) => {
    const given = person.consents.filter((one) => one.purpose === purpose && !one.withdrawn_utc).pop();
    const gone = person.consents.filter((one) => one.purpose === purpose && one.withdrawn_utc).pop();
    return [t("purpose." + purpose), given ? t("person.agreed", {at: when(given.given_utc)}) :
      gone ? t("person.withdrawn", {at: when(gone.withdrawn_utc)}) : t("person.not_agreed"),
    given ? button("person.withdraw", {id: "withdraw_" + purpose, "aria-label": `${t("person.withdraw")}: ${t("purpose." + purpose)}`}, change(purpose, true)) :
      button("person.agree", {id: "agree_" + purpose, title: t("consent." + purpose), "aria-label": `${t("person.agree")}: ${t("consent." + purpose)}`}, change(purpose, false))];
  };
  return [el("h3", {}, t("consent.title")), table([t("person.purpose"), t("person.state"), t("person.change")], ["recording", "storing", "sharing", "research"].map(row), {id: "consents"})];
}

// What was written down about the person; those of a session stand in its report, too.
function notesOfPerson(person) {
  const words = el("input", {id: "person_note", maxlength: 1000, autocomplete: "off"});
  const add = guarded(async (event) => {
    event.preventDefault();
    if (!words.value.trim())
      return;
    await ask(`/clients/${person.client}/note`, {text: words.value.trim()});
    await openPerson(person.client);
    by("person_note").focus();
  });
  return [el("h3", {}, t("way.notes")), (person.dated_notes || []).length ? el("ul", {id: "person_notes"}, person.dated_notes.map((note) =>
    el("li", {}, `${when(note.at_utc)}: ${note.text}`))) : null,
  el("form", {class: "row", onsubmit: add}, el("label", {class: "row"}, el("span", {}, t("person.note")), words), el("button", {id: "person_note_add"}, t("note.add")))];
}

// What was recorded of the person and lies in the inbox still: the page was closed, or the station ended while it recorded.
async function unkept(person) {
  const back = () => openPerson(person.client), {recordings} = await ask("/recordings");
  const theirs = recordings.filter((one) => one.header && one.header.client === person.client && !one.is_being_written);
  const named = (one) => [words("way." + one.header.protocol, one.header.protocol), when(one.header.created_utc)].join(", ");
  const line = (one) => el("li", {}, el("button", {type: "button", onclick: guarded(() => showResult("/recordings/" + one.name))}, named(one)),
    one.ended_early ? el("span", {class: "warn"}, " ", t("inbox.ended_early"), " ") : " ",
    button("person.unkept_keep", {"aria-label": `${t("person.unkept_keep")}: ${named(one)}`}, guarded(() => keep(person, [one], guarded(back)))), " ",
    button("do.discard", {class: "danger", "aria-label": `${t("do.discard")}: ${named(one)}`}, guarded(async () => { await ask(`/recordings/${one.name}/discard`, {}); await back(); })));
  return theirs.length ? [el("h3", {}, t("person.unkept")), el("ul", {class: "list", id: "unkept"}, theirs.map(line))] : null;
}

// What was asked today holds until tomorrow, whoever loads the page anew.
async function rememberScreening(person) {
  const asked = (person.screenings || []).filter((one) => one.day.slice(0, 10) === today().slice(0, 10))
    .map((one) => (typeof one.document === "string" ? JSON.parse(one.document) : one.document));
  const answers = asked.sort((a, b) => (a.date < b.date ? -1 : 1)).pop(); // the newest of the day
  const judged = answers ? await ask("/screening?language=" + language, answers) : null;
  if (now.person === person) // nobody else was opened meanwhile
    now.screening = answers ? {answers, judged} : null;
}

// The newest answers as the store has them now: others may have asked since, and none outlives its day.
export async function freshScreening() {
  if (now.person)
    await rememberScreening(Object.assign(now.person, await ask("/clients/" + now.person.client)));
}

export async function turnTo(person) {
  choosePerson(person);
  if (person)
    await rememberScreening(person);
}

// --- One person -----------------------------------------------------------------------------------

export async function openPerson(id) {
  const isOpen = openFlow(), person = await ask("/clients/" + id);
  await turnTo(person);
  const given = person.consents.filter((consent) => !consent.withdrawn_utc).map((consent) => t("purpose." + consent.purpose));
  const left = await unkept(person);
  if (!isOpen())
    return;
  show(el("h2", {}, person.label),
    el("p", {id: "person_facts"}, [person.birth_year, person.sex && t("sex." + person.sex), person.due_on && t("person.due_on", {day: day(person.due_on)})].filter(Boolean).join(", ")),
    el("p", {class: given.length ? "" : "warn"}, given.length ? t("person.consents", {what: given.join(", ")}) : t("person.no_consent")),
    el("p", {id: "screened"}, now.screening ? screeningWords() : t("screen.not_yet")),
    el("div", {class: "row"}, button("person.measure", {class: "big go", "data-first": true, id: "measure"}, guarded(async () => (await consented("recording") ? go("zero") : openPerson(id)))),
      button("screen.begin", {class: "big", id: "screening"}, guarded(showScreening)),
      button("way.notes", {class: "big", id: "to_notes"}, () => go("notes")),
      button("person.results", {class: "big", id: "to_results"}, () => go("results"))),
    left, notesOfPerson(person), consentsOf(person),
    el("h3", {}, t("person.rights")),
    el("div", {class: "row"}, button("person.edit", {id: "edit_person"}, () => showEdit(person)), el("a", {href: address(`/clients/${person.client}/export`), download: `${person.client}.zip`, id: "export_person"}, t("person.export")),
      button("person.erase", {class: "danger", id: "erase"}, () => showErase(person))),
    el("p", {class: "note"}, t("person.export_more")));
}

function showErase(person) {
  const typed = el("input", {id: "erase_label", autocomplete: "off", "data-first": true, oninput: () => { sure.disabled = typed.value !== person.label; }});
  const sure = el("button", {class: "big danger", id: "erase_sure", disabled: true}, t("erase.sure"));
  const erase = guarded(async (event) => {
    event.preventDefault();
    const done = await ask(`/clients/${person.client}/erase`, {});
    choosePerson(null);
    show(el("h2", {}, t("erase.done")), el("p", {id: "erased"}, t("erase.gone", {n: done.recordings})),
      (done.backups_out_of_reach || []).length ? el("p", {class: "warn"}, t("erase.backups", {n: done.backups_out_of_reach.length})) : null,
      (done.recordings_unreadable || []).length ? el("p", {class: "warn"}, t("erase.unreadable", {n: done.recordings_unreadable.length})) : null,
      button("way.person", {class: "big go", "data-first": true}, () => go("person")));
  });
  show(el("h2", {}, t("erase.title", {label: person.label})),
    el("p", {class: "stopped"}, t("erase.what", {n: person.sessions.length})),
    el("form", {class: "form", onsubmit: erase}, field("erase.type", typed),
      el("div", {class: "row"}, sure, button("do.cancel", {class: "big"}, guarded(() => openPerson(person.client))))));
}

// --- Screening: one question a screen, one key an answer --------------------------------------------

const today = () => { // with the offset of this clock, as the station wants it
  const at = new Date(), minutes = -at.getTimezoneOffset(), two = (n) => String(Math.floor(Math.abs(n))).padStart(2, "0");
  return new Date(at.getTime() + minutes * 60000).toISOString().slice(0, 19) + (minutes < 0 ? "-" : "+") + two(minutes / 60) + ":" + two(minutes % 60);
};

const words = (key, text) => (has(key) ? t(key) : text);

async function showScreening() {
  const found = await ask("/questions");
  ask1([...found.questions, ...(found.also_asked || [])], 0, {});
}

function ask1(questions, i, answers) {
  if (i >= questions.length) {
    guarded(judge)(answers);
    return;
  }
  const question = questions[i];
  const next = (answer) => { answers[question.id] = answer; ask1(questions, i + 1, answers); };
  show(el("p", {class: "note"}, t("screen.count", {i: i + 1, n: questions.length}) + (question.asks === "operator" ? " · " + t("screen.operator") : "")),
    el("progress", {class: "progress", max: questions.length, value: i, "aria-label": t("screen.progress")}),
    el("h2", {class: "say", id: "question"}, words("q." + question.id, question.text)),
    question.kind === "date" ? dateOf(next) : optionsOf(question, next),
    el("div", {class: "row"}, i ? button("do.back", {}, () => ask1(questions, i - 1, answers)) : null,
      button("do.cancel", {}, guarded(() => openPerson(now.person.client)))),
    el("p", {class: "note"}, t("screen.strict")));
}

function dateOf(next) {
  const date = el("input", {id: "birth_date", type: "date", required: true, "data-first": true, max: today().slice(0, 10)}); // never a guess
  return el("form", {class: "form", onsubmit: (e) => { e.preventDefault(); next(date.value); }}, field("screen.birth", date),
    el("div", {class: "row"}, el("button", {class: "big go"}, t("do.next"))));
}

function optionsOf(question, next) {
  const row = el("div", {class: "row"}, question.options.map((option, k) => el("button", {type: "button", class: "big", "data-key": k + 1,
    onclick: () => {
      if (option.per_foot || option.places || option.effect === "DOC")
        row.replaceWith(more(option, next));
      else
        next(option.answer);
    }}, el("kbd", {}, String(k + 1)), " ", words(`a.${question.id}.${option.answer}`, words("a." + option.answer, option.words)))));
  return row;
}

// What an answer needs further: which foot, where on the sole, which doctor agreed.
function more(option, next) {
  const side = el("select", {id: "side", "data-first": true}, ["both", "left", "right"].map((value) => el("option", {value}, t("side." + value))));
  const zone = el("select", {id: "zone_of"}, el("option", {value: ""}, t("screen.anywhere")),
    [...now.zones.values()].filter((z) => z.plantar).map((z) => el("option", {value: z.id}, zoneWords(z.id))));
  const doctor = el("input", {id: "doctor", maxlength: 60}), date = el("input", {id: "doctor_date", type: "date"});
  const form = el("form", {class: "form", onsubmit: (e) => {
    e.preventDefault();
    const answer = {answer: option.answer};
    if (option.per_foot)
      answer.side = side.value;
    if (option.places && zone.value)
      answer.places = (side.value === "both" ? ["left", "right"] : [side.value]).map((one) => ({side: one, zone: zone.value}));
    if (option.effect === "DOC" && doctor.value && date.value)
      answer.doctor = {by: doctor.value, date: date.value};
    next(answer);
  }}, option.per_foot || option.places ? field("screen.side", side) : null, option.places ? field("screen.where", zone) : null,
  option.effect === "DOC" ? [field("screen.doctor", doctor), field("screen.doctor_date", date)] : null,
  el("div", {class: "row"}, el("button", {class: "big go", "data-first": true}, t("do.next"))));
  setTimeout(() => form.querySelector("[data-first]").focus());
  return form;
}

export function screeningWords() {
  const feet = ["left", "right"].filter((side) => now.screening.judged.screening.press_allowed[side]);
  return feet.length === 2 ? t("screen.allowed") : feet.length ? t("screen.one_foot", {side: t("side." + feet[0])}) : t("screen.refused");
}

async function judge(answers) {
  const person = now.person;
  const document_ = {schema: "tenderfoot/screening/1", person: person.client, operator: t("screen.station"), date: today(), answers: {...answers}};
  if (answers.heel_pain_walking) { // asked besides: it forbids nothing
    document_.heel_pain_walking = answers.heel_pain_walking;
    delete document_.answers.heel_pain_walking;
  }
  if (person.sex === "female" || person.sex === "male")
    document_.sex = person.sex;
  const judged = await ask(`/clients/${person.client}/screening?language=${language}`, document_);
  now.screening = {answers: document_, judged};
  const allowed = judged.screening.press_allowed.left || judged.screening.press_allowed.right;
  show(el("h2", {}, t("screen.done")),
    el("p", {class: allowed ? "say" : "stopped", id: "judged"}, screeningWords()),
    el("ul", {}, judged.screening.reasons.map((reason) => el("li", {}, reason.words))),
    el("div", {class: "row"}, button("person.measure", {class: "big go", "data-first": true}, () => go("zero")),
      allowed ? button("way.press", {class: "big", id: "to_press"}, () => go("press")) : null));
  alarm("");
}
