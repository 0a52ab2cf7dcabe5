// The chart of response times: a card with the figures under the pointer, and zoom by dragging.
// Without it the chart is complete, and its table has the figures.
"use strict";
(() => {
  const TOP = 28, BOTTOM = 272, HEIGHT = 300, MIN_DRAG = 2;
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;

  function timeFormat(step, seconds) {
    const day = { day: "numeric", month: "short" };
    const clock = { hour: "2-digit", minute: "2-digit" };
    const parts = step >= 86400 ? day : seconds > 86400 ? { ...day, ...clock } : clock;
    return new Intl.DateTimeFormat("en-GB", { ...parts, timeZone: zone });
  }

  function milliseconds(value) {
    return value === null ? "–" : value < 1000 ? `${value} ms` : `${(value / 1000).toFixed(2)} s`;
  }

  function element(name, className, text = "") {
    return Object.assign(document.createElement(name), { className, textContent: text });
  }

  function start(area) {
    const data = JSON.parse(document.getElementById(area.dataset.chart).textContent);
    const format = timeFormat(data.step, data.step * data.count);
    const clock = (index) => format.format(new Date((data.start + index * data.step) * 1000));
    let parts = [], at = data.count - 1, from = null, brush = null;

    function leave() {
      for (const part of parts) part.remove();
      parts = [];
    }

    function add(part) {
      parts.push(area.appendChild(part));
      return part;
    }

    function row(region) {
      const found = region.buckets[at];
      const line = element("tr", "");
      const head = line.appendChild(element("th", ""));
      head.append(element("span", region.key, "●"), ` ${region.name}`);
      const cells = found ? [milliseconds(found[0]), milliseconds(found[1]), found[2]] : ["", "", "no run"];
      for (const text of cells) line.append(element("td", "", text));
      return line;
    }

    function read(index) {
      leave();
      at = Math.max(0, Math.min(data.count - 1, index));
      const x = ((at + 0.5) / data.count) * area.clientWidth;
      add(element("div", "cross")).style.left = `${x}px`;
      for (const region of data.regions) {
        const p50 = region.buckets[at]?.[0];
        if (p50 == null) continue;
        const dot = add(element("div", `cross-dot ${region.key}`));
        dot.style.left = `${x}px`;
        dot.style.top = `${((BOTTOM - ((BOTTOM - TOP) * p50) / data.top) / HEIGHT) * area.clientHeight}px`;
      }
      const card = add(element("div", "cross-card"));
      card.append(element("b", "", `${clock(at)} to ${clock(at + 1)}`));
      const table = card.appendChild(element("table", ""));
      const head = table.appendChild(element("tr", ""));
      for (const word of ["", "p50", "p95", "runs"]) head.append(element("th", "", word));
      for (const region of data.regions) table.append(row(region));
      card.style.left = `${x > area.clientWidth / 2 ? x - card.offsetWidth - 14 : x + 14}px`;
      area.setAttribute("aria-description", card.innerText);
    }

    const place = (event) => ((event.clientX - area.getBoundingClientRect().left) / area.clientWidth) * data.count;

    function drag(to) {
      brush?.remove();
      const low = Math.max(0, Math.floor(Math.min(from, to))), high = Math.min(data.count, Math.ceil(Math.max(from, to)));
      brush = area.appendChild(element("div", "brush"));
      brush.style.left = `${(low / data.count) * 100}%`;
      brush.style.width = `${((high - low) / data.count) * 100}%`;
      return [low, high];
    }

    function zoomLink(low, high) {
      const query = new URLSearchParams(location.search);
      for (const name of ["range", "day", "around", "before"]) query.delete(name);
      const time = (index) => new Date((data.start + index * data.step) * 1000).toISOString();
      query.set("since", time(low));
      query.set("until", time(high));
      const link = element("a", "btn btn-sm", `Zoom to ${clock(low)}–${clock(high)}`);
      link.href = `?${query}`;
      return link;
    }

    area.addEventListener("pointermove", (event) => {
      if (from === null) return read(Math.floor(place(event)));
      leave();
      drag(place(event));
    });
    area.addEventListener("pointerleave", () => from === null && leave());
    area.addEventListener("pointerdown", (event) => {
      if (event.button || event.target.closest("a")) return;
      from = place(event);
      area.setPointerCapture(event.pointerId);
    });
    area.addEventListener("pointerup", (event) => {
      if (from === null) return;
      const [low, high] = drag(place(event));
      from = null;
      if (high - low < MIN_DRAG) brush.remove();
      else brush.append(zoomLink(low, high));
    });
    area.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (event.key === "Escape") {
        leave();
        brush?.remove();
      }
      if (!step) return;
      event.preventDefault();
      read(parts.length ? at + step : at);
    });
    area.addEventListener("blur", leave);
    area.isInUse = () => parts.length > 0 || from !== null || Boolean(brush?.isConnected);
  }

  function startAll(root) {
    for (const area of root.querySelectorAll(".plot-area[data-chart]")) start(area);
  }

  // The ninety days are one stop for the Tab key; the arrow keys walk through them.
  document.addEventListener("keydown", (event) => {
    const day = event.target.closest?.(".day");
    const step = { ArrowLeft: "previousElementSibling", ArrowRight: "nextElementSibling" }[event.key];
    const next = day && step && day.parentElement[step]?.firstElementChild;
    if (!next) return;
    event.preventDefault();
    day.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });

  startAll(document);
  document.addEventListener("htmx:afterSwap", () => {
    for (const area of document.querySelectorAll(".plot-area[data-chart]")) if (!area.isInUse) start(area);
  });
  // What somebody reads or marks in the chart is not taken away.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const area = event.detail.target.querySelector?.(".plot-area");
    if (area?.isInUse?.()) event.detail.shouldSwap = false;
  });
})();
