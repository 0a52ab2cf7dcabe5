"""Postman's script bundle as this project runs it: its source, with what is changed in it and why.

The bundle is minified; each change names the piece of source that it replaces. `host` is the object that the
files under `javascript/` add to.
"""

from __future__ import annotations

# Where the bundle and the older one that Newman has differ, scripts were written for Newman's.
AS_NEWMAN = {
    # Newman has no function around the script: `var` on a name that it is handed keeps the value.
    "const t=`;(async()=>{;": (
        'const names=b(e)?[]:host.keptByVar(e,"test"===a.listen),t=`;(async(${names})=>{;'
    ),
    # What a script returns at its top level is no error.
    "})().then(__exitscope).catch(__exitscope);": (
        """})(${names.map(n=>`typeof ${n}=="undefined"?void 0:${n}`)})"""
        """.then(()=>__exitscope(),e=>__exitscope(e,true));"""
    ),
    # A script may put a function of its own in the place of pm.test.
    "i=t.test.index();": "i=t.test?.index?.()??0;",
    # The callback of pm.sendRequest is called once, whatever it throws, and always with a response to read.
    # Without one, a request fails in silence.
    "return r.isFunction(n)?(o().then(e=>{n.call(i,null,e,a)}).catch(e=>{n.call(i,e)}),i):o()": (
        "return r.isFunction(n)?(e?t(s.isRequest(e)?e:new s(e),(e,t,a)=>{"
        "a&&!u.isCookieList(a.cookies)&&(a.cookies=new u({},a.cookies)),"
        "n.call(i,e,c.isResponse(t)?t:new c(t),a)"
        '}):n.call(i,new Error("sendrequest: nothing to request")),i):host.unheard(o())'
    ),
    # QuickJS has no RegExp.$1.
    "(e=/^\\s*([^;\\s]*)/.test(e)&&RegExp.$1)&&": "(e=/^\\s*([^;\\s]*)/.exec(e)?.[1])&&",
    # A callback of the cookie jar is called once, and what was asked for wrongly is thrown at once: neither a
    # callback nor a promise hears of it.
    "r().then(e=>{f(t,null,e)}).catch(e=>{f(t,e)})": "e((e,n)=>{f(t,e,n)})",
    "const r=()=>new Promise((t,n)=>{e(function(e,r){"
    "if(e)return n(e instanceof Error?e:new Error(e));t(r)})});": (
        "const r=()=>{const{promise:t,resolve:n,reject:r}=Promise.withResolvers();"
        "e((e,t)=>{e?r(e instanceof Error?e:new Error(e)):n(t)});return t};"
    ),
}

