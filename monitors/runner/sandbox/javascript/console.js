// A silent console for the libraries in the bundle. Scripts use Postman's console.
(host) => {
    const silent = () => { /* silent */ };

    host.define({ console: { log: silent, debug: silent, info: silent, warn: silent, error: silent } });
}
