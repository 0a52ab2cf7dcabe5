// A faster generator of random UUIDs. The bundle gives one to nearly every object of Postman's SDK, by a regular
// expression with a callback that takes an eighth of a small script's time.
(host) => {
    const uuid = require('uuid'),
        HEX = Array.from({ length: 256 }, (_, byte) => { return (byte + 256).toString(16).slice(1); });

    function hex (word) {
        return HEX[word >>> 24] + HEX[word >>> 16 & 255] + HEX[word >>> 8 & 255] + HEX[word & 255];
    }

    uuid.v4 = function v4 () {
        const version = hex(host.randomWord() & 0xFFFF0FFF | 0x4000),
            variant = hex(host.randomWord() & 0x3FFFFFFF | 0x80000000);

        return `${hex(host.randomWord())}-${version.slice(0, 4)}-${version.slice(4)}-` +
            `${variant.slice(0, 4)}-${variant.slice(4)}${hex(host.randomWord())}`;
    };
}