# An execution's objects are made when a script reads them.
DEFERRED = {
    "this.cookies=new a.CookieList(null,n.cookies),p.forEach(e=>{this[e]=": (
        'host.defer(this,"cookies",()=>new a.CookieList(null,n.cookies)),'
        "p.forEach(e=>{host.defer(this,e,()=>{const t="
    ),
    "?n[e]:new a.VariableScope(n[e]),this[e].enableTracking(d)}),": (
        "?n[e]:new a.VariableScope(n[e]);return t.enableTracking(d),t})}),"
    ),
    "&&(this.request=a.Request.isRequest(n.request)?n.request:new a.Request(n.request)),": (
        '&&host.defer(this,"request",()=>a.Request.isRequest(n.request)?n.request:new a.Request(n.request)),'
    ),
    "&&(this.response=a.Response.isResponse(n.response)?n.response:new a.Response(n.response));": (
        '&&host.defer(this,"response",'
        "()=>a.Response.isResponse(n.response)?n.response:new a.Response(n.response));"
    ),
    "let b=new o;b.syncVariablesFrom(e.data),e._variables.addLayer(b.values),"
    "e._variables.addLayer(e.environment.values),e._variables.addLayer(e.collectionVariables.values),"
    "e._variables.addLayer(e.globals.values),e.cookies&&(e.cookies.jar=function(){return new i(h)}),": (
        'host.defer(e,"iterationData",()=>{const t=new o;return t.syncVariablesFrom(e.data),t}),'
        'host.onceMade(e,"_variables",t=>{'
        "t.addLayer(e.iterationData.values),t.addLayer(e.environment.values),"
        "t.addLayer(e.collectionVariables.values),t.addLayer(e.globals.values)}),"
        'host.onceMade(e,"cookies",e=>{e.jar=function(){return new i(h)}});'
        'for(const t of["response","request"])host.onceMade(e,t,e=>{'
        'Object.defineProperty(e,"to",{get(){return l.expect(this).to}})});'
    ),
    "globals:e.globals,environment:e.environment,collectionVariables:e.collectionVariables,"
    "variables:e._variables,iterationData:b,request:e.request,response:e.response,message:e.message,"
    "cookies:e.cookies,visualizer:": "visualizer:",
    'v.disabledAPIs),d(this,a),this.response&&Object.defineProperty(this.response,"to",'
    "{get(){return l.expect(this).to}}),this.request&&Object.defineProperty("
    'this.request,"to",{get(){return l.expect(this).to}}),b=null}': (
        "v.disabledAPIs),host.expose(this,e,v.disabledAPIs),d(this,a)}"
    ),
    "I.response&&delete I.response,": "delete I.response,",
    # The older interface's objects: for a script that mentions them.
    "i.setup(t,o,s),t.import": "i.setup(t,o,s,host.mentionsIn(n)),t.import",
    "setup(e,t,n){var o,s,h=r.assign({},a);h.tests={},"
    "h.globals=t.globals.syncVariablesTo(),h.environment=t.environment.syncVariablesTo(),": (
        "setup(e,t,n,mentions){var o,s,h={...a};h.tests={},"
        '(mentions.has("globals")||mentions.has("postman"))&&(h.globals=t.globals.syncVariablesTo()),'
        '(mentions.has("environment")||mentions.has("postman"))'
        "&&(h.environment=t.environment.syncVariablesTo()),"
    ),
    "h.request=t.request?{": 'h.request=mentions.has("request")&&t.request?{',
    "t.response&&(h.responseCookies": "mentions.ofResponse&&t.response&&(h.responseCookies",
    "new(t.response?PostmanLegacyTestInterface:": 'new("response"in t?PostmanLegacyTestInterface:',
    "i.forEach(t=>{h[t]&&[": "i.forEach(t=>{mentions.has(t)&&h[t]&&[",
    "exec(e,t,n){t&&!n&&": "exec(e,t,n){if(t?.async)return host.exec(this,e,s,t.block,n);t&&!n&&",
}

# The same results with less work.
FASTER = {
    "!r.includes(n,a)&&Object.hasOwn(t,a)": "!n.includes(a)&&Object.hasOwn(t,a)",
    "d=a.cloneDeep(e||u)": "d={...e||u}",
    "a=new c(a);const _=": "a=host.event(a)||new c(a);const _=",
    'Object.keys(n).forEach(function(t){p(-1,!0),d["clear"+e](n[t])})': (
        'for(const t in n)Object.hasOwn(n,t)&&(p(-1,!0),d["clear"+e](n[t]))'
    ),
    "r=a(n).pickBy(e.propertyIsMeta).mapKeys(e.propertyUnprefixMeta).value();a.keys(r).length&&(": (
        "r=host.meta(n);r&&("
    ),
    "a.assign(this,{members:this.members||[],reference:this.reference||{},Type:e})": (
        "Object.assign(this,{members:this.members||[],reference:this.reference||{},Type:e})"
    ),
    'a.assign(this,{type:"any",value:void 0,source:void 0})': (
        'Object.assign(this,{type:"any",value:void 0,source:void 0})'
    ),
    "create:function(){var e=Array.prototype.slice.call(arguments);return e.unshift(r),"
    "new(r.bind.apply(r,e))}}),t.exports={Header:r}": (
        "create:function(...e){return new r(...e)}}),t.exports={Header:r}"
    ),
}


def changed(source: str) -> str:
    """The bundle's source with all changes. Raises RuntimeError for another release's."""
    for as_shipped, as_wanted in (AS_NEWMAN | DEFERRED | FASTER).items():
        if source.count(as_shipped) != 1:
            raise RuntimeError("The installed postman-sandbox is not the release that package.json pins")
        source = source.replace(as_shipped, as_wanted)
    return source
