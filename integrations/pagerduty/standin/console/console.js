"use strict";

const SHOWN = 100;
const EVERY_MS = 1000;

const byId = (id) => document.getElementById(id);

function element(tag, options = {}, ...children) {
  const { className, ...properties } = options;
  const made = Object.assign(document.createElement(tag), properties);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

const masked = (key) => "…" + String(key ?? "").slice(-4);
const clock = (time) => new Date(time).toLocaleTimeString([], { hour12: false });

function duration(from, to) {
  const seconds = Math.max(0, Math.round((new Date(to) - new Date(from)) / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

function facts(values) {
  const list = element("dl", { className: "facts" });
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === undefined || value === "") continue;
    const shown = typeof value === "object" ? JSON.stringify(value, null, 2) : String(value);
    list.append(element("dt", { textContent: name.replaceAll("_", " ") }), element("dd", { textContent: shown }));
  }
  return list;
}

function link(href, text) {
  const safe = /^https?:/.test(href);
  return safe ? element("a", { href, textContent: text || href, target: "_blank", rel: "noopener" }) : text || href;
}

function actions(incident) {
  const bar = element("div", { className: "actions" });
  const act = (status, label) => {
    const button = element("button", { type: "button", textContent: label });
    button.onclick = () => fetch(`incidents/${incident.number}/${status}`, { method: "POST" }).then(refresh);
    bar.append(button);
  };
  if (incident.status === "triggered") act("acknowledged", "Acknowledge");
  if (incident.status !== "resolved") act("resolved", "Resolve");
  return bar;
}

function incidentBody(incident) {
  const { summary, custom_details, ...payload } = incident.payload;
  const links = incident.links.map((item) => element("li", {}, link(item.href, item.text)));
  return [
    facts({
      ...payload,
      sent_by: incident.client,
      routing_key: masked(incident.routing_key),
      dedup_key: incident.dedup_key,
      created: incident.created_at,
      acknowledged: incident.acknowledged_at,
      resolved: incident.resolved_at,
      events: incident.events.map((number) => "#" + number).join(", "),
    }),
    element("h3", { textContent: "Custom details" }),
    facts(incident.details),
    ...(links.length ? [element("h3", { textContent: "Links" }), element("ol", {}, ...links)] : []),
    actions(incident),
  ];
}

function incidentRow(incident) {
  const end = incident.resolved_at ?? new Date().toISOString();
  return {
    state: incident.status,
    pill: `#${incident.number} ${incident.status}`,
    title: incident.title,
    when: `${clock(incident.created_at)} · ${duration(incident.created_at, end)}`,
    body: () => incidentBody(incident),
  };
}

function eventRow(event) {
  const isObject = event.body !== null && typeof event.body === "object";
  const body = isObject ? { ...event.body, routing_key: masked(event.body.routing_key) } : event.body;
  const action = isObject ? event.body.event_action ?? "change" : "not JSON";
  return {
    state: event.status === 202 ? "accepted" : "rejected",
    pill: `#${event.number} ${action}`,
    title: event.body?.payload?.summary ?? event.body?.dedup_key ?? "",
    when: `${clock(event.received_at)} · ${event.status ?? "dropped"}`,
    body: () => [
      facts({ effect: event.effect, received: event.received_at, path: event.path }),
      element("h3", { textContent: "Body" }),
      element("pre", { textContent: isObject ? JSON.stringify(body, null, 2) : String(body) }),
      element("h3", { textContent: "Response" }),
      element("pre", { textContent: JSON.stringify(event.response, null, 2) }),
    ],
  };
}

/* Rows are reused on each refresh, so that open rows stay open and the focus does not move. */
function show(container, items, toRow) {
  const kept = new Map([...container.children].map((row) => [row.dataset.number, row]));
  const rows = items.map((item) => {
    const row = kept.get(String(item.number)) ?? element("details");
    const version = JSON.stringify(item);
    const content = toRow(item);
    if (row.version !== version) {
      const heading = element(
        "summary", {},
        element("span", { className: "pill", textContent: content.pill }),
        element("span", { className: "title", textContent: content.title }),
        element("span", { className: "when", textContent: content.when }),
      );
      const focused = row.contains(document.activeElement) && document.activeElement.tagName === "SUMMARY";
      row.replaceChildren(heading, element("div", { className: "body" }, ...content.body()));
      if (focused) heading.focus();
      Object.assign(row.dataset, { number: item.number, state: content.state });
      row.version = version;
    }
    row.querySelector(".when").textContent = content.when;
    return row;
  });
  if (rows.length !== container.children.length || rows.some((row, index) => row !== container.children[index])) {
    container.replaceChildren(...rows);
  }
}

async function refresh() {
  try {
    const [incidents, events] = await Promise.all(
      ["incidents.json", "events.json"].map(async (file) => (await fetch(`${file}?last=${SHOWN}`)).json()),
    );
    const open = incidents.filter((incident) => incident.status !== "resolved");
    byId("open-count").textContent = open.length;
    byId("resolved-count").textContent = incidents.length - open.length;
    byId("event-count").textContent = events.at(-1)?.number ?? 0;
    byId("connection").textContent = "up to date";
    byId("no-incidents").hidden = incidents.length > 0;
    byId("no-events").hidden = events.length > 0;
    show(byId("incidents"), [...incidents].sort((a, b) => (a.status === "resolved") - (b.status === "resolved") || b.number - a.number), incidentRow);
    show(byId("events"), events.reverse(), eventRow);
    document.title = open.length ? `(${open.length}) PagerDuty stand-in` : "PagerDuty stand-in";
  } catch {
    byId("connection").textContent = "stand-in stopped";
  }
}

byId("clear").onclick = () => {
  if (confirm("Delete all incidents and events?")) fetch("/", { method: "DELETE" }).then(refresh);
};
setInterval(() => document.hidden || refresh(), EVERY_MS);
refresh();
