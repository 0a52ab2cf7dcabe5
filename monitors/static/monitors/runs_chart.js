// The last runs of a monitor: response time above, failed tests and errors below, one bar a run.
"use strict";
(() => {
  function colors() {
    const probe = document.createElement("span");
    document.body.append(probe);
    const resolve = (token) => {
      probe.style.color = `var(--${token})`;
      return getComputedStyle(probe).color;
    };
    const found = {
      successful: resolve("ok-fill"), failure: resolve("fail-fill"), error: resolve("error-fill"),
      abort: resolve("abort-fill"), system_error: resolve("idle"), ink: resolve("ink-3"), line: resolve("line"),
    };
    probe.remove();
    return found;
  }

  // One canvas path for each color: uPlot draws a series in one.
  function bars(runs, field, color) {
    const results = [...new Set(runs.map((run) => run.result))];
    return results.map((result) => ({
      values: runs.map((run) => (run.result === result ? run[field] : null)),
      series: {
        fill: color[result], stroke: color[result], width: 0, points: { show: false },
        scale: field, paths: uPlot.paths.bars({ size: [0.7, 14], radius: 0.15 }),
      },
    }));
  }

  function milliseconds(value) {
    return value >= 1000 ? `${+(value / 1000).toFixed(1)} s` : `${value} ms`;
  }

  function moment(run) {
    return new Date(run.at * 1000).toLocaleString("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  }

  function options(runs, color, series, box) {
    const slowest = Math.max(...runs.map((run) => run.ms), 1);
    const worst = Math.max(...runs.map((run) => run.failed), 1);
    const axis = { stroke: color.ink, ticks: { show: false }, font: "12px system-ui", size: 60 };
    return {
      width: box.clientWidth,
      height: 200,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
      scales: {
        x: { time: false, range: [-0.7, Math.max(runs.length, 30) - 0.3] },
        // Response time fills the upper three quarters; failures hang below the line.
        ms: { range: [-slowest * 0.35, slowest * 1.05] },
        failed: { range: [-worst * 1.05, worst * 3.15] },
      },
      axes: [
        { ...axis, size: 28, grid: { show: false }, splits: ticks(runs, box.clientWidth), values: (_, at) => at.map((index) => (runs[index] ? moment(runs[index]) : "")) },
        { ...axis, scale: "ms", grid: { stroke: color.line, width: 1 }, splits: (plot) => rounded(slowest), values: (_, at) => at.map(milliseconds) },
      ],
      series: [{}, ...series],
    };
  }

  // As many times as fit, the first one clear of the axis at the left.
  function ticks(runs, width) {
    const step = Math.max(1, Math.ceil((Math.max(runs.length, 30) * 120) / (width - 60)));
    return () => runs.map((_, index) => index).filter((index) => index % step === Math.floor(step / 2) && index + step / 2 <= runs.length);
  }

  function rounded(slowest) {
    const rough = slowest / 3;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = Math.max(1, [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough));
    return [0, 1, 2, 3].map((index) => index * step).filter((value) => value <= slowest * 1.05);
  }

  function draw(box) {
    const runs = JSON.parse(document.getElementById(box.dataset.chart).textContent);
    const color = colors();
    const above = bars(runs, "ms", color);
    const below = bars(runs.map((run) => ({ ...run, failed: -run.failed || null })), "failed", color);
    const series = [...above, ...below];
    box.replaceChildren();
    const plot = new uPlot(
      options(runs, color, series.map((one) => one.series), box),
      [runs.map((_, index) => index), ...series.map((one) => one.values)],
      box,
    );
    follow(box, plot, runs);
    return plot;
  }

  // Hovering shows the numbers, a click opens the run.
  function follow(box, plot, runs) {
    const words = document.createElement("div");
    words.className = "chart-words";
    words.hidden = true;
    box.append(words);
    plot.over.addEventListener("mousemove", () => {
      const run = runs[plot.cursor.idx];
      words.hidden = !run;
      plot.over.style.cursor = run ? "pointer" : "";
      if (!run) return;
      words.textContent = `${moment(run)} · ${milliseconds(run.ms)}${run.failed ? ` · ${run.failed} failed` : ""}`;
    });
    plot.over.addEventListener("mouseleave", () => { words.hidden = true; });
    plot.over.addEventListener("click", () => {
      const run = runs[plot.cursor.idx];
      if (run) window.location = run.url;
    });
  }

  function drawAll() {
    for (const box of document.querySelectorAll("[data-chart]")) draw(box);
  }

  drawAll();
  document.addEventListener("htmx:afterSettle", drawAll);
  window.addEventListener("resize", drawAll);
  new MutationObserver(drawAll).observe(document.documentElement, { attributeFilter: ["data-theme"] });
})();
