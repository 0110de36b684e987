"""Tests: unit, ports, wire, stories, browser, storms, live."""
