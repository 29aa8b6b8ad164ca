"""How much people spend, at which price level they buy, and how much a discount moves them."""
