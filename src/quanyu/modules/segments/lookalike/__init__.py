"""Lookalikes: from people we know to the people most like them, tested before anybody is used."""
