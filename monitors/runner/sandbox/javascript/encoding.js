// The WHATWG's TextEncoder and TextDecoder, for the encodings that need no tables. Python converts UTF-8. Bytes are
// passed as hexadecimal digits, and text is passed to Python as JSON, which can hold any string.
(host) => {
    const { utf8Bytes, utf8Text } = host,
        toJSON = JSON.stringify,
        LABELS = {
            'utf-8': 'utf-8', 'utf8': 'utf-8', 'unicode-1-1-utf-8': 'utf-8',
            'utf-16': 'utf-16le', 'utf-16le': 'utf-16le',
            'ascii': 'latin1', 'us-ascii': 'latin1', 'iso-8859-1': 'latin1', 'latin1': 'latin1', 'windows-1252': 'latin1'
        };

    function encode (text) {
        return Uint8Array.fromHex(utf8Bytes(toJSON(text.toWellFormed())));
    }

    function decodeUtf8 (bytes, fatal = false) {
        const text = utf8Text(bytes.toHex(), fatal);

        if (text === null) { throw new TypeError('The encoded data was not valid for encoding utf-8'); }

        return text;
    }

    function bytesOf (source) {
        if (source === undefined) { return new Uint8Array(0); }
        if (ArrayBuffer.isView(source)) {
            return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
        }

        return new Uint8Array(source);
    }

    function fromCharCodes (units) {
        let text = '';

        for (let i = 0; i < units.length; i += 4096) {
            text += String.fromCharCode.apply(null, units.slice(i, i + 4096));
        }

        return text;
    }

    function decodeUtf16 (bytes) {
        const units = [];

        for (let i = 0; i + 1 < bytes.length; i += 2) { units.push(bytes[i] | bytes[i + 1] << 8); }

        return fromCharCodes(units).toWellFormed();
    }

    class TextEncoder {
        get encoding () { return 'utf-8'; }

        encode (text = '') { return encode(String(text)); }

        encodeInto (text, target) {
            let read = 0,
                written = 0;

            for (const character of String(text)) {
                const bytes = encode(character);

                if (written + bytes.length > target.length) { break; }
                target.set(bytes, written);
                written += bytes.length;
                read += character.length;
            }

            return { read, written };
        }
    }

    class TextDecoder {
        #encoding;
        #fatal;
        #ignoreBOM;

        constructor (label = 'utf-8', { fatal = false, ignoreBOM = false } = {}) {
            this.#encoding = LABELS[String(label).trim().toLowerCase()];
            if (!this.#encoding) { throw new RangeError(`The "${label}" encoding is not supported`); }
            this.#fatal = Boolean(fatal);
            this.#ignoreBOM = Boolean(ignoreBOM);
        }

        get encoding () { return this.#encoding === 'latin1' ? 'windows-1252' : this.#encoding; }

        get fatal () { return this.#fatal; }

        get ignoreBOM () { return this.#ignoreBOM; }

        decode (source) {
            const bytes = bytesOf(source);

            if (this.#encoding === 'latin1') { return fromCharCodes(Array.from(bytes)); }

            const text = this.#encoding === 'utf-8' ? decodeUtf8(bytes, this.#fatal) : decodeUtf16(bytes);

            return !this.#ignoreBOM && text.charCodeAt(0) === 0xFEFF ? text.slice(1) : text;
        }
    }

    // Newman's atob and btoa use Node's Buffer, which is more lenient than the web's functions: it truncates characters
    // to one byte, ignores characters that are not base64, and reads the URL alphabet too.
    const strict = { atob, btoa };

    function lenientBtoa (value) {
        return strict.btoa(value.toString().replace(/[^\x00-\xff]/g, (character) => {
            return String.fromCharCode(character.charCodeAt(0) & 0xFF);
        }));
    }

    function lenientAtob (text) {
        if (typeof text !== 'string') {
            throw new TypeError('The first argument must be one of type string, Buffer, ArrayBuffer, Array, or ' +
                `Array-like Object. Received type ${typeof text}`);
        }
        const letters = text.replace(/-/g, '+').replace(/_/g, '/').replace(/=[^]*$|[^A-Za-z0-9+/]/g, '');

        return strict.atob(letters.length % 4 === 1 ? letters.slice(0, -1) : letters);
    }

    Object.assign(host, { encode, bytesOf, decodeUtf8 });
    host.define({ TextEncoder, TextDecoder, atob: lenientAtob, btoa: lenientBtoa });
}
