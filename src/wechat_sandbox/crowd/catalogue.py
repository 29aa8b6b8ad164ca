"""The small shop people buy in: tea and snacks, prices in fen."""

from dataclasses import dataclass

CURRENCY = "CNY"
BRAND = "青山茶食"
HOST = "https://shop.qingshan.example"


@dataclass(frozen=True, slots=True)
class Product:
    """One article of the shop."""

    product_id: str
    name: str
    category: str
    price_fen: int

    @property
    def sku(self) -> str:
        return f"{self.product_id}-STD"

    @property
    def url(self) -> str:
        return f"{HOST}/products/{self.product_id}"

    def as_item(self, quantity: int, coupon: str = "") -> dict[str, object]:
        """Return the line as the e-commerce specification names it."""
        item: dict[str, object] = {
            "product_id": self.product_id,
            "sku": self.sku,
            "name": self.name,
            "category": self.category,
            "brand": BRAND,
            "price": yuan(self.price_fen),
            "quantity": quantity,
        }
        return item | {"coupon": coupon} if coupon else item


CATEGORIES = ("绿茶", "乌龙茶", "红茶", "花茶", "普洱", "坚果", "糕点", "果干", "茶具")

PRODUCTS = (
    Product("P1001", "明前龙井 50g", "绿茶", 12800),
    Product("P1002", "碧螺春 100g", "绿茶", 9800),
    Product("P1003", "黄山毛峰 100g", "绿茶", 6800),
    Product("P1101", "桂花乌龙 80g", "乌龙茶", 5800),
    Product("P1102", "铁观音 清香 125g", "乌龙茶", 7800),
    Product("P1103", "武夷大红袍 100g", "乌龙茶", 16800),
    Product("P1201", "正山小种 100g", "红茶", 8800),
    Product("P1202", "祁门红茶 100g", "红茶", 7200),
    Product("P1301", "茉莉飘雪 50g", "花茶", 3990),
    Product("P1302", "玫瑰红枣茶 12包", "花茶", 2990),
    Product("P1303", "菊花枸杞茶 15包", "花茶", 2590),
    Product("P1401", "勐海熟普 357g", "普洱", 19800),
    Product("P1402", "小青柑普洱 10粒", "普洱", 6990),
    Product("P2001", "每日坚果 7袋", "坚果", 3580),
    Product("P2002", "碧根果 200g", "坚果", 2890),
    Product("P2003", "盐焗腰果 200g", "坚果", 3290),
    Product("P2101", "绿豆糕 8枚", "糕点", 2680),
    Product("P2102", "凤梨酥 10枚", "糕点", 4580),
    Product("P2103", "抹茶曲奇 150g", "糕点", 1990),
    Product("P2104", "桂花糕 6枚", "糕点", 1880),
    Product("P2201", "芒果干 100g", "果干", 1590),
    Product("P2202", "陈皮梅 120g", "果干", 1290),
    Product("P3001", "便携茶杯", "茶具", 8900),
    Product("P3002", "白瓷盖碗套组", "茶具", 15900),
)
BY_ID = {product.product_id: product for product in PRODUCTS}
BY_CATEGORY = {
    category: tuple(product for product in PRODUCTS if product.category == category)
    for category in CATEGORIES
}


def yuan(fen: int) -> float:
    """Return an amount as the number a shop's script would send: 5800 → 58.0."""
    return fen / 100
