"""The report: Markdown tables, and targets with what was measured."""

import sys
import time

MARKS = {"at most": lambda value, limit: value <= limit,
         "at least": lambda value, limit: value >= limit}


def progress(text):
    print(f"# {time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def number(value, digits=3):
    """A number with so many digits that matter, and no exponent."""
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    if value == 0:
        return "0"
    decimals = 0
    while decimals < 6 and abs(value) * 10 ** decimals < 10 ** (digits - 1):
        decimals += 1
    return f"{value:.{decimals}f}"


class Report:
    def __init__(self):
        self.lines = []
        self.targets = []

    def heading(self, text):
        self.lines += ["", f"### {text}", ""]

    def note(self, text):
        self.lines += ["", text, ""]

    def table(self, header, rows):
        """Rows of text and numbers; the first column is text."""
        self.lines.append("| " + " | ".join(header) + " |")
        self.lines.append("| --- |" + " ---: |" * (len(header) - 1))
        for row in rows:
            cells = [number(cell) for cell in row]
            self.lines.append("| " + " | ".join(cells) + " |")

    def target(self, what, value, how, limit, unit=""):
        """how: "at most" or "at least"."""
        self.targets.append((what, value, how, limit, unit))

    def target_rows(self):
        for what, value, how, limit, unit in self.targets:
            if MARKS[how](value, limit):
                verdict = "met"
            else:
                verdict = "missed"
                if min(value, limit) > 0:
                    off = max(value, limit) / min(value, limit)
                    verdict += f" by a factor of {off:.2f}"
            yield (what, f"{how} {number(limit)} {unit}".strip(),
                   f"{number(value)} {unit}".strip(), verdict)

    def print(self, file):
        top = Report()
        if self.targets:
            top.heading("Targets")
            top.table(["what", "target", "measured", ""], self.target_rows())
        text = "\n".join(top.lines + self.lines)
        while "\n\n\n" in text:
            text = text.replace("\n\n\n", "\n\n")
        print(text.strip("\n"), file=file)
