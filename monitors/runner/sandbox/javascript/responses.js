// Bodies of responses. The bundle decodes each one from its bytes in JavaScript, whether the script looks at it or
// not: seconds for a megabyte. A body that is UTF-8 comes as text instead, and its bytes are made when asked for.
(host) => {
    const { Buffer } = require('buffer'),
        { Response } = require('postman-collection'),
        readText = Response.prototype.text,
        // The prototype of what `Buffer` makes, which is not `Buffer.prototype`.
        bufferPrototype = Object.getPrototypeOf(Buffer.alloc(0)),
        toText = bufferPrototype.toString,
        texts = new WeakMap(),
        SHORT = 64;

    Response.prototype.text = function text () {
        const known = texts.get(this);

        return known === undefined || !/^utf-?8$/i.test(this.contentInfo().charset) ? readText.call(this) : known;
    };

    bufferPrototype.toString = function toString (encoding, start = 0, end = this.length) {
        if (this.length < SHORT || !/^(?:utf-?8|undefined)$/i.test(encoding)) {
            return toText.call(this, encoding, start, end);
        }

        return host.decodeUtf8(this.subarray(Math.max(0, start), Math.max(0, end)));
    };

    function fromText (json, { data, size }) {
        const response = new Response({ ...json, stream: undefined });
        let bytes;

        texts.set(response, data.charCodeAt(0) === 0xFEFF ? data.slice(1) : data);
        response.responseSize = size;
        Object.defineProperty(response, 'stream', {
            get () { return bytes ||= Buffer.from(host.encode(data).buffer); },
            set (value) {
                texts.delete(response);
                bytes = value;
            },
            configurable: true,
            enumerable: true
        });

        return response;
    }

    // A response as the runner sends it -> what the bundle takes for one.
    host.revive = (json) => {
        const stream = json?.stream;

        if (stream?.type === 'Text') { return fromText(json, stream); }
        if (stream?.type === 'Base64') { json.stream = Buffer.from(Uint8Array.fromBase64(stream.data).buffer); }

        return json;
    };
}
