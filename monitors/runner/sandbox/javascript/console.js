// A console for the libraries in the bundle, which look for one and would write to nowhere anyway. Scripts have Postman's.
(host) => {
    const silent = () => { /* nobody reads it */ };

    host.define({ console: { log: silent, debug: silent, info: silent, warn: silent, error: silent } });
}
