"""What WeChat Pay knows: merchants, money, orders and everything that follows from them."""
