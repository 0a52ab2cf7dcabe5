// TextEncoder and TextDecoder of the WHATWG, for the encodings that need no tables.
(host) => {
    const LABELS = {
        'utf-8': 'utf-8', 'utf8': 'utf-8', 'unicode-1-1-utf-8': 'utf-8',
        'utf-16': 'utf-16le', 'utf-16le': 'utf-16le',
        'ascii': 'latin1', 'us-ascii': 'latin1', 'iso-8859-1': 'latin1', 'latin1': 'latin1', 'windows-1252': 'latin1'
    };

    function encode (text) {
        const bytes = [];

        for (const character of text.toWellFormed()) {
            const code = character.codePointAt(0);

            if (code < 0x80) { bytes.push(code); }
            else if (code < 0x800) { bytes.push(0xC0 | code >> 6, 0x80 | code & 63); }
            else if (code < 0x10000) { bytes.push(0xE0 | code >> 12, 0x80 | code >> 6 & 63, 0x80 | code & 63); }
            else {
                bytes.push(0xF0 | code >> 18, 0x80 | code >> 12 & 63, 0x80 | code >> 6 & 63, 0x80 | code & 63);
            }
        }

        return Uint8Array.from(bytes);
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

    // Lead byte -> [number of continuation bytes, least and greatest first continuation byte, bits of the lead].
    function sequence (lead) {
        if (lead >= 0xC2 && lead <= 0xDF) { return [1, 0x80, 0xBF, lead & 31]; }
        if (lead >= 0xE0 && lead <= 0xEF) {
            return [2, lead === 0xE0 ? 0xA0 : 0x80, lead === 0xED ? 0x9F : 0xBF, lead & 15];
        }
        if (lead >= 0xF0 && lead <= 0xF4) {
            return [3, lead === 0xF0 ? 0x90 : 0x80, lead === 0xF4 ? 0x8F : 0xBF, lead & 7];
        }

        return null;
    }

    function decodeUtf8 (bytes, fatal) {
        const units = [];

        for (let i = 0; i < bytes.length;) {
            const lead = bytes[i++];

            if (lead < 0x80) {
                units.push(lead);
                continue;
            }

            const shape = sequence(lead);
            let [left, least, greatest, code] = shape || [0, 0, 0, -1];

            while (left && i < bytes.length && bytes[i] >= least && bytes[i] <= greatest) {
                code = code << 6 | bytes[i++] & 63;
                [left, least, greatest] = [left - 1, 0x80, 0xBF];
            }
            if (left || code < 0) {
                if (fatal) { throw new TypeError('The encoded data was not valid for encoding utf-8'); }
                code = 0xFFFD;
            }
            if (code > 0xFFFF) {
                units.push(0xD7C0 + (code >> 10), 0xDC00 | code & 0x3FF);
            }
            else { units.push(code); }
        }

        return fromCharCodes(units);
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

    Object.assign(host, { encode, bytesOf, decodeUtf8 });
    host.define({ TextEncoder, TextDecoder });
}
