// JSON.parse with V8's messages, which name the unexpected text and its position.
(host) => {
    const parseNatively = JSON.parse,
        SPECIAL = ['[object Object]', 'Infinity', 'undefined', 'NaN'],
        CONTEXT = 10;

    class JsonError {
        constructor (text, position) {
            this.message = position === undefined ? text : `${text} in JSON at position ${position}`;
        }
    }

    // Reads JSON text like V8, and throws a JsonError at the first error.
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

            if (found === undefined) { throw new JsonError('Unexpected end of JSON input'); }
            if (SPECIAL.includes(text)) { throw new JsonError(`"${text}" is not valid JSON`); }
            if (/[-\d]/.test(found)) { throw new JsonError('Unexpected number', at); }
            if (found === '"') { throw new JsonError('Unexpected string', at); }

            const cut = text.length > 2 * CONTEXT,
                start = cut && at >= CONTEXT ? at - CONTEXT : 0,
                end = cut && at < text.length - CONTEXT ? at + CONTEXT : text.length;

            throw new JsonError(`Unexpected token '${found}', ${start ? '...' : ''}"${text.slice(start, end)}"` +
                `${end < text.length ? '...' : ''} is not valid JSON`);
        }

        document () {
            this.value();
            if (this.skipSpace() !== undefined) {
                throw new JsonError(`Unexpected non-whitespace character after JSON at position ${this.at}`);
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
            if (this.text[this.at] !== '"') { throw new JsonError("Expected property name or '}'", this.at); }
            for (;;) {
                this.string();
                if (this.skipSpace() !== ':') { throw new JsonError("Expected ':' after property name", this.at); }
                this.at++;
                this.value();
                if (!this.continues('}', "Expected ',' or '}' after property value")) { return; }
                if (this.skipSpace() !== '"') { throw new JsonError('Expected double-quoted property name', this.at); }
            }
        }

        array () {
            this.at++;
            if (this.skipSpace() === ']') {
                this.at++;

                return;
            }
            do { this.value(); } while (this.continues(']', "Expected ',' or ']' after array element"));
        }

        continues (close, message) {
            const next = this.skipSpace();

            if (next !== ',' && next !== close) { throw new JsonError(message, this.at); }
            this.at++;

            return next === ',';
        }

        string () {
            for (this.at++; this.text[this.at] !== '"'; this.at++) {
                const character = this.text[this.at];

                if (character === undefined) { throw new JsonError('Unterminated string', this.at); }
                if (character < ' ') { throw new JsonError('Bad control character in string literal', this.at); }
                if (character === '\\') { this.escape(); }
            }
            this.at++;
        }

        escape () {
            const escaped = this.text[++this.at];

            if (escaped === undefined) { throw new JsonError('Unterminated string', this.at); }
            if (!'"\\/bfnrtu'.includes(escaped)) { throw new JsonError('Bad escaped character', this.at); }
            for (let i = 0; escaped === 'u' && i < 4; i++) {
                if (!/[\da-f]/i.test(this.text[++this.at] || '')) { throw new JsonError('Bad Unicode escape', this.at); }
            }
        }

        digits (message) {
            if (!/\d/.test(this.text[this.at] || '')) { throw new JsonError(message, this.at); }
            while (/\d/.test(this.text[this.at] || '')) { this.at++; }
        }

        number () {
            if (this.text[this.at] === '-') { this.at++; }
            if (this.text[this.at] === '0') {
                this.at++;
                if (/\d/.test(this.text[this.at] || '')) { throw new JsonError('Unexpected number', this.at); }
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

    function errorIn (text) {
        try { new Reader(text).document(); }
        catch (error) { return error instanceof JsonError ? error.message : null; }

        return null; // The text is valid, so a reviver has thrown.
    }

    Object.defineProperty(JSON, 'parse', {
        value: function parse (text, reviver) {
            try { return parseNatively(text, reviver); }
            catch (error) {
                const message = error instanceof SyntaxError && errorIn(String(text));

                if (message) { host.setMessage(error, message); }
                throw error;
            }
        },
        configurable: true,
        enumerable: false,
        writable: true
    });
}
