// Event, EventTarget, AbortController and AbortSignal of the DOM standard, without a tree of targets.
(host) => {
    const stopped = new WeakSet();

    class Event {
        #type;
        #cancelable;
        #prevented = false;
        target = null;
        currentTarget = null;
        timeStamp = Date.now();

        constructor (type, { cancelable = false } = {}) {
            if (!arguments.length) { throw new TypeError('The "type" argument must be specified'); }
            this.#type = String(type);
            this.#cancelable = Boolean(cancelable);
        }

        get type () { return this.#type; }

        get cancelable () { return this.#cancelable; }

        get defaultPrevented () { return this.#prevented; }

        preventDefault () { this.#prevented = this.#cancelable; }

        stopPropagation () { /* there is no tree to climb */ }

        stopImmediatePropagation () { stopped.add(this); }
    }

    class EventTarget {
        #listeners = [];

        addEventListener (type, listener, options = {}) {
            if (!listener || this.#listeners.some((one) => { return one.type === type && one.listener === listener; })) {
                return;
            }
            this.#listeners.push({ type: String(type), listener: listener, once: Boolean(options.once) });
        }

        removeEventListener (type, listener) {
            this.#listeners = this.#listeners.filter((one) => {
                return one.type !== type || one.listener !== listener;
            });
        }

        dispatchEvent (event) {
            event.target = event.currentTarget = this;
            for (const { type, listener, once } of this.#listeners.slice()) {
                if (type !== event.type) { continue; }
                if (once) { this.removeEventListener(type, listener); }
                try { typeof listener === 'function' ? listener.call(this, event) : listener.handleEvent(event); }
                catch (error) { host.uncaught(error); }
                if (stopped.has(event)) { break; }
            }

            return !event.defaultPrevented;
        }
    }

    const PERMISSION = Symbol('permission to construct');

    let abortSignal;

    class AbortSignal extends EventTarget {
        #reason;
        #aborted = false;
        onabort = null;

        constructor (permission) {
            super();
            if (permission !== PERMISSION) { throw new TypeError('Illegal constructor'); }
        }

        get aborted () { return this.#aborted; }

        get reason () { return this.#reason; }

        throwIfAborted () {
            if (this.#aborted) { throw this.#reason; }
        }

        static {
            abortSignal = (signal, reason = new DOMException('This operation was aborted', 'AbortError')) => {
                if (signal.#aborted) { return; }
                signal.#aborted = true;
                signal.#reason = reason;

                const event = new Event('abort');

                if (typeof signal.onabort === 'function') { signal.onabort(event); }
                signal.dispatchEvent(event);
            };
        }

        static abort (reason) {
            const signal = new AbortSignal(PERMISSION);

            abortSignal(signal, reason);

            return signal;
        }

        static any (signals) {
            const either = new AbortSignal(PERMISSION);

            for (const signal of signals) {
                const abort = () => { abortSignal(either, signal.reason); };

                if (signal.aborted) { abort(); }
                else { signal.addEventListener('abort', abort); }
            }

            return either;
        }
    }

    class AbortController {
        #signal = new AbortSignal(PERMISSION);

        get signal () { return this.#signal; }

        abort (reason) { abortSignal(this.#signal, reason); }
    }

    host.define({ Event, EventTarget, AbortSignal, AbortController });
}
