// Timers and the event loop. Python calls `tick` for each callback, and runs the microtasks between two callbacks.
(host) => {
    const MAX_DELAY = 2 ** 31 - 1,
        now = performance.now.bind(performance),
        scheduled = []; // by due time, then by id

    let immediates = [],
        turn = [], // timers that are left to call in this turn of the loop
        lastId = 0;

    const active = new Map();

    function insert (timer) {
        let low = 0,
            high = scheduled.length;

        while (low < high) {
            const middle = (low + high) >>> 1;

            if (scheduled[middle].due <= timer.due) { low = middle + 1; }
            else { high = middle; }
        }
        scheduled.splice(low, 0, timer);
    }

    function setTimer (callback, delay, args, repeats) {
        if (typeof callback !== 'function') {
            throw new TypeError('The "callback" argument must be of type function.');
        }

        const wait = Number(delay),
            period = wait >= 1 && wait <= MAX_DELAY ? Math.trunc(wait) : 1,
            timer = { id: ++lastId, due: now() + period, period: repeats ? period : null, callback, args };

        active.set(timer.id, timer);
        insert(timer);

        return timer.id;
    }

    function clear (id) {
        const timer = active.get(Number(id));

        if (!timer) { return; }
        timer.callback = null;
        active.delete(timer.id);
    }

    function nextTurn () {
        const time = now(),
            due = scheduled.findIndex((timer) => { return timer.due > time; }),
            timers = scheduled.splice(0, due === -1 ? scheduled.length : due);

        turn = timers.concat(immediates);
        immediates = [];
    }

    function call (timer) {
        const { callback, args } = timer;

        if (!callback) { return; }
        if (timer.period === null) { active.delete(timer.id); }
        try { callback(...args); }
        catch (error) { host.uncaught(error); }
        if (timer.period !== null && timer.callback) {
            timer.due = now() + timer.period;
            insert(timer);
        }
    }

    function delay () {
        if (turn.length || immediates.length) { return 0; }
        while (scheduled.length && !scheduled[0].callback) { scheduled.shift(); }
        if (!scheduled.length) { return -1; }

        return Math.max(0, Math.ceil(scheduled[0].due - now()));
    }

    // Calls at most one callback. Returns the milliseconds until the next one is due; -1 when there is none.
    host.tick = () => {
        if (!turn.length) { nextTurn(); }
        if (turn.length) { call(turn.shift()); }

        return delay();
    };

    Object.assign(globalThis, {
        setTimeout: (callback, wait, ...args) => { return setTimer(callback, wait, args, false); },
        setInterval: (callback, wait, ...args) => { return setTimer(callback, wait, args, true); },
        setImmediate: (callback, ...args) => {
            const timer = { id: ++lastId, period: null, callback, args };

            active.set(timer.id, timer);
            immediates.push(timer);

            return timer.id;
        },
        clearTimeout: clear,
        clearInterval: clear,
        clearImmediate: clear
    });
}
