// The DOM standard's Event, EventTarget, AbortController and AbortSignal, without parents of targets.
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

        stopPropagation () { /* There are no parents. */ }

        stopImmediatePropagation () { stopped.add(this); }
    }

    class EventTarget {
        #listeners = [];

        addEventListener (type, listener, options = {}) {
            if (!listener || this.#listeners.some((known) => { return known.type === type && known.listener === listener; })) {
                return;
            }
            this.#listeners.push({ type: String(type), listener: listener, once: Boolean(options.once) });
        }

        removeEventListener (type, listener) {
            this.#listeners = this.#listeners.filter((known) => {
                return known.type !== type || known.listener !== listener;
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

    const INTERNAL = Symbol('internal');

    let abortSignal;

    class AbortSignal extends EventTarget {
        #reason;
        #aborted = false;
        onabort = null;

        constructor (token) {
            super();
            if (token !== INTERNAL) { throw new TypeError('Illegal constructor'); }
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
            const signal = new AbortSignal(INTERNAL);

            abortSignal(signal, reason);

            return signal;
        }

        static any (signals) {
            const either = new AbortSignal(INTERNAL);

            for (const signal of signals) {
                const abort = () => { abortSignal(either, signal.reason); };

                if (signal.aborted) { abort(); }
                else { signal.addEventListener('abort', abort); }
            }

            return either;
        }
    }

    class AbortController {
        #signal = new AbortSignal(INTERNAL);

        get signal () { return this.#signal; }

        abort (reason) { abortSignal(this.#signal, reason); }
    }

    host.define({ Event, EventTarget, AbortSignal, AbortController });
}
