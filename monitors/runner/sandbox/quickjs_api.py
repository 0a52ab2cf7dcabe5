"""Calls functions of QuickJS's C API that its Python package does not wrap, through ctypes.

The package's module exports the whole API. This module reads the memory of a `Context` as the pinned release
of the package lays it out.
"""

from __future__ import annotations

import ctypes

import _quickjs

EVAL_GLOBAL = 0


class JSValue(ctypes.Structure):
    """A JavaScript value as 64-bit builds pass it."""

    _fields_ = (("payload", ctypes.c_uint64), ("tag", ctypes.c_int64))


UNDEFINED = JSValue(0, 3)
FALSE, TRUE = JSValue(0, 1), JSValue(1, 1)


class _ContextObject(ctypes.Structure):
    """The fields of a `_quickjs.Context` after Python's object header."""

    _fields_ = (("runtime", ctypes.c_void_p), ("context", ctypes.c_void_p))


_POINTER, _TEXT, _SIZE = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t
_RejectionTracker = ctypes.CFUNCTYPE(None, _POINTER, JSValue, JSValue, ctypes.c_bool, _POINTER)

_SIGNATURES: dict[str, tuple[type[object] | None, tuple[type[object], ...]]] = {
    "JS_GetRuntime": (_POINTER, (_POINTER,)),
    "JS_SetGCThreshold": (None, (_POINTER, _SIZE)),
    "JS_Eval": (JSValue, (_POINTER, _TEXT, _SIZE, _TEXT, ctypes.c_int)),
    "JS_GetGlobalObject": (JSValue, (_POINTER,)),
    "JS_GetPropertyStr": (JSValue, (_POINTER, JSValue, _TEXT)),
    "JS_SetPropertyStr": (ctypes.c_int, (_POINTER, JSValue, _TEXT, JSValue)),
    "JS_Call": (JSValue, (_POINTER, JSValue, JSValue, ctypes.c_int, ctypes.POINTER(JSValue))),
    "JS_FreeValue": (None, (_POINTER, JSValue)),
    "JS_SetHostPromiseRejectionTracker": (None, (_POINTER, _RejectionTracker, _POINTER)),
}


class QuickJSApi:
    """C calls on the runtime behind one `_quickjs.Context`."""

    def __init__(self, context: _quickjs.Context) -> None:
        # JavaScript may call Python, so calls must release the GIL: CDLL does, like the package's own calls.
        self._library = ctypes.CDLL(_quickjs.__file__)
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(self._library, name)
            function.restype, function.argtypes = result, arguments
        fields = _ContextObject.from_address(id(context) + object.__basicsize__)
        self._runtime, self._context = fields.runtime, fields.context
        if self._library.JS_GetRuntime(self._context) != self._runtime:
            raise RuntimeError("The installed quickjs-ng is not the release that requirements.txt pins.")
        self._tracker: object = None  # Keeps the callback alive.

    def set_gc_threshold(self, size: int) -> None:
        """Collect garbage only when the heap has grown to `size` bytes."""
        self._library.JS_SetGCThreshold(self._runtime, size)

    def set_global(self, name: str, source: str, file_name: str) -> None:
        """Evaluate an expression and assign it to a global. Stack traces show `file_name`."""
        text = source.encode()
        value = self._library.JS_Eval(self._context, text, len(text), file_name.encode(), EVAL_GLOBAL)
        scope = self._library.JS_GetGlobalObject(self._context)
        self._library.JS_SetPropertyStr(self._context, scope, name.encode(), value)
        self._library.JS_FreeValue(self._context, scope)

    def track_rejections(self, global_name: str) -> None:
        """Call a global function with (promise, reason, handled) when an unhandled promise is rejected, and
        again when it is handled later."""
        scope = self._library.JS_GetGlobalObject(self._context)
        function = self._library.JS_GetPropertyStr(self._context, scope, global_name.encode())
        self._library.JS_FreeValue(self._context, scope)

        def tracker(context: int, promise: JSValue, reason: JSValue, handled: bool, opaque: int) -> None:
            arguments = (JSValue * 3)(promise, reason, TRUE if handled else FALSE)
            result = self._library.JS_Call(context, function, UNDEFINED, 3, arguments)
            self._library.JS_FreeValue(context, result)

        self._tracker = _RejectionTracker(tracker)
        self._library.JS_SetHostPromiseRejectionTracker(self._runtime, self._tracker, None)
