// Postman's SDK creates and serializes its objects with lodash's most general functions. These replacements give the
// same results, in less time for plain names and plain values.
(host) => {
    const lodash = require('lodash'),
        { PropertyBase } = require('postman-collection'),
        { hasOwn } = Object,
        { isArray } = Array,
        hasPath = lodash.has,
        forEachOf = lodash.forEach,
        toJSON = PropertyBase.prototype.toJSON,
        PATH = /[.[]/;

    lodash.has = function has (object, path) {
        if (typeof path !== 'string') { return hasPath(object, path); }
        if (object === null || object === undefined) { return false; }
        if (hasOwn(object, path)) { return true; }

        // lodash also finds the empty indexes of an object that has a length.
        return (PATH.test(path) || typeof object.length === 'number') && hasPath(object, path);
    };

    lodash.isFunction = function isFunction (value) { return typeof value === 'function'; };

    lodash.forEach = lodash.each = function forEach (list, visit) {
        if (!isArray(list) || typeof visit !== 'function') { return forEachOf(list, visit); }
        for (let index = 0, count = list.length; index < count && visit(list[index], index, list) !== false;) { index += 1; }

        return list;
    };

    // The members of a script's event that the bundle reads; undefined for an event of another form.
    host.simpleEvent = ({ listen, script }) => {
        if (typeof listen !== 'string' || typeof script?.exec !== 'string' || script.src) { return undefined; }

        return { listen, script: { toSource: () => { return script.exec.replaceAll('\r\n', '\n'); } } };
    };

    // An element's properties whose names begin with `_`, without the `_`; undefined when there are none.
    host.metaProperties = (element) => {
        let meta;

        for (const name in element) {
            if (name[0] === '_' && name !== '_') { (meta ||= {})[lodash.trimStart(name, '_')] = element[name]; }
        }

        return meta;
    };

    function isSingular (value) {
        return value && value._postman_propertyIsList && !value._postman_proprtyIsSerialisedAsPlural;
    }

    function plain (value) {
        if (value === null || (typeof value !== 'object' && typeof value !== 'function')) { return value; }
        if (typeof value.toJSON === 'function') { return value.toJSON(); }
        if (isArray(value) && !value.length) { return []; }

        return lodash.cloneElement(value);
    }

    PropertyBase.prototype.toJSON = function () {
        if (typeof this.length === 'number') { return toJSON.call(this); }
        const json = {};

        for (const name of host.keys(this)) {
            const value = this[name];

            if (value === undefined) { continue; }
            json[isSingular(value) && name.endsWith('s') ? name.slice(0, -1) : name] = plain(value);
        }

        return json;
    };
}
