"""Words without I/O: ids, money, points in time, errors and paging."""
