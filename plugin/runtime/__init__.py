"""Mattermost's plugin protocol in Python: gob, yamux, net/rpc, go-plugin's handshake. A stranger to incidents.

Sources of the protocol's facts: the published Go packages encoding/gob and net/rpc, hashicorp/yamux and go-plugin, and
connections recorded between a Mattermost 5.35.4 and plugins written in Go (tests/wire/protocol).
"""
