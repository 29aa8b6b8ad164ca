"""Money that people pay: merchants, payments, refunds, and the daily comparison with the platform's bills."""
