// Which call failed. The engine says "not a function" and a place: that of the last name that it read, which may stand
// in the arguments of the call, or in those of a call around it. What is said is what all calls that it may be share.
(host) => {
    const { hasOwn } = Object,
        FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']),
        CLOSURES = new Set([...FUNCTIONS, 'ClassDeclaration', 'ClassExpression']),
        CALLS = new Set(['CallExpression', 'NewExpression', 'TaggedTemplateExpression']),
        KNOWN_BY_SHAPE = new Set(['Literal', 'TemplateLiteral', 'ArrayExpression']),
        MOST_NAMED = 3,
        LONGEST_NAME = 200,
        INTERMEDIATE = '(intermediate value)';

    function children (node) {
        const found = [];

        for (const key in node) {
            if (!hasOwn(node, key)) { continue; }
            for (const one of [node[key]].flat()) {
                if (one && typeof one.type === 'string') { found.push(one); }
            }
        }

        return found;
    }

    // From the root down to the innermost node around a place. A closure that begins there is not entered: the place
    // is that of its making.
    function pathTo (tree, offset) {
        const path = [tree];

        for (;;) {
            const node = path.at(-1),
                next = CLOSURES.has(node.type) && node.start === offset ? null :
                    children(node).find((one) => { return one.start <= offset && offset < one.end; });

            if (!next) { return path; }
            path.push(next);
        }
    }

    function callee (call) {
        return call.type === 'TaggedTemplateExpression' ? call.tag : call.callee;
    }

    function isReference (node, parent) {
        if (node.type !== 'Identifier') { return false; }
        if (parent.type === 'MemberExpression') { return parent.object === node || parent.computed; }
        if (parent.type === 'Property') { return !parent.shorthand && (parent.value === node || parent.computed); }
        if (parent.type === 'AssignmentExpression') { return parent.right === node; }
        if (parent.type === 'MethodDefinition' || parent.type === 'PropertyDefinition') { return false; }

        return true;
    }

    // Whether something that surely moves the engine's place comes after it, before the call itself.
    function readsAfter (node, offset, parent = null) {
        if (node.end <= offset) { return false; }
        if (node.start > offset && parent && isReference(node, parent)) { return true; }
        if (CLOSURES.has(node.type) || /Pattern$|^MetaProperty$/.test(node.type)) { return false; }
        if (node.type === 'CallExpression') {
            const { callee: called } = node;

            if (called.type === 'MemberExpression' && !called.computed && called.property.start > offset) { return true; }
        }

        return children(node).some((one) => { return readsAfter(one, offset, node); });
    }

    function declaredNames (pattern, into) {
        if (!pattern) { return; }
        if (pattern.type === 'Identifier') { into.push(pattern.name); }
        else if (pattern.type === 'Property') { declaredNames(pattern.value, into); }
        else if (pattern.type === 'AssignmentPattern') { declaredNames(pattern.left, into); }
        else if (pattern.type === 'RestElement') { declaredNames(pattern.argument, into); }
        else if (/Pattern$/.test(pattern.type)) {
            for (const one of children(pattern)) { declaredNames(one, into); }
        }
    }

    // What a source makes of names: name -> the values that are declared under it, undefined for one that is not known.
    class Names {
        constructor (tree) {
            this.values = new Map();
            this.members = new Set(); // that are written to
            this.isOpen = false; // `eval` and `with` may do anything
            this.visit(tree, null);
        }

        add (pattern, value) {
            const names = [];

            declaredNames(pattern, names);
            for (const name of names) {
                if (!this.values.has(name)) { this.values.set(name, []); }
                this.values.get(name).push(pattern.type === 'Identifier' ? value : undefined);
            }
        }

        assign (target) {
            this.add(target);
            if (target.type === 'MemberExpression') { this.members.add(memberName(target)); }
        }

        visit (node, parent) {
            if (FUNCTIONS.has(node.type)) {
                for (const one of node.params) { this.add(one); }
                const isHoisted = parent && (parent.type === 'Program' || FUNCTIONS.has(this.grandparent?.type));

                if (node.id) { this.add(node.id, isHoisted || node.type === 'FunctionExpression' ? node : undefined); }
            }
            else if (CLOSURES.has(node.type)) { this.add(node.id, node); }
            else if (node.type === 'VariableDeclaration') {
                for (const { id, init } of node.declarations) { this.add(id, node.kind === 'const' ? init : undefined); }
            }
            else if (node.type === 'CatchClause') { this.add(node.param); }
            else if (node.type === 'AssignmentExpression' || /^For(?:In|Of)Statement$/.test(node.type)) { this.assign(node.left); }
            else if (node.type === 'UpdateExpression') { this.add(node.argument); }
            else if (node.type === 'WithStatement' || (node.type === 'Identifier' && node.name === 'eval')) { this.isOpen = true; }
            for (const one of children(node)) {
                this.grandparent = parent;
                this.visit(one, node);
            }
        }

        // The one node that a name stands for wherever it is read; undefined when that is not certain.
        nodeOf (name) {
            const values = this.values.get(name);

            return values?.length === 1 ? values[0] : undefined;
        }
    }

    const namesOf = new WeakMap(); // by tree

    function names (tree) {
        if (!namesOf.has(tree)) { namesOf.set(tree, new Names(tree)); }

        return namesOf.get(tree);
    }

    function memberName ({ computed, property }) {
        if (!computed) { return property.name; }

        return property.type === 'Literal' ? String(property.value) : undefined;
    }

    // { value } of an expression that is certain, read without running any of the script; null for another.
    function known (node, scope) {
        switch (node.type) {
            case 'Identifier': {
                if (!scope.values.has(node.name)) { return host.handedValue(node.name); }
                const declared = scope.nodeOf(node.name);

                return declared && KNOWN_BY_SHAPE.has(declared.type) ? known(declared, scope) : null;
            }
            case 'Literal': return node.bigint ? null : { value: node.regex ? /x/ : node.value };
            case 'TemplateLiteral': return { value: '' };
            case 'ArrayExpression': return { value: [] };
            case 'FunctionExpression': case 'ArrowFunctionExpression': return { value: () => { /* a function */ } };
            case 'NewExpression': {
                const constructor = known(node.callee, scope)?.value;

                return constructor?.prototype ? { value: constructor.prototype } : null;
            }
            case 'MemberExpression': {
                const object = known(node.object, scope),
                    name = memberName(node);

                if (!object || name === undefined || object.value === undefined || object.value === null) { return null; }

                return { value: object.value[name] };
            }
            default: return null;
        }
    }

    // The nodes around a place, from the function that it is in.
    function around ({ source, offset }) {
        if (!source.tree) { return []; }
        const path = pathTo(source.tree, offset);

        return path.slice(path.findLastIndex((node) => { return FUNCTIONS.has(node.type) && node.start < offset; }) + 1);
    }

    // What is called, where that is made in the source and stays what it is.
    function made (call, scope) {
        const called = callee(call);

        return called.type === 'Identifier' ? scope.nodeOf(called.name) : called;
    }

    // Whether that call surely found what it calls.
    function works (call, scope) {
        const called = callee(call),
            node = made(call, scope);

        if (scope.isOpen || (called.type === 'MemberExpression' && scope.members.has(memberName(called)))) { return false; }
        if (node && CLOSURES.has(node.type)) {
            return call.type !== 'NewExpression' ||
                (node.type !== 'ArrowFunctionExpression' && !node.async && !node.generator);
        }
        const value = known(called, scope)?.value;

        return typeof value === 'function' && (call.type !== 'NewExpression' || Boolean(value.prototype));
    }

    // As V8 prints what is called.
    function printed (node) {
        switch (node.type) {
            case 'Identifier': return node.name;
            case 'ThisExpression': return 'this';
            case 'Literal':
                if (node.regex) { return `/${node.regex.pattern}/${node.regex.flags}`; }

                return typeof node.value === 'string' ? `"${node.value}"` : String(node.value);
            case 'TemplateLiteral': return node.expressions.length ? INTERMEDIATE : `"${node.quasis[0].value.cooked}"`;
            case 'CallExpression': return `${printed(node.callee)}(...)`;
            case 'ChainExpression': return printed(node.expression);
            case 'MemberExpression': return printedMember(node);
            case 'UnaryExpression': return printedUnary(node);
            case 'BinaryExpression': case 'LogicalExpression':
                if (node.left.operator === node.operator) { return INTERMEDIATE; }

                return `(${printed(node.left)} ${node.operator} ${printed(node.right)})`;
            case 'SequenceExpression': return `(${node.expressions.map(printed).join(' , ')})`;
            default: return INTERMEDIATE;
        }
    }

    function printedUnary ({ operator, argument }) {
        if (argument.type === 'Literal') { return operator === '-' ? `-${printed(argument)}` : INTERMEDIATE; }

        return `(${operator}${/\w/.test(operator) ? ' ' : ''}${printed(argument)})`;
    }

    function printedMember (node) {
        const { object, property, computed, optional } = node,
            of = printed(object);

        if (property.type === 'PrivateIdentifier') { return `${of}[#${property.name}]`; }
        if (!computed || (property.type === 'Literal' && typeof property.value === 'string')) {
            return `${of}${optional ? '?' : ''}.${computed ? property.value : property.name}`;
        }
        const plain = property.type === 'TemplateLiteral' && !property.expressions.length;

        return plain ? `${of}.${property.quasis[0].value.cooked}` : `${of}${optional ? '?.' : ''}[${printed(property)}]`;
    }

    // The calls of which one failed, the innermost last; [] where it was none of them.
    function candidates (place) {
        return around(place).filter((node) => { return CALLS.has(node.type) && !readsAfter(node, place.offset); });
    }

    // The words for "not a function" or "not a constructor" at a place; null when nothing more is certain.
    host.notCallable = (place, isConstructor) => {
        const scope = place.source.tree && names(place.source.tree),
            calls = candidates(place).filter((one) => {
                return (!isConstructor || one.type === 'NewExpression') && !works(one, scope);
            }),
            words = new Set(calls.map((one) => {
                return `${printed(callee(one))} is not a ${one.type === 'NewExpression' ? 'constructor' : 'function'}`;
            }));

        if (!words.size || words.size > MOST_NAMED || calls.some((one) => { return callee(one).type === 'Super'; })) {
            return null;
        }
        const text = [...words].join(' or ');

        return text.length > LONGEST_NAME ? null : text;
    };

    // The words for what is not iterable. In `for (… of list)` and `[...list]` the place is in the list.
    host.notIterable = (place, isNullish) => {
        const path = around(place),
            at = path.findLastIndex(({ type }) => { return type === 'ForOfStatement' || type === 'SpreadElement'; }),
            isInCall = at > 0 && path[at].type === 'SpreadElement' && CALLS.has(path[at - 1].type),
            list = path[at + 1];

        if (!list || list !== (path[at].right ?? path[at].argument)) { return null; }
        if (path.slice(at).some(({ type }) => { return type === 'AssignmentExpression' || type === 'YieldExpression'; })) { return null; }
        if (isInCall && !isNullish) { return 'Spread syntax requires ...iterable[Symbol.iterator] to be a function'; }
        if (list.type === 'CallExpression' && !isInCall && !readsAfter(list, place.offset)) {
            return `${printed(list.callee)} is not a function or its return value is not iterable`;
        }
        if (list.type !== 'Identifier' && list.type !== 'MemberExpression') { return null; }

        return `${printed(list)} is not iterable${isInCall ? ' (cannot read property undefined)' : ''}`;
    };

    // What the innermost assignment around a place writes to.
    function target (place) {
        const { left, argument } = around(place).findLast((node) => {
                return node.type === 'AssignmentExpression' || node.type === 'UpdateExpression';
            }) || {};

        return left || argument;
    }

    host.assignsMember = (place) => { return target(place)?.type === 'MemberExpression'; };

    host.assignedMember = (place) => { return host.assignsMember(place) ? memberName(target(place)) : undefined; };

    function some (node, test) {
        return test(node) || children(node).some((one) => { return some(one, test); });
    }

    host.mayThrowNull = ({ tree }) => {
        return tree !== null && some(tree, ({ type, name, argument }) => {
            return type === 'ThrowStatement' ? argument.type !== 'NewExpression' : type === 'Identifier' && name === 'reject';
        });
    };

    // Whether a script waits at its top level, not in a function of its own.
    host.waitsAtTopLevel = (source) => {
        function waits (node) {
            if (node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && node.await)) { return true; }

            return !FUNCTIONS.has(node.type) && children(node).some(waits);
        }

        return !source.tree || waits(source.tree);
    };
}
