from property.segments.conftest import warehouse_client

__all__ = ["warehouse_client"]
