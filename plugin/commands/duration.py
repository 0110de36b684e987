"""Durations as people read them."""


def duration(ms: int) -> str:
    """`< 1m`, `5m`, `2h 5m`, `1d 3h 2m`: parts of zero are left out."""
    minutes = ms // 60_000
    if minutes < 1:
        return "< 1m"
    parts = ((minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "m"))
    return " ".join(f"{number}{unit}" for number, unit in parts if number)
