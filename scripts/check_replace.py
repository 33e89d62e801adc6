"""A plugin of mypy: checks what is given to `msgspec.structs.replace`.

msgspec declares ``**changes: Any``; with this, a field that does not exist, or of
another type, is an error, as it is with `dataclasses.replace`.
"""

from __future__ import annotations

from collections.abc import Callable

from mypy.expandtype import expand_type_by_instance
from mypy.nodes import ARG_NAMED_OPT, ARG_POS, Var
from mypy.plugin import FunctionSigContext, Plugin
from mypy.types import CallableType, FunctionLike, Instance, get_proper_type


class CheckReplace(Plugin):
    """Gives `replace` the signature that its first argument asks for."""

    def get_function_signature_hook(
        self, fullname: str
    ) -> Callable[[FunctionSigContext], FunctionLike] | None:
        """Return the hook, for that function alone."""
        return _signature if fullname == "msgspec.structs.replace" else None


def _signature(context: FunctionSigContext) -> CallableType:
    signature = context.default_signature
    (arguments, *_) = context.args
    struct = get_proper_type(context.api.get_expression_type(arguments[0]))
    if not isinstance(struct, Instance) or "dataclass" not in struct.type.metadata:
        return signature
    names = [each["name"] for each in struct.type.metadata["dataclass"]["attributes"]]
    variables = [struct.type.get(name) for name in names]
    types = [
        expand_type_by_instance(each.node.type, struct)
        for each in variables
        if each is not None and isinstance(each.node, Var) and each.node.type
    ]
    if len(types) < len(names):
        return signature
    return signature.copy_modified(
        arg_types=[struct, *types],
        arg_kinds=[ARG_POS, *(ARG_NAMED_OPT for _ in names)],
        arg_names=[None, *names],
        ret_type=struct,
        variables=[],
    )


def plugin(version: str) -> type[Plugin]:
    """Return the plugin; what mypy calls."""
    return CheckReplace
