"""Write every generated file: ``python -m generate``."""

from __future__ import annotations

from pathlib import Path

from generate.man import man_page
from generate.reliability import reliability_page
from generate.schemas import FILES, schema, to_json

ROOT = Path(__file__).parents[1]
_RELIABILITY = Path("reliability.md")


def generated_files() -> dict[Path, str]:
    """Return the content of each generated file, by its path from the root."""
    schemas = {Path("schemas", f"{name}.json"): to_json(schema(name)) for name in FILES}
    files = {
        **schemas,
        Path("man", "mixtui.1"): man_page(),
        _RELIABILITY: reliability_page(ROOT / "docs" / _RELIABILITY),
    }
    return {Path("docs", path): text for path, text in files.items()}


def main() -> None:
    """Write them all."""
    for path, text in generated_files().items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
