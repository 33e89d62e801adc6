"""Strategies for awkward texts and drafts."""

from __future__ import annotations

from hypothesis import strategies as st

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import (
    AuthChoice,
    Body,
    BodyType,
    Draft,
    Method,
    Options,
    Pair,
    RequestInput,
)

# Characters that are difficult in TOML come up often, the rest of Unicode sometimes.
awkward_texts = st.lists(
    st.sampled_from(["'''", '"""', *"'\"\\\n\r\t\0\x1b\x7f\x85\u2028#=[]{} $aé😀"])
).map("".join)
texts = awkward_texts | st.text()
pairs = st.builds(Pair, texts, texts, st.booleans())
inputs = st.builds(
    RequestInput,
    st.from_regex(r"[A-Za-z_][\w.+-]{0,8}", fullmatch=True),
    texts,
    st.none() | texts,
) | st.builds(
    RequestInput,
    st.just("choice"),
    choices=st.lists(texts, max_size=3).map(tuple),
)
bodies = st.builds(Body, st.sampled_from(BodyType), texts, texts)
timeouts = st.none() | st.floats(
    min_value=0, exclude_min=True, allow_nan=False, allow_infinity=False
)
options = st.builds(
    Options,
    st.sampled_from(AuthChoice),
    timeouts,
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.lists(texts, max_size=3).map(tuple),
)
drafts = st.builds(
    Draft,
    name=texts,
    description=texts,
    method=st.sampled_from(Method),
    api=st.sampled_from(Api),
    url=texts,
    path=st.lists(pairs, max_size=2).map(tuple),
    inputs=st.lists(inputs, max_size=3, unique_by=lambda each: each.name).map(tuple),
    query=st.lists(pairs, max_size=4).map(tuple),
    headers=st.lists(pairs, max_size=4).map(tuple),
    body=st.none() | bodies,
    options=options,
    favorite=st.booleans(),
    tags=st.lists(texts, max_size=3).map(tuple),
)
