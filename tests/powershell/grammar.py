"""Parses PowerShell by its grammar, and says where it is none.

    python grammar.py FILE...

Whole files if they are scripts; of Markdown the blocks marked `powershell`, of
MAML the code of the examples, of an about page the paragraphs that are set off
and look like commands.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Iterator, Tuple
from xml.etree import ElementTree

import tree_sitter_powershell
from tree_sitter import Language, Node, Parser

PARSER = Parser(Language(tree_sitter_powershell.language()))
CODE = "{http://schemas.microsoft.com/maml/dev/2004/10}code"


def scripts(path: Path) -> Iterator[Tuple[str, str]]:
    """What a file has of PowerShell, each with its name."""
    text = path.read_text(encoding="utf-8")
    if path.suffix in {".ps1", ".psm1", ".psd1"}:
        yield path.name, text
    elif path.suffix == ".md":
        for number, block in enumerate(re.findall(r"```powershell\n(.*?)```", text, re.DOTALL), 1):
            yield f"{path.name}, block {number}", block
    elif path.suffix == ".xml":
        for number, code in enumerate(ElementTree.parse(path).iter(CODE), 1):
            yield f"{path.name}, example {number}", code.text or ""
    else:
        for number, block in enumerate(re.findall(r"(?:^ {8}\S.*\n(?: {8}.*\n)*)", text, re.M), 1):
            if block.lstrip().startswith(("$", "1..")):
                yield f"{path.name}, block {number}", block


def faults(node: Node) -> Iterator[Node]:
    """The places that the grammar doesn't know."""
    if node.type == "ERROR" or node.is_missing:
        yield node
    elif node.has_error:
        for child in node.children:
            yield from faults(child)


def main() -> int:
    parsed = 0
    failed = 0
    for name in sys.argv[1:]:
        for what, script in scripts(Path(name)):
            parsed += 1
            for fault in faults(PARSER.parse(script.encode()).root_node):
                failed += 1
                row, column = fault.start_point
                line = script.splitlines()[row] if script else ""
                print(f"{what}:{row + 1}:{column + 1}: {line.strip()}", file=sys.stderr)
    print(f"{parsed} parsed, {failed} faults")
    return 1 if failed or not parsed else 0


if __name__ == "__main__":
    sys.exit(main())
