"""Exports of people: a reason, masked rows, sealed files that expire, and a register of who took them."""
