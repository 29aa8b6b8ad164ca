"""Staff live codes 员工活码: one printed code, and always somebody behind it."""
