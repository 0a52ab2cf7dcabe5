// The sources of the run's scripts, and where in them a stack's frame stands. Globals may hold functions of earlier
// scripts: a frame belongs to the source that has its function's text at its function's place.
(host) => {
    const SCRIPT_FILE = '<input>',
        // The bundle wraps a script in an async function: its own first line is the wrapper's fifth.
        LINES_BEFORE_SCRIPT = 4,
        INDENT_OF_FIRST_LINE = 20,
        END_OF_WRAPPER = '                ;}',
        MOST_SOURCES = 20,
        MOST_CHARACTERS = 200000, // of a source that is parsed for the sake of an error's words
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
            this.owners = new WeakMap(); // function -> whether it is of this source
        }

        get lineStarts () {
            return this.#starts ??= [0, ...Array.from(this.text.matchAll(LINE_END), (end) => {
                return end.index + end[0].length;
            })];
        }

        parse () {
            if (this.#tree !== undefined) { return; }
            this.#tree = null;
            if (this.text.length > MOST_CHARACTERS) { return; }
            try { this.#tree = parse(this.text, OPTIONS); }
            catch (error) { this.#problem = error; }
        }

        // ESTree's Program; null for what cannot be parsed.
        get tree () {
            this.parse();

            return this.#tree;
        }

        get problem () {
            this.parse();

            return this.#problem;
        }

        // A place that counts lines of the wrapped script, and columns in bytes of UTF-8, as an index in the text.
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

        // Whether a frame's function is of this source: its text is there, around the frame's place or from its own.
        owns (site, owner) {
            let owned = this.owners.get(owner);

            if (owned === undefined) {
                owned = this.#holds(call(functionText, owner), site, owner);
                this.owners.set(owner, owned);
            }

            return owned;
        }

        #holds (text, site, { lineNumber, columnNumber }) {
            if (lineNumber < LINES_BEFORE_SCRIPT + 1) { // the wrapper itself
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

    const recent = []; // the latest last

    host.keepSource = (exec) => {
        const text = (Array.isArray(exec) ? exec.join('\n') : String(exec)).replaceAll('\r\n', '\n'),
            at = recent.findIndex((one) => { return one.text === text; });

        current = at === -1 ? new Source(text) : recent.splice(at, 1)[0];
        recent.push(current);
        if (recent.length > MOST_SOURCES) { recent.shift(); }
    };

    host.currentSource = () => { return current; };

    function sourceOf (site) {
        if (!site || site.isNative() || site.getFileName() !== SCRIPT_FILE) { return null; }
        const owner = site.getFunction();

        if (typeof owner !== 'function') { return null; }


        return recent.findLast((one) => { return one.owns(site, owner); }) || null;
    }

    // The source and the index in its text; null for a frame of no script's own text.
    host.placeOf = (site) => {
        const source = sourceOf(site),
            offset = source ? source.offset(site.getLineNumber(), site.getColumnNumber()) : -1;

        return offset < 0 ? null : { source, offset };
    };

    // An error of syntax in the script itself, which has no function yet; one in what it hands to `eval` is below its own
    // frames.
    function isOfScript (error, sites) {
        return error instanceof SyntaxError && sites[0]?.getFileName() === SCRIPT_FILE && !sites.some(sourceOf);
    }

    // The line of the script that runs where its own code was when the error came into being.
    host.lineOf = (error, sites) => {
        const own = isOfScript(error, sites) ? sites[0] : sites.find((site) => { return sourceOf(site) === current; });

        return own ? current.line(own.getLineNumber()) : null;
    };

    // The offset is -1 where the engine names a place outside of the source.
    host.placeOfSyntax = (error, sites) => {
        if (!isOfScript(error, sites)) { return null; }

        return { source: current, offset: current.offset(sites[0].getLineNumber(), sites[0].getColumnNumber()) };
    };
}
