"""Every statement of journeys, by what it is about.

Whoever takes several locks takes them in this order: the brand's turn (``awaited.take_turn``), journeys,
enrolments, counts.
"""
