"""encoding/gob: whatever comes is decoded without knowing its type; what is sent has a schema."""

from plugin.runtime.gob.decode import Decoder
from plugin.runtime.gob.encode import Encoder
from plugin.runtime.gob.values import GobError, Interface, Opaque, Pairs, Truncated, plain

__all__ = ["Decoder", "Encoder", "GobError", "Interface", "Opaque", "Pairs", "Truncated", "plain"]
