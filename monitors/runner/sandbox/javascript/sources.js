// The sources of the run's scripts, and the places of stack frames in them. Globals may hold functions of earlier
// scripts, so a frame belongs to the source that contains its function's text at its function's place.
(host) => {
    const SCRIPT_FILE = '<input>',
        // The bundle wraps a script in an async function: the script's first line is the fifth of the wrapper.
        LINES_BEFORE_SCRIPT = 4,
        INDENT_OF_FIRST_LINE = 20,
        END_OF_WRAPPER = '                ;}',
        MAX_SOURCES = 20,
        MAX_CHARACTERS = 200000, // of a source that is parsed to word an error
        LINE_END = /\r\n|[\n\r\u2028\u2029]/g,
        functionText = Function.prototype.toString,
        call = Function.prototype.call.bind(Function.prototype.call),
        { parse } = host.acorn,
        OPTIONS = {
            ecmaVersion: 'latest', sourceType: 'script', allowAwaitOutsideFunction: true, allowReturnOutsideFunction: true
        };

    class Source {
        #tree;
        #problem = null;
        #starts = null;

        constructor (text) {
            this.text = text;
            this.owners = new WeakMap(); // function -> whether this source contains it
        }

        get lineStarts () {
            return this.#starts ??= [0, ...Array.from(this.text.matchAll(LINE_END), (end) => {
                return end.index + end[0].length;
            })];
        }

        parse () {
            if (this.#tree !== undefined) { return; }
            this.#tree = null;
            if (this.text.length > MAX_CHARACTERS) { return; }
            try { this.#tree = parse(this.text, OPTIONS); }
            catch (error) { this.#problem = error; }
        }

        // The ESTree Program; null for a source that cannot be parsed.
        get tree () {
            this.parse();

            return this.#tree;
        }

        get problem () {
            this.parse();

            return this.#problem;
        }

        // The index in the text of a line of the wrapped script and a column in bytes of UTF-8.
        offset (line, column) {
            const index = line - 1 - LINES_BEFORE_SCRIPT,
                start = this.lineStarts[index],
                bytes = column - 1 - (index === 0 ? INDENT_OF_FIRST_LINE : 0);

            if (start === undefined || bytes < -1) { return -1; }
            const text = this.text.slice(start, this.lineStarts[index + 1]);

            return start + (/^[\x00-\x7f]*$/.test(text) ? bytes : host.decodeUtf8(host.encode(text).slice(0, Math.max(bytes, 0))).length);
        }

        line (wrapped) {
            const line = wrapped - LINES_BEFORE_SCRIPT;

            return line >= 1 && line <= this.lineStarts.length ? line : null;
        }

        // Whether this source contains a frame's function: its text surrounds the frame's place or its own place.
        owns (site, owner) {
            let owned = this.owners.get(owner);

            if (owned === undefined) {
                owned = this.#holds(call(functionText, owner), site, owner);
                this.owners.set(owner, owned);
            }

            return owned;
        }

        #holds (text, site, { lineNumber, columnNumber }) {
            if (lineNumber < LINES_BEFORE_SCRIPT + 1) { // The wrapper itself.
                return text.startsWith('async(') && text.endsWith(`;\n${' '.repeat(INDENT_OF_FIRST_LINE)}${this.text}\n${END_OF_WRAPPER}`);
            }

            return [this.offset(site.getLineNumber(), site.getColumnNumber()), this.offset(lineNumber, columnNumber)]
                .some((place) => {
                    const start = place < 0 ? -1 : this.text.lastIndexOf(text, place);

                    return start >= 0 && place < start + text.length;
                });
        }
    }

    let current = new Source('');

    const recent = []; // the latest source last

    host.addSource = (exec) => {
        const text = (Array.isArray(exec) ? exec.join('\n') : String(exec)).replaceAll('\r\n', '\n'),
            index = recent.findIndex((source) => { return source.text === text; });

        current = index === -1 ? new Source(text) : recent.splice(index, 1)[0];
        recent.push(current);
        if (recent.length > MAX_SOURCES) { recent.shift(); }
    };

    host.currentSource = () => { return current; };

    function sourceOf (site) {
        if (!site || site.isNative() || site.getFileName() !== SCRIPT_FILE) { return null; }
        const owner = site.getFunction();

        if (typeof owner !== 'function') { return null; }

        return recent.findLast((source) => { return source.owns(site, owner); }) || null;
    }

    // The source of a frame and the index in its text; null for a frame outside of all scripts.
    host.placeOf = (site) => {
        const source = sourceOf(site),
            offset = source ? source.offset(site.getLineNumber(), site.getColumnNumber()) : -1;

        return offset < 0 ? null : { source, offset };
    };

    // Whether it is a syntax error of the script itself, which has no function yet. A syntax error in `eval` has frames
    // of the script above it.
    function isOfScript (error, sites) {
        return error instanceof SyntaxError && sites[0]?.getFileName() === SCRIPT_FILE && !sites.some(sourceOf);
    }

    // The line of the running script at which its own code was when the error was created.
    host.lineOf = (error, sites) => {
        const own = isOfScript(error, sites) ? sites[0] : sites.find((site) => { return sourceOf(site) === current; });

        return own ? current.line(own.getLineNumber()) : null;
    };

    // The place of a syntax error. The offset is -1 when the engine reports a place outside of the source.
    host.placeOfSyntax = (error, sites) => {
        if (!isOfScript(error, sites)) { return null; }

        return { source: current, offset: current.offset(sites[0].getLineNumber(), sites[0].getColumnNumber()) };
    };
}
