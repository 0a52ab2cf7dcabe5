// The W3C's Blob and File, in memory.
(host) => {
    let bytesOfBlob;

    function partBytes (part) {
        if (part instanceof Blob) { return bytesOfBlob(part); }
        if (ArrayBuffer.isView(part) || part instanceof ArrayBuffer) { return host.bytesOf(part); }

        return host.encode(String(part));
    }

    function joined (parts) {
        const pieces = Array.from(parts, partBytes),
            bytes = new Uint8Array(pieces.reduce((size, piece) => { return size + piece.length; }, 0));

        pieces.reduce((offset, piece) => {
            bytes.set(piece, offset);

            return offset + piece.length;
        }, 0);

        return bytes;
    }

    class Blob {
        #bytes;
        #type;

        constructor (parts = [], { type = '' } = {}) {
            this.#bytes = joined(parts);
            this.#type = /[^\x20-\x7E]/.test(type) ? '' : String(type).toLowerCase();
        }

        static { bytesOfBlob = (blob) => { return blob.#bytes; }; }

        get size () { return this.#bytes.length; }

        get type () { return this.#type; }

        slice (start, end, type) { return new Blob([this.#bytes.slice(start, end)], { type }); }

        async arrayBuffer () { return this.#bytes.slice().buffer; }

        async bytes () { return this.#bytes.slice(); }

        async text () { return host.decodeUtf8(this.#bytes); }
    }

    class File extends Blob {
        #name;
        #lastModified;

        constructor (parts, name, options = {}) {
            if (arguments.length < 2) { throw new TypeError('The "fileBits" and "fileName" arguments must be specified'); }
            super(parts, options);
            this.#name = String(name);
            this.#lastModified = Number(options.lastModified ?? Date.now());
        }

        get name () { return this.#name; }

        get lastModified () { return this.#lastModified; }
    }

    host.define({ Blob, File });
}
