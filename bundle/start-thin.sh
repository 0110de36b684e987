#!/bin/sh
# The thin bundle: this machine's Python (3.11 or newer), with the packages of requirements.txt.
# INCIDENT_RESPONSE_PYTHON names another one than python3, that of a virtual environment say.
here=$(cd "$(dirname "$0")" && pwd)
python=${INCIDENT_RESPONSE_PYTHON:-python3}
export PYTHONPATH="$here/lib"
if ! "$python" -c 'import sys; assert sys.version_info >= (3, 11)' 2>/dev/null; then
    echo "[ERROR] incident-response: $python is not there, or older than 3.11" >&2
    exit 1
fi
if ! "$python" -c 'from importlib.util import find_spec as f; import sys; sys.exit(not all(map(f, ("aiohttp", "alembic", "psycopg", "pydantic_settings", "yaml", "structlog"))))'; then
    echo "[ERROR] incident-response: packages are missing; $python -m pip install -r $here/requirements.txt" >&2
    exit 1
fi
exec "$python" "$here/lib/entry.py" "$@"
