// JSON.parse with V8's messages: the engine's own says neither what nor where.
(host) => {
    const parseNatively = JSON.parse,
        SPECIAL = ['[object Object]', 'Infinity', 'undefined', 'NaN'],
        CONTEXT = 10;

    class Flaw {
        constructor (words, position) {
            this.words = position === undefined ? words : `${words} in JSON at position ${position}`;
        }
    }

    // Reads JSON text as V8 does, and throws a Flaw at the first thing that is wrong.
    class Reader {
        constructor (text) {
            this.text = text;
            this.at = 0;
        }

        skipSpace () {
            while (' \t\n\r'.includes(this.text[this.at] || 'x')) { this.at++; }

            return this.text[this.at];
        }

        unexpected () {
            const { text, at } = this,
                found = text[at];

            if (found === undefined) { throw new Flaw('Unexpected end of JSON input'); }
            if (SPECIAL.includes(text)) { throw new Flaw(`"${text}" is not valid JSON`); }
            if (/[-\d]/.test(found)) { throw new Flaw('Unexpected number', at); }
            if (found === '"') { throw new Flaw('Unexpected string', at); }

            const cut = text.length > 2 * CONTEXT,
                start = cut && at >= CONTEXT ? at - CONTEXT : 0,
                end = cut && at < text.length - CONTEXT ? at + CONTEXT : text.length;

            throw new Flaw(`Unexpected token '${found}', ${start ? '...' : ''}"${text.slice(start, end)}"` +
                `${end < text.length ? '...' : ''} is not valid JSON`);
        }

        document () {
            this.value();
            if (this.skipSpace() !== undefined) {
                throw new Flaw(`Unexpected non-whitespace character after JSON at position ${this.at}`);
            }
        }

        value () {
            const first = this.skipSpace();

            if (first === '{') { this.object(); }
            else if (first === '[') { this.array(); }
            else if (first === '"') { this.string(); }
            else if (/[-\d]/.test(first)) { this.number(); }
            else { this.literal({ t: 'true', f: 'false', n: 'null' }[first]); }
        }

        literal (word = '') {
            for (const letter of word) {
                if (this.text[this.at] !== letter) { this.unexpected(); }
                this.at++;
            }
            if (!word) { this.unexpected(); }
        }

        object () {
            this.at++;
            if (this.skipSpace() === '}') {
                this.at++;

                return;
            }
            if (this.text[this.at] !== '"') { throw new Flaw("Expected property name or '}'", this.at); }
            for (;;) {
                this.string();
                if (this.skipSpace() !== ':') { throw new Flaw("Expected ':' after property name", this.at); }
                this.at++;
                this.value();
                if (!this.goesOn('}', "Expected ',' or '}' after property value")) { return; }
                if (this.skipSpace() !== '"') { throw new Flaw('Expected double-quoted property name', this.at); }
            }
        }

        array () {
            this.at++;
            if (this.skipSpace() === ']') {
                this.at++;

                return;
            }
            do { this.value(); } while (this.goesOn(']', "Expected ',' or ']' after array element"));
        }

        goesOn (close, complaint) {
            const next = this.skipSpace();

            if (next !== ',' && next !== close) { throw new Flaw(complaint, this.at); }
            this.at++;

            return next === ',';
        }

        string () {
            for (this.at++; this.text[this.at] !== '"'; this.at++) {
                const character = this.text[this.at];

                if (character === undefined) { throw new Flaw('Unterminated string', this.at); }
                if (character < ' ') { throw new Flaw('Bad control character in string literal', this.at); }
                if (character === '\\') { this.escape(); }
            }
            this.at++;
        }

        escape () {
            const escaped = this.text[++this.at];

            if (escaped === undefined) { throw new Flaw('Unterminated string', this.at); }
            if (!'"\\/bfnrtu'.includes(escaped)) { throw new Flaw('Bad escaped character', this.at); }
            for (let i = 0; escaped === 'u' && i < 4; i++) {
                if (!/[\da-f]/i.test(this.text[++this.at] || '')) { throw new Flaw('Bad Unicode escape', this.at); }
            }
        }

        digits (complaint) {
            if (!/\d/.test(this.text[this.at] || '')) { throw new Flaw(complaint, this.at); }
            while (/\d/.test(this.text[this.at] || '')) { this.at++; }
        }

        number () {
            if (this.text[this.at] === '-') { this.at++; }
            if (this.text[this.at] === '0') {
                this.at++;
                if (/\d/.test(this.text[this.at] || '')) { throw new Flaw('Unexpected number', this.at); }
            }
            else { this.digits('No number after minus sign'); }
            if (this.text[this.at] === '.') {
                this.at++;
                this.digits('Unterminated fractional number');
            }
            if (/[eE]/.test(this.text[this.at] || '')) {
                this.at += /[+-]/.test(this.text[this.at + 1] || '') ? 2 : 1;
                this.digits('Exponent part is missing a number');
            }
        }
    }

    function flawOf (text) {
        try { new Reader(text).document(); }
        catch (flaw) { return flaw instanceof Flaw ? flaw.words : null; }

        return null; // the text is sound: a reviver threw
    }

    Object.defineProperty(JSON, 'parse', {
        value: function parse (text, reviver) {
            try { return parseNatively(text, reviver); }
            catch (error) {
                const words = error instanceof SyntaxError && flawOf(String(text));

                if (words) { host.setMessage(error, words); }
                throw error;
            }
        },
        configurable: true,
        enumerable: false,
        writable: true
    });
}
