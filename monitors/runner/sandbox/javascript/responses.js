// Bodies of responses. The bundle decodes each body from bytes in JavaScript, even if the script does not read it:
// that takes seconds for a megabyte. Here a UTF-8 body arrives as text, and its bytes are created when first read.
(host) => {
    const { Buffer } = require('buffer'),
        { Response } = require('postman-collection'),
        readText = Response.prototype.text,
        // The prototype of buffers, which is not `Buffer.prototype`.
        bufferPrototype = Object.getPrototypeOf(Buffer.alloc(0)),
        toText = bufferPrototype.toString,
        texts = new WeakMap(),
        MIN_LENGTH = 64;

    Response.prototype.text = function text () {
        const known = texts.get(this);

        return known === undefined || !/^utf-?8$/i.test(this.contentInfo().charset) ? readText.call(this) : known;
    };

    bufferPrototype.toString = function toString (encoding, start = 0, end = this.length) {
        if (this.length < MIN_LENGTH || !/^(?:utf-?8|undefined)$/i.test(encoding)) {
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

    // The bundle's response for a response from the runner.
    host.responseFor = (json) => {
        const stream = json?.stream;

        if (stream?.type === 'Text') { return fromText(json, stream); }
        if (stream?.type === 'Base64') { json.stream = Buffer.from(Uint8Array.fromBase64(stream.data).buffer); }

        return json;
    };
}
