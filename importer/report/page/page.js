// Lists the changes of the page it stands in. Whatever comes from the data
// becomes a text node or a text of an attribute, never markup. Only the rows
// that can be seen are in the document, so that a million are no slower.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const scroller = $("scroller");
  if (!scroller) return;

  const PRINTED = 1000;     // rows in print
  const TALLEST = 12e6;     // px: browsers lose their way in taller elements
  const AROUND = 12;        // rows beside those in sight
  let d, W, number, haystack, view = [], sort = null, rowHeight = 52, from = -1, to = -1, body, printing = false;

  const make = (name, attributes, ...children) => {
    const e = document.createElement(name);
    for (const [k, v] of Object.entries(attributes || {})) if (v !== undefined) e.setAttribute(k, v);
    e.append(...children);
    return e;
  };
  const fill = (text, ...values) => text.replace(/\{(\d)\}/g, (_, i) => values[i]);
  const text = (column, i) => d.texts[d[column][i]];
  const source = (i) => text("file", i) + ":" + d.line[i];
  const method = (i) => d.methods[d.method[i]];
  const action = (i) => d.actions[d.action[i]];
  const hazards = (i) => d.hazards.filter((_, bit) => d.hazardSet[i] >> bit & 1);
  const resultWord = (i) => W[d.results[d.result[i]]];
  const SIGNS = { create: "+", update: "~", delete: "−" };

  // What a column shows, and by what it is sorted.
  const columns = [
    ["action", W_ => W_.action, (i) => d.action[i]],
    ["person", W_ => W_.person, (i) => d.upn[i].toLowerCase()],
    ["method", W_ => W_.method, (i) => d.method[i]],
    ["before", W_ => W_.before, (i) => d.before[i]],
    ["after", W_ => W_.after, (i) => d.after[i]],
    ["country", W_ => W_.country, (i) => text("country", i)],
    ["hazard", W_ => W_.hazard, (i) => -d.hazardSet[i]],
    ["source", W_ => W_.source, (i) => text("file", i) + String(d.line[i]).padStart(9, "0")],
  ];

  function cell(name, i) {
    switch (name) {
      case "action": {
        const a = action(i);
        const c = make("span", { class: "cell " + a }, make("span", { class: "word" }, SIGNS[a] + " " + W[a]));
        if (d.held[i]) c.append(make("span", { class: "held-mark" }, W["held-back"]));
        return c;
      }
      case "person": {
        const b = make("button", { type: "button", class: "person", "data-i": i }, d.upn[i]);
        const c = make("span", { class: "cell" }, b);
        if (d.name[i]) c.append(make("span", { class: "second" }, d.name[i]));
        return c;
      }
      case "method": return make("span", { class: "cell" }, d.methodNames[method(i)]);
      case "before": case "after": return make("span", { class: "cell", title: d[name][i] || undefined }, d[name][i] || "–");
      case "country": return make("span", { class: "cell" }, text("country", i) || "–");
      case "hazard": return make("span", { class: "cell", title: hazards(i).join(", ") || undefined }, hazards(i).join(", ") || "–");
      case "source": return make("span", { class: "cell", title: source(i) }, make("code", {}, source(i)));
      case "result": return make("span", { class: "cell" }, resultWord(i));
    }
  }

  function row(at) {
    const i = view[at];
    const r = make("tr", { role: "row", class: "row" + (d.isRun ? " isrun" : ""), "aria-rowindex": at + 2 });
    for (const [name, label] of columns)
      r.append(make("td", { role: "cell", class: "c-" + name, "data-label": label(W) }, cell(name, i)));
    return r;
  }

  function gap(height) {
    const td = make("td", { colspan: columns.length });
    td.style.height = height + "px";
    return make("tr", { class: "gap", "aria-hidden": "true" }, td);
  }

  const listable = () => Math.min(view.length, Math.floor(TALLEST / rowHeight));

  function draw(force) {
    if (printing) return;
    const n = listable();
    const first = Math.max(0, Math.floor(scroller.scrollTop / rowHeight) - AROUND);
    const last = Math.min(n, Math.ceil((scroller.scrollTop + scroller.clientHeight) / rowHeight) + AROUND);
    if (!force && first === from && last === to) return;
    const focused = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.i : undefined;
    const hadFocus = body.contains(document.activeElement);
    from = first; to = last;
    const rows = [];
    if (first > 0) rows.push(gap(first * rowHeight));
    if (first % 2) rows.push(gap(0)); // keeps the stripes where they are
    for (let at = first; at < last; at++) rows.push(row(at));
    if (last < n) rows.push(gap((n - last) * rowHeight));
    if (n === 0) rows.push(make("tr", { role: "row" }, make("td", { role: "cell", class: "none", colspan: columns.length }, W["no-match"])));
    body.replaceChildren(...rows);
    if (hadFocus) {
      const same = body.querySelector(`[data-i="${focused}"]`);
      (same || scroller).focus({ preventScroll: true });
    }
  }

  // measure finds how high a row is: that differs on a phone, and by the size
  // of the reader's letters.
  function measure() {
    const r = body.querySelector(".row");
    const height = r ? r.getBoundingClientRect().height : 0;
    if (height && Math.abs(height - rowHeight) > .5) {
      rowHeight = height;
      draw(true);
    }
  }

  function count() {
    let says = fill(W.shown, number(view.length), number(d.upn.length));
    if (listable() < view.length) says += ". " + fill(W.capped, number(listable()));
    $("count").textContent = says;
    body.parentElement.setAttribute("aria-rowcount", view.length + 1);
  }

  const chosen = (name) => { const s = $("filter-" + name); return s ? s.value : ""; };

  function choose() {
    const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const a = chosen("action"), m = chosen("method"), h = chosen("hazard"), s = chosen("state"), r = chosen("result");
    // What the row says is one of the texts; the first of them is no text.
    const said = ["country", "department"].map((name) => [d[name], chosen(name)]).filter(([, value]) => value)
      .map(([column, value]) => [column, value === "-" ? 0 : Number(value)]);
    const bit = d.hazards.indexOf(h);
    const out = [];
    for (let i = 0; i < d.upn.length; i++) {
      if (a && d.actions[d.action[i]] !== a) continue;
      if (m && d.methods[d.method[i]] !== m) continue;
      if (h && (h === "-" ? d.hazardSet[i] !== 0 : !(d.hazardSet[i] >> bit & 1))) continue;
      if (said.some(([column, value]) => column[i] !== value)) continue;
      if (s && (s === "held-back") !== (d.held[i] === 1)) continue;
      if (r && d.results[d.result[i]] !== r) continue;
      if (words.length && !words.every((w) => haystack[i].includes(w))) continue;
      out.push(i);
    }
    // Unless somebody asks for another order, what is dangerous comes first.
    view = sort ? out : [...out.filter((i) => d.hazardSet[i]), ...out.filter((i) => !d.hazardSet[i])];
    if (sort) order();
    scroller.scrollTop = 0;
    draw(true);
    measure();
    count();
  }

  function order() {
    const key = columns.find(([name]) => name === sort.name)[2];
    const keys = new Array(d.upn.length);
    for (const i of view) keys[i] = key(i);
    view.sort((a, b) => (keys[a] < keys[b] ? -1 : keys[a] > keys[b] ? 1 : a - b) * sort.way);
  }

  function sortBy(name) {
    sort = sort && sort.name === name ? (sort.way === 1 ? { name, way: -1 } : null) : { name, way: 1 };
    for (const th of body.parentElement.querySelectorAll("th")) {
      if (sort && th.dataset.name === sort.name) th.setAttribute("aria-sort", sort.way === 1 ? "ascending" : "descending");
      else th.removeAttribute("aria-sort");
    }
    choose();
  }

  function options(name, list) {
    const s = $("filter-" + name);
    if (!s) return;
    s.append(make("option", { value: "" }, W.all), ...list.map(([value, label]) => make("option", { value }, label)));
    s.addEventListener("change", choose);
  }

  function used(column) { return new Set(d[column]); }

  function controls() {
    options("action", d.actions.filter((_, i) => used("action").has(i)).map((a) => [a, W[a]]));
    options("method", d.methods.filter((_, i) => used("method").has(i)).map((m) => [m, d.methodNames[m]]));
    let all = 0;
    for (const set of d.hazardSet) all |= set;
    options("hazard", [["-", W.none], ...d.hazards.filter((_, bit) => all >> bit & 1).map((h) => [h, h])]);
    for (const name of ["country", "department"]) {
      const texts = [...used(name)].filter(Boolean).sort((a, b) => d.texts[a].localeCompare(d.texts[b], d.lang));
      options(name, [...texts.map((i) => [String(i), d.texts[i]]), ["-", W.none]]);
    }
    options("state", [["to-apply", W["to-apply"]], ["held-back", W["held-back"]]]);
    if (d.isRun) options("result", d.results.filter((_, i) => used("result").has(i)).map((r) => [r, W[r]]));
    let waits = false; // several letters of one frame are one search
    $("search").addEventListener("input", () => {
      if (!waits) requestAnimationFrame(() => { waits = false; choose(); });
      waits = true;
    });
    const clear = () => {
      $("search").value = "";
      for (const s of document.querySelectorAll(".controls select")) s.value = "";
    };
    $("reset").addEventListener("click", () => { clear(); choose(); });
    for (const b of document.querySelectorAll(".only")) b.addEventListener("click", () => {
      clear();
      $("filter-hazard").value = b.dataset.hazard;
      choose();
      $("changes").scrollIntoView();
      scroller.focus({ preventScroll: true });
    });
  }

  function table() {
    const head = make("tr", { role: "row", "aria-rowindex": 1 });
    for (const [name, label] of columns) {
      const b = make("button", { type: "button" }, label(W));
      b.addEventListener("click", () => sortBy(name));
      head.append(make("th", { role: "columnheader", scope: "col", class: "c-" + name, "data-name": name, "data-label": label(W) }, b));
    }
    body = make("tbody", { role: "rowgroup" });
    scroller.append(make("table", { id: "list", role: "table", "aria-labelledby": "changes-title" }, make("thead", { role: "rowgroup" }, head), body));
    scroller.addEventListener("scroll", () => requestAnimationFrame(() => draw(false)), { passive: true });
    body.addEventListener("click", (e) => {
      const b = e.target.closest(".person");
      if (b) show(Number(b.dataset.i));
    });
  }

  // show tells all about one change.
  function show(i) {
    const list = $("one-list");
    list.replaceChildren();
    const add = (label, value) => { if (value) list.append(make("dt", {}, label), make("dd", {}, value)); };
    $("one-title").textContent = d.upn[i];
    add(W.person, d.name[i]);
    add(W.action, W[action(i)] + (d.held[i] ? " (" + W["held-back"] + ")" : ""));
    add(W.method, d.methodNames[method(i)]);
    add(W.before, d.before[i] || W["no-value"]);
    add(W.after, d.after[i] || W["no-value"]);
    for (const h of hazards(i)) add(W.hazard, h + ": " + d.hazardMeanings[h]);
    if (text("country", i)) add(W["read-as"], fill(W.by, text("country", i), text("from", i)));
    add(W.department, text("department", i));
    add(W.remark, text("remark", i));
    add(W.note, text("note", i));
    add(W.source, source(i));
    if (d.isRun) {
      add(W.result, resultWord(i));
      add(W["service-said"], d.why[i]);
    }
    $("one").showModal();
  }

  // In print there is no scrolling: the rows are there, up to a number.
  function print() {
    printing = true;
    const n = Math.min(view.length, PRINTED);
    body.replaceChildren(...Array.from({ length: n }, (_, at) => row(at)));
    if (n < view.length) $("count").textContent = fill(W["print-capped"], number(n), number(view.length));
  }

  function start() {
    d = JSON.parse($("data").textContent);
    W = d.words;
    const format = new Intl.NumberFormat(d.lang);
    number = (n) => format.format(n);
    if (d.isRun) columns.splice(1, 0, ["result", (w) => w.result, (i) => d.result[i]]);
    haystack = d.upn.map((upn, i) => [upn, d.name[i], d.before[i], d.after[i], source(i), hazards(i).join(" "), text("note", i),
      d.isRun ? d.why[i] : ""].join("\n").toLowerCase());
    table();
    controls();
    choose();
    $("one-close").addEventListener("click", () => $("one").close());
    addEventListener("resize", () => { measure(); draw(true); });
    addEventListener("beforeprint", print);
    addEventListener("afterprint", () => { printing = false; draw(true); count(); });
  }

  // After the first frame, so that the summary is there before the list is read.
  requestAnimationFrame(() => setTimeout(start, 0));
})();
