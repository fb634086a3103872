"""The lines of the log: one for each event, whatever the texts in it hold (threats LG04)."""

import logging
from types import TracebackType

# What could begin a line, or move a terminal's cursor: control characters and the
# separators of lines and paragraphs, shown as Python writes them.
_CONTROLS = [*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029]
_SHOWN = {sign: ascii(chr(sign))[1:-1] for sign in _CONTROLS}
_INDENT = "    "

_Error = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class OneLineFormatter(logging.Formatter):
    """Writes a message on one line; the way to an error follows in indented lines."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 -- of logging
        return super().formatMessage(record).translate(_SHOWN)

    def formatException(self, ei: _Error) -> str:  # noqa: N802 -- of logging
        return _indented(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 -- of logging
        return _indented(stack_info)


def _indented(text: str) -> str:
    return "\n".join(f"{_INDENT}{line.translate(_SHOWN)}" for line in text.splitlines())
